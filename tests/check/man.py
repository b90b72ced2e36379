#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Man pages match the help: the page names every option and every command that `PROGRAM --help` prints. The page and `PROGRAM
COMMAND --help` have the same usage, which names each option of the command or contains OPTION.

Usage: man.py PAGE PROGRAM [ARGUMENT...]     the program is run with the arguments and --help
"""

import re
import subprocess
import sys


def rendered(page):
    """Returns the text of the page without markup. These pages use so little of roff that no formatter is needed."""
    with open(page, encoding="utf-8") as file:
        text = "".join(line for line in file if not line.startswith('.\\"'))
    text = re.sub(r"\\f[BIRP]|\\&|\\,|\\/", "", text)
    return text.replace("\\-", "-").replace("\\(aq", "'")


def options(text):
    """Yields the options at the beginning of help lines, including those after a comma: "-v, --verbose"."""
    for line in text.splitlines():
        head = re.match(r"\s+(-{1,2}[A-Za-z].*)", line)
        if head:
            yield from re.findall(r"(?<![\w-])(--[a-z][a-z-]*|-[A-Za-z])(?![\w-])", re.split(r"\s{2,}", head.group(1))[0])


def commands(text):
    """Yields the first words of the lines below a heading that contains "commands"."""
    inside = False
    for line in text.splitlines():
        if re.match(r"(?=\S).*[Cc]ommands?.*:$", line):
            inside = True
        elif re.match(r"\S", line):
            inside = False
        elif inside and (match := re.match(r"\s{1,6}([a-z][a-z-]+)\b", line)):
            yield match.group(1)


def help_of(program, *words):
    run = subprocess.run([*program, *words, "--help"], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    if run.returncode != 0 or not run.stdout:
        sys.exit(f"{program[0]} --help: exit status {run.returncode}, {run.stderr or 'no output'}")
    return run.stdout


def headings(man):
    """Returns {command: usage} of the section COMMANDS; "governor list" and "governor load NAME" are combined into "list | load
    NAME"."""
    usages = {}
    section = re.search(r"^\.SH COMMANDS$(.*?)^\.SH ", man, re.M | re.S)
    for macro, line in re.findall(r"^\.TP\n\.(B|BR|BI) (.*)$", section.group(1) if section else "", re.M):
        parts = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', line)]
        command, _, usage = (" " if macro == "B" else "").join(parts).partition(" ")
        usages[command] = " | ".join(filter(None, (usages.get(command), usage)))
    return usages


def usage_breaches(page, man, program):
    """Yields differences between usages. The options of a command are those in its help that are missing in the help of the
    program."""
    usages, of_all = headings(man), set(options(help_of(program)))
    for command in commands(help_of(program)):
        text = help_of(program, command)
        usage = re.search(rf"^Usage: \S+ {command}\b *(.*)", text, re.M)[1]
        if usage != usages.get(command):
            yield f'{page}: {command} is "{usages.get(command)}", but its help says "{usage}"'
        for line in text.splitlines():
            names = set(options(line))
            if names - of_all and not any(re.search(rf"(?<![\w-]){name}(?![\w-])|OPTION", usage) for name in names):
                yield f"{command} --help: the usage lacks {', '.join(sorted(names))}"


def main():
    page, program = sys.argv[1], sys.argv[2:]
    text = help_of(program)
    man, words = rendered(page), set(options(text)) | set(commands(text))
    missing = [word for word in sorted(words) if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", man)]
    for word in missing:
        print(f"{page}: does not name {word}")
    breaches = list(usage_breaches(page, man, program))
    print(*breaches, sep="\n", end="\n" if breaches else "")
    if not words:
        print(f"{program[0]} --help names no option: has its format changed?")
    print(f"{len(words)} options and commands, {len(missing)} missing")
    sys.exit(1 if missing or breaches or not words else 0)


if __name__ == "__main__":
    main()
