#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The polkit rules grant org.governord.open-session only to the users and groups that they name, and leave all other questions to
other rules. The files are installed in the folders of polkit and systemd-sysusers.

Usage: polkit_rules.py SOURCE BUILD [PREFIX]. The rules run in the engine that polkit uses (duktape), else in node.
"""

import ctypes
import ctypes.util
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

# The objects that polkit provides for rules, and a function that evaluates a question: the first rule with an answer decides.
ENVIRONMENT = """
var rules = [];
var polkit = { Result: { NO: "no", YES: "yes", AUTH_SELF: "auth_self", AUTH_ADMIN: "auth_admin", NOT_HANDLED: null },
               addRule: function(rule) { rules.push(rule); }, addAdminRule: function(rule) { throw "an admin rule"; },
               log: function(text) { throw "a log"; }, spawn: function(argv) { throw "a program"; } };
function ask(id, user, groups, seat) {
    var subject = { pid: 1, user: user, groups: groups, seat: seat, session: "", local: seat != "", active: seat != "",
                    isInGroup: function(group) { return groups.indexOf(group) >= 0; }, isInNetGroup: function() { return false; } };
    for (var i = 0; i < rules.length; i++) {
        var answer = rules[i]({ id: id, lookup: function(key) { return ""; } }, subject);
        if (answer)
            return answer;
    }
    return "not handled";
}
"""


def in_duktape(script):
    name = ctypes.util.find_library("duktape")
    if not name:
        return None
    duk = ctypes.CDLL(name)
    duk.duk_create_heap.restype = ctypes.c_void_p
    duk.duk_create_heap.argtypes = [ctypes.c_void_p] * 5
    duk.duk_eval_raw.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint]
    duk.duk_safe_to_lstring.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    duk.duk_safe_to_lstring.restype = ctypes.c_char_p
    duk.duk_destroy_heap.argtypes = [ctypes.c_void_p]
    heap = duk.duk_create_heap(None, None, None, None, None)
    try:
        # duk_peval_string() of duktape 2: eval, safe, source not kept, length by strlen, no file name
        failed = duk.duk_eval_raw(heap, script.encode(), 0, 1 << 3 | 1 << 7 | 1 << 9 | 1 << 10 | 1 << 11)
        text = duk.duk_safe_to_lstring(heap, -1, None).decode()
    finally:
        duk.duk_destroy_heap(heap)
    if failed:
        sys.exit(f"duktape: {text}")
    return text


def in_node(script):
    node = shutil.which("node") or shutil.which("nodejs")
    return node and subprocess.run([node, "-p", script], capture_output=True, text=True, check=True).stdout.strip()


def answers(rules, questions):
    """Returns the answer of the rules to each question."""
    calls = ", ".join("ask(" + ", ".join(json.dumps(part) for part in question) + ")" for question in questions)
    script = f"{ENVIRONMENT}\n{rules}\nJSON.stringify([{calls}])"
    text = in_duktape(script) or in_node(script)
    return text and json.loads(text)


def questions(source):
    ids = [action.get("id") for path in sorted((source / "packaging/polkit").glob("*.policy"))
           for action in xml.etree.ElementTree.parse(path).iter("action")]
    ids += ["org.freedesktop.systemd1.manage-units", "org.governord.open-session.x", "org.governord", ""]
    return list(itertools.product(ids, ["root", "www-data", "anna", "governord-session"],
                                  [[], ["users"], ["governord-session"], ["users", "governord-session"], ["governord-sessions"]], ["", "seat0"]))


def check_rules(source, breaches):
    asked = questions(source)
    grants = {
        "polkit/rules/50-governord-session.rules": lambda user, groups: "governord-session" in groups,
        "examples/49-governord-service.rules": lambda user, groups: user == "www-data",
    }
    for name, granted in grants.items():
        given = answers((source / "packaging" / name).read_text(encoding="utf-8"), asked)
        if given is None:
            return False
        for (action, user, groups, seat), answer in zip(asked, given, strict=True):
            expected = "yes" if action == "org.governord.open-session" and granted(user, groups) else "not handled"
            if answer != expected:
                breaches.append(f"{name}: {action} of {user} in {groups}, seat '{seat}': {answer}, not {expected}")
    return True


def check_places(source, build, prefix, breaches):
    installed = json.loads(subprocess.run(["meson", "introspect", "--installed", build], capture_output=True, text=True, check=True).stdout)
    places = {str(pathlib.Path(made).relative_to(source)): place for made, place in installed.items() if made.startswith(str(source) + "/")}
    for made, place in {"packaging/polkit/rules/50-governord-session.rules": "share/polkit-1/rules.d/50-governord-session.rules",
                        "packaging/sysusers.d/governord.conf": "lib/sysusers.d/governord.conf"}.items():
        if places.get(made) != f"{prefix}/{place}":
            breaches.append(f"{made}: is installed as {places.get(made)}, not as {prefix}/{place}")


def check_group(source, breaches):
    lines = re.findall(r"^[^#\n].*$", (source / "packaging/sysusers.d/governord.conf").read_text(encoding="utf-8"), re.M)
    if [line.split() for line in lines] != [["g", "governord-session", "-"]]:
        breaches.append(f"packaging/sysusers.d/governord.conf: is to make the group governord-session and nothing else, has {lines}")


def main():
    source, build, prefix = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
    breaches = []
    check_group(source, breaches)
    check_places(source, build, prefix, breaches)
    ran = check_rules(source, breaches)
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{len(breaches)} breaches" + ("" if ran else "; neither duktape nor node is here, so the rules were not run"))
    sys.exit(1 if breaches else 0 if ran else 77)


if __name__ == "__main__":
    main()
