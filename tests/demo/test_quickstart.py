#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""./quickstart in a copy of the files that it reads, with fakes of the programs that install and build: the order and the arguments
of its calls, and its messages."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
MISSING = "dpkg-dev"  # of packaging/debian-build-deps.txt

# Each fake program records its arguments.
FAKES = {
    "apt-get": """case $* in
    *--assume-no*) echo '0 upgraded, 126 newly installed, 0 to remove'; echo 'Need to get 146 MB of archives.'; exit 1 ;;
    *install*) touch "$CALLS.installed" ;;
    esac""",
    "dpkg-query": f"""case $* in *" {MISSING}") [ -e "$CALLS.installed" ] || exit 1 ;; esac
    echo installed""",
    "meson": """case $1 in
    setup) touch "$2/build.ninja"; cat "$CALLS.default" > "$CALLS.prefix" ;;
    configure) echo "${3#-Dprefix=}" > "$CALLS.prefix" ;;
    introspect) echo "[{\\"name\\": \\"prefix\\", \\"value\\": \\"$(cat "$CALLS.prefix")\\", \\"type\\": \\"string\\"}]" ;;
    esac""",
    "ninja": """case $* in *" -n"*) printf '[1/3] a\\n[2/3] b\\n[3/3] c\\n' ;; esac""",
    "id": 'echo "$WHO"',
}


class Quickstart(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.calls = self.folder / "calls"
        self.tree = self.folder / "tree"
        for name in ("quickstart", "packaging/debian-build-deps.txt", "packaging/debian-lab-deps.txt"):
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SOURCE / name, self.tree / name)
        (self.tree / "tests/machines").mkdir(parents=True)
        for machine in (SOURCE / "tests/machines").glob("*.tree"):
            (self.tree / "tests/machines" / machine.name).touch()
        self.program(self.tree / "tests/demo/story", "echo the demo runs")
        for name, text in FAKES.items():
            self.program(self.folder / "bin" / name, text)
        self.environment = dict(os.environ, PATH=f"{self.folder}/bin:/usr/bin:/bin", CALLS=str(self.calls), WHO="0")
        self.default_prefix("/usr")

    def program(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{path.name} $*" >> "$CALLS"\n{text}\n')
        path.chmod(0o755)

    def default_prefix(self, prefix):
        pathlib.Path(f"{self.calls}.default").write_text(prefix + "\n")

    def quickstart(self, *words):
        return subprocess.run([self.tree / "quickstart", *words], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120)

    def called(self, *beginnings):
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [line for line in lines if line.startswith(tuple(beginnings))]

    def test_demo_on_a_bare_machine(self):
        """Missing packages are installed, and their sizes are printed; the targets of the demo are built, and the number of steps
        is printed; then the demo runs."""
        done = self.quickstart("demo", "--machine", "intel-server")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = done.stdout.splitlines()
        for words in ("126 newly installed", "Need to get 146 MB of archives.", "Building in ./build: 3 steps, about 1 min"):
            self.assertEqual(sum(words in line for line in said), 1, done.stdout)
        install = self.called("apt-get install -y")
        self.assertEqual([line.split()[-1] for line in install], [MISSING])
        builds = [line for line in self.called("ninja") if " -n " not in line and not line.endswith("build.ninja")]
        self.assertEqual([line.split()[-1] for line in builds], ["demo"])
        order = [line.split()[0] for line in self.called("apt-get install -y", "meson setup", "story")]
        self.assertEqual(order, ["apt-get", "meson", "story"])
        self.assertEqual(self.called("story"), [f"story {self.tree}/build --machine intel-server"])

    def test_packages_are_missing_for_a_user(self):
        self.environment["WHO"] = "1000"
        done = self.quickstart("demo")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"apt-get install -y --no-install-recommends {MISSING}", done.stderr)
        self.assertEqual(self.called("apt-get", "meson", "ninja", "story"), [])

    def test_prefix(self):
        """A build folder with another prefix is configured for the prefix that the bus and polkit read."""
        self.default_prefix("/usr/local")
        done = self.quickstart("demo")
        self.assertIn("it is /usr from now on", done.stdout)
        self.assertEqual(self.called("meson configure"), [f"meson configure {self.tree}/build -Dprefix=/usr"])
        self.calls.unlink()
        self.assertNotIn("prefix", self.quickstart("demo").stdout)
        self.assertEqual(self.called("meson configure", "meson setup"), [])

    def test_wrong_machine(self):
        """An unknown machine is reported before anything is installed or built. Machines of the virtual lab are not suggested."""
        for words in (("--machine", "nosuch"), ("--machine=nosuch",)):
            done = self.quickstart("demo", *words)
            self.assertEqual(done.returncode, 2)
            self.assertIn('there is no machine "nosuch"', done.stderr)
            self.assertIn("  intel-client-hwp\n", done.stderr)
            self.assertNotRegex(done.stderr, "lab-|bench-")
        self.assertEqual(self.called("apt-get", "dpkg-query", "meson", "ninja", "story"), [])

    def test_wrong_words(self):
        for words in ((), ("help",)):
            self.assertEqual((self.quickstart(*words).returncode, self.quickstart(*words).stderr), (0, ""))
        self.assertEqual(self.quickstart("dmeo").returncode, 2)
        self.environment["WHO"] = "1000"
        for word in ("install", "remove"):
            self.assertIn("needs root", self.quickstart(word).stderr)
        self.assertEqual(self.called("apt-get", "meson", "ninja"), [])


class Target(unittest.TestCase):
    def test_demo_builds_no_tests(self):
        """In the real build, the target "demo" does not include tests, benchmarks and example drivers."""
        build = pathlib.Path(os.environ.get("GOVERNORD_BUILD", SOURCE / "build"))
        done = subprocess.run(["ninja", "-C", build, "-t", "inputs", "demo"], capture_output=True, text=True, timeout=120, check=True)
        objects = [line for line in done.stdout.splitlines() if line.endswith(".o")]
        self.assertEqual([name for name in objects if name.startswith("governord.p/")], ["governord.p/daemon_main.c.o", "governord.p/daemon_options.c.o"])
        self.assertTrue(any(name.startswith("drivers/intel.so.p/") for name in objects))
        self.assertEqual([name for name in objects if name.startswith(("tests/unit/", "tests/fuzz/", "bench/", "drivers/example", "drivers/fake"))], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
