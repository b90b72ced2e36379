#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules of this project that a compiler does not check: which folders may include which headers, which files may open files,
licences.

Usage: layers.py [SOURCE]     prints one line for each breach, exits 1 if there is any.
"""

import pathlib
import re
import sys

# Folder -> folders whose headers it may include, as docs/ARCHITECTURE.md states.
MAY_INCLUDE = {
    "include": {"include"},
    "base": {"base"},
    "drivers": {"include", "base", "drivers"},  # in drivers/ only drivers/common/ and the file's own folder
    "core": {"include", "base", "core"},
    "bpf": {"include", "base", "core", "bpf"},
    "dbus": {"include", "base", "core", "dbus"},
    "client": {"include", "client"},
    "tools": {"include", "base", "tools"},
    "daemon": {"include", "base", "core", "bpf", "dbus", "daemon"},
}
# The layers in a folder, from the lowest to the highest. A file may include headers of its own subfolder and of lower layers, but
# not of other subfolders of its layer. "" stands for files in the folder itself.
LAYERS = {
    "core": (("config",), ("machine",), ("decide",), ("write",), ("watch",), ("sessions",), ("manager",)),
    "dbus": (("bus",), ("peers", "api", "ppd"), ("",)),
    "tools": (("common",), ("top",), ("ppd",), ("ctl",)),
}
GENERATED = {"build-config.h"}

# Headers of libraries that only some folders use: pattern -> folders or files that may include them.
LIBRARY_HEADERS = {
    r"systemd/sd-bus(-vtable|-protocol)?\.h": ("dbus/", "tools/", "client/", "daemon/"),
    r"(bpf|linux/bpf)(/.*|\.h)": ("bpf/", "client/kick.c"),
    r"(lib)?udev\.h": (),
    r"(glib|gio|gobject).*\.h": (),
    r"pthread\.h|threads\.h": ("client/handle.h", "bpf/ticker.c"),
}

# base/attr.c opens files below a root descriptor, so that no path leads out of a simulated machine. Any other file needs a reason
# to open files.
OPENS = re.compile(r"(?<![\w>.])(open|open64|openat|openat2|creat|fopen|fopen64|freopen|opendir|scandir|nftw|fts_open)\s*\(")
MAY_OPEN = {
    "base/attr.c": "the one place for sysfs and procfs",
    "client/clock.c": "in the application's process: its own time namespace",
    "bpf/engines.c": "the real root, O_PATH: processes are always those of the running machine",
    "bpf/user-cpus.c": "a folder of /proc, below the root descriptor",
    "core/config/config-file.c": "configuration, with a check of its owner",
    "core/write/ledger.c": "the ledger, in the runtime directory",
    "core/manager/life.c": "the root directory itself, O_PATH",
    "core/machine/plugin.c": "driver files: opened once, checked, then loaded through the same descriptor",
    "core/watch/apps.c": "programs that rules name: opened once, checked, then marked and read through the same descriptor",
    "core/watch/process.c": "the real root, O_PATH: processes are always those of the running machine",
    "core/watch/program.c": "the real root, O_PATH: as above",
    "core/manager/state.c": "choices, in the state directory",
    "drivers/example/example.c": "shows what a driver outside of this tree does: the public header and libc, nothing of base/",
    "drivers/amd/hsmp.c": "a device with an ioctl, /dev/hsmp below the root",
    "drivers/platform/latency.c": "a device that is held open: /dev/cpu_dma_latency below the root",
    "drivers/platform/watch.c": "a folder, O_PATH, to watch it",
}

# Calls that only these files may make.
CALLS = {
    r"dlopen|dlmopen": ("core/machine/plugin.c",),
    r"pthread_create|thrd_create": ("client/link.c", "bpf/ticker.c"),
    r"atoi|atol|atoll|strtol|strtoul|strtoll|strtoull": ("base/parse.c", "drivers/example/example.c", "tools/common/manager.c"),
    r"system|popen": (),
    # The reply of dbus-daemon 1.16 contains a descriptor of the sender. If no descriptor is free, sd-bus closes the connection.
    # Therefore dbus/bus/caller.c requests only numbers.
    r"sd_bus_query_sender_creds|sd_bus_get_name_creds": (),
}

# Calls that only one file in core/ may make, because it measures the duration of driver calls, or because only it writes, saves and
# reports.
ONE_CALLER = (
    (re.compile(r"driver->(probe|remove|info|count|describe|read|write|cpu|get_fd|dispatch)\s*\("), "core/machine/access.c"),
    (re.compile(r"^ .*?(?<![\w>.])(apply|state_save)\s*\(", re.M), "core/manager/settle.c"),
    (re.compile(r"listener(?:\.|->)(changed|request_added|request_ended|knobs_changed)\s*\("), "core/manager/settle.c"),
)

LICENCES = (  # the first prefix that matches
    ("include/", "LGPL-2.1-or-later"),
    ("client/", "LGPL-2.1-or-later"),
    ("base/utf8.", "LGPL-2.1-or-later"),  # linked into libgovernord
    ("bpf/", "GPL-2.0-only"),
    ("", "GPL-2.0-or-later"),
)
SOURCE_NAMES = re.compile(r".*\.(c|h|cc|py|sh|build|in|conf|service|policy|xml|bash|fish|[1-8])|meson_options\.txt|quickstart|run|_\w+")
NOT_SOURCES = re.compile(r"(build[^/]*|\.git|LICENSES|__pycache__|shared)/|tests/fuzz/\w+/.*|.*\.(md|txt)$")
C_FILE = re.compile(r".*\.[ch]$")

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def blank(match):
    """Replaces a match by blanks, so that line numbers stay the same."""
    return re.sub(r"[^\n]", " ", match.group())


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_include(name, header):
    """Returns the reason why the file must not include the quoted header, or None."""
    if header in GENERATED:
        return None
    folder, target = name.split("/")[0], header.split("/")[0]
    if folder == "client" and header == "base/utf8.h":
        return None
    if "/" not in header:
        return "name it from the root of the project"
    if target not in MAY_INCLUDE[folder]:
        return f"{folder}/ may include {', '.join(sorted(x + '/' for x in MAY_INCLUDE[folder]))} only"
    if folder == "drivers" and target == "drivers":
        own = name.split("/")[1]
        if header.split("/")[1] not in ("common", own):
            return "drivers do not include each other"
    if folder == target and folder in LAYERS:
        return check_layer(folder, subfolder(name), subfolder(header))
    return None


def subfolder(path):
    return path.split("/")[1] if path.count("/") > 1 else ""


def check_layer(folder, own, other):
    """Returns the reason why a file of folder/own/ must not include a header of folder/other/, or None."""
    rows = LAYERS[folder]
    own_row, other_row = (next(i for i, row in enumerate(rows) if place in row) for place in (own, other))
    own, other = (f"{folder}/{place}".rstrip("/") + "/" for place in (own, other))
    if own_row < other_row:
        return f"{own} is below {other}"
    if own_row == other_row and own != other:
        return f"{own} and {other} do not know each other"
    return None


def check_library_header(name, header):
    for pattern, places in LIBRARY_HEADERS.items():
        if re.fullmatch(pattern, header) and not name.startswith(tuple(places)):
            return f"only for {', '.join(places) or 'no file'}"
    return None


def check_includes(name, text):
    without_comments = COMMENT.sub(blank, text)
    for match in INCLUDE.finditer(without_comments):
        check = check_include if match.group(1) == '"' else check_library_header
        reason = check(name, match.group(2))
        if reason:
            yield line_of(text, match.start()), f"includes {match.group(2)}: {reason}"


def check_calls(name, text, opened):
    code = STRING.sub(blank, COMMENT.sub(blank, text))
    for match in OPENS.finditer(code):
        if name.startswith("tools/"):
            continue  # a program of the user, which opens files with the user's rights
        opened.add(name)
        if name not in MAY_OPEN:
            yield line_of(code, match.start()), f"calls {match.group(1)}(): use base/attr.h, or give a reason in MAY_OPEN"
    for calls, places in CALLS.items():
        for match in re.finditer(rf"(?<![\w>.])({calls})\s*\(", code):
            if name not in places:
                yield line_of(code, match.start()), f"calls {match.group(1)}(): only {', '.join(places) or 'no file'} may"


def check_one_caller(name, text):
    code = STRING.sub(blank, COMMENT.sub(blank, text))
    for calls, caller in ONE_CALLER:
        for match in calls.finditer(code):
            if name.startswith("core/") and name != caller:
                yield line_of(code, match.start()), f"calls {match.group(1)}(): only {caller} may"


def check_licence(name, text):
    wanted = "GPL-2.0-only" if name.endswith(".bpf.c") else next(licence for prefix, licence in LICENCES if name.startswith(prefix))
    match = re.search(r"SPDX-License-Identifier: ([\w.-]+)", "\n".join(text.split("\n")[:5]))
    if not match:
        yield 1, "no SPDX-License-Identifier in the first lines"
    elif match.group(1) != wanted:
        yield 1, f"licence {match.group(1)}, here it is {wanted}"


def check_place_of_test(root, name):
    """The folders in tests/unit/ correspond to those of the files that are tested."""
    path = pathlib.PurePath(name)
    if name.startswith("tests/unit/") and path.match("test-*.c"):
        tested = path.parent.relative_to("tests/unit")
        if tested == pathlib.PurePath() or not (root / tested).is_dir():
            yield 1, f"there is no folder {tested} whose unit it could test"


def check_file(name, text, opened):
    if not (name.startswith("bpf/") and not name.endswith(".bpf.c")):
        yield from check_licence(name, text)
    if not C_FILE.fullmatch(name):
        return
    if name.split("/")[0] in MAY_INCLUDE:
        yield from check_includes(name, text)
        yield from check_calls(name, text, opened)
        yield from check_one_caller(name, text)


def sources(root):
    builds = [path.parent for path in root.glob("*/meson-private")]
    for path in sorted(root.rglob("*")):
        if any(build in path.parents for build in builds):
            continue
        name = path.relative_to(root).as_posix()
        if path.is_file() and not path.is_symlink() and not NOT_SOURCES.match(name) and SOURCE_NAMES.fullmatch(path.name):
            yield name, path


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    opened, breaches, n = set(), 0, 0

    for name, path in sources(root):
        n += 1
        for line, reason in (*check_file(name, path.read_text(encoding="utf-8", errors="replace"), opened), *check_place_of_test(root, name)):
            print(f"{name}:{line}: {reason}")
            breaches += 1
    places = {place for table in (LIBRARY_HEADERS, CALLS) for places in table.values() for place in places}
    places |= {caller for _, caller in ONE_CALLER}
    for place in sorted(places):
        if not (root / place).exists():
            print(f"{place}: a rule names it, and it does not exist")
            breaches += 1
    for name in sorted(set(MAY_OPEN) - opened):
        print(f"{name}: is in MAY_OPEN, but opens nothing any more")
        breaches += 1
    print(f"{n} files, {breaches} breaches")
    return 1 if breaches or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
