# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks an installed tree for systemd, the bus, polkit, the linker and authors of applications. "test_installed.py BUILD" installs
this build into a temporary folder; "test_installed.py BUILD /" checks what is installed on this machine, as tests/roots does."""

import configparser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve()
NAMES = ("org.governord", "org.freedesktop.UPower.PowerProfiles", "net.hadess.PowerProfiles")
# The folders that these programs read on every distribution, independent of the prefix of governord.
BUS_POLICIES, BUS_SERVICES, POLKIT_ACTIONS = "usr/share/dbus-1/system.d", "usr/share/dbus-1/system-services", "usr/share/polkit-1/actions"
UNITS = ("usr/lib/systemd/system", "lib/systemd/system")  # the same folder on a merged /usr
DOCUMENTS = "usr/share/doc/governord"
# Paths of the build and the source, which no installed file may contain outside of its debug information.
PLACES = [str(BUILD).encode(), str(SOURCE / "core").encode(), str(SOURCE / "base").encode()]


def run(argv, **options):
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=120, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, argv))}: status {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def install(folder):
    run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", folder])


class Installed(unittest.TestCase):
    """Tests that do not change the tree."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="governord-installed-")))
        cls.tree = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else cls.scratch / "tree"
        cls.reference = cls.scratch / "tree"
        install(cls.reference)
        cls.files = sorted(path.relative_to(cls.reference) for path in cls.reference.rglob("*") if not path.is_dir() or path.is_symlink())

    def one(self, *names):
        found = [self.tree / name for name in names if (self.tree / name).exists()]
        self.assertTrue(found, f"none of {names} is in {self.tree}")
        return found[0]

    def unit(self):
        return self.one(*(f"{folder}/governord.service" for folder in UNITS))

    def environment(self):
        """Returns the environment to build and run an application with the tree."""
        where = str(self.tree).rstrip("/")
        folders = ":".join(str(path.parent) for path in self.tree.glob("usr/lib*/**/governord-qos.pc"))
        if not where:
            return dict(os.environ)
        return {**os.environ, "PKG_CONFIG_SYSROOT_DIR": where, "PKG_CONFIG_PATH": folders,
                "LD_LIBRARY_PATH": ":".join(str(path.parent) for path in self.tree.glob("usr/lib*/**/libgovernord.so.0"))}

    def test_every_file_is_there(self):
        for name in self.files:
            self.assertTrue((self.tree / name).exists() or (self.tree / name).is_symlink(), f"{name} is missing")

    def test_links_lead_to_installed_files(self):
        for name in self.files:
            path = self.tree / name
            if path.is_symlink():
                self.assertTrue(path.exists(), f"{name} leads nowhere: {os.readlink(path)}")

    def test_no_file_names_the_build(self):
        for name in self.files:
            path = self.tree / name
            if path.is_symlink() or path.suffix == ".o":  # the BTF of governors has source paths, for messages of the verifier
                continue
            content = path.read_bytes()
            if content.startswith(b"\x7fELF"):
                run(["objcopy", "--strip-debug", path, self.scratch / "stripped"])
                content = (self.scratch / "stripped").read_bytes()
            named = [place.decode() for place in PLACES if place in content]
            self.assertEqual(named, [], f"{name} names where it was built")

    def test_bus_policies(self):
        for name in NAMES:
            policy = self.one(f"{BUS_POLICIES}/{name}.conf")
            owned = [allow.get("own") for allow in xml.etree.ElementTree.parse(policy).iter("allow") if allow.get("own")]
            self.assertEqual(owned, [name])

    def test_bus_services_start_the_unit(self):
        for name in NAMES:
            file = configparser.ConfigParser(interpolation=None)
            file.read(self.one(f"{BUS_SERVICES}/{name}.service"))
            self.assertEqual(file["D-BUS Service"]["Name"], name)
            self.assertEqual(file["D-BUS Service"]["SystemdService"], self.unit().name)

    def test_polkit_actions(self):
        for name in ("org.governord", "power-profiles-daemon"):
            actions = xml.etree.ElementTree.parse(self.one(f"{POLKIT_ACTIONS}/{name}.policy")).iter("action")
            self.assertTrue([action.get("id") for action in actions], f"{name}.policy has no action")

    def test_unit_starts_an_installed_program(self):
        text = self.unit().read_text(encoding="utf-8")
        programs = re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE)
        self.assertEqual(len(programs), 1)
        self.assertTrue(os.access(self.tree / programs[0].lstrip("/"), os.X_OK), f"{programs[0]} is no program")
        for page, section in re.findall(r"man:(\S+)\((\d)\)", text):
            self.one(f"usr/share/man/man{section}/{page}.{section}")

    def test_unit_has_limits(self):
        lines = self.unit().read_text(encoding="utf-8").splitlines()
        for line in ("TasksMax=8", "MemoryHigh=256M", "MemoryMax=512M", "NoExecPaths=/", "RuntimeDirectoryMode=0700"):
            self.assertIn(line, lines)

    def test_program_knows_the_tree(self):
        """The installed programs run, and all drivers of the build are installed except for those of the tests and examples."""
        plan = run([self.one("usr/libexec/governord"), "--help"])
        self.assertIn("--driver-dir", plan)
        for program in ("usr/bin/governorctl", "usr/bin/powerprofilesctl"):
            run([self.one(program), "--version"] if program.endswith("governorctl") else [self.one(program), "version", "--help"])
        drivers = [path.name for path in self.tree.glob("usr/lib*/**/governord/drivers/*.so")]
        built = [path.name for path in (BUILD / "drivers").glob("*.so")]
        self.assertEqual(sorted(drivers), sorted(set(built) - {"example.so", "fake.so"}))

    def test_libraries_are_where_the_linker_looks(self):
        """On Debian the library is in lib/MULTIARCH, because neither ld.so nor pkg-config reads lib64."""
        library = self.one(*(path.relative_to(self.tree) for path in self.tree.glob("usr/lib*/**/libgovernord.so.0")))
        if pathlib.Path("/etc/debian_version").exists():
            self.assertEqual(library.parent.relative_to(self.tree / "usr/lib").parts, (run(["cc", "-print-multiarch"]).strip(),))

    def example(self):
        """Returns the example of libgovernord(3) as a complete program."""
        page = self.one("usr/share/man/man3/libgovernord.3").read_text(encoding="utf-8")
        code = re.search(r"^\.SH EXAMPLE\n(?:.*\n)*?\.nf\n((?:.*\n)*?)\.fi", page, re.MULTILINE)[1].replace("\\e", "\\").replace("\\-", "-")
        return f"""#include <stdbool.h>
#include <stdint.h>
#include <governord/qos.h>

struct request {{ uint64_t arrived_ns; }};
static int requests = 3;
static bool next_request(struct request *request) {{ request->arrived_ns = gov_qos_begin(NULL); return requests-- > 0; }}
static void serve(struct request *request) {{ (void) request; }}

int main(void) {{
        struct request request;
{code}
        return qos != NULL;
}}
"""

    def test_example_of_the_man_page(self):
        source, program = self.scratch / "example.c", self.scratch / "example"
        source.write_text(self.example(), encoding="utf-8")
        flags = run(["pkg-config", "--cflags", "--libs", "governord-qos"], env=self.environment()).split()
        run(["cc", "-Wall", "-Wextra", "-Werror", source, "-o", program, *flags])
        run([program], env=self.environment())

    def test_installed_examples(self):
        flags = run(["pkg-config", "--cflags", "--libs", "governord-qos"], env=self.environment()).split()
        for source in sorted((self.tree / DOCUMENTS / "examples/qos").glob("*.c")):
            run(["cc", "-D_GNU_SOURCE", "-Wall", source, "-o", self.scratch / "example", *flags])

    def test_a_driver(self):
        """A driver can be built as in step 8 of docs/writing-a-driver.md, also with a staged tree, and its folder is known to
        pkg-config."""
        text = (self.tree / DOCUMENTS / "drivers/example/example.c").read_text(encoding="utf-8")
        source = self.scratch / "mynpu.c"
        source.write_text(text.replace('"include/governord/driver.h"', "<governord/driver.h>").replace('"example"', '"mynpu"'), encoding="utf-8")
        flags = run(["pkg-config", "--cflags", "governord-driver"], env=self.environment()).split()
        run(["cc", *flags, "-D_GNU_SOURCE", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden", "-o", self.scratch / "mynpu.so", source])
        folder = run(["pkg-config", "--variable=driverdir", "governord-driver"], env=self.environment()).strip()
        self.assertTrue((pathlib.Path(folder) / "cpufreq.so").exists(), folder)

    def test_pkg_config_of_a_moved_tree(self):
        flags = run(["pkg-config", "--define-prefix", "--cflags", "governord-qos"],
                    env={**self.environment(), "PKG_CONFIG_SYSROOT_DIR": ""})
        self.assertNotIn(str(BUILD), flags)

    def test_python_binding(self):
        binding = self.one(*(path.relative_to(self.tree) for path in self.tree.glob("usr/lib*/python3*/**/governord_qos.py")))
        script = "import governord_qos\nwith governord_qos.Qos(target_us=2000) as qos:\n    with qos.work():\n        pass\n"
        run(["/usr/bin/python3", "-c", script], env={**self.environment(), "PYTHONPATH": str(binding.parent), "PYTHONDONTWRITEBYTECODE": "1"})

    def test_links_in_documents(self):
        """Links of an installed document to other files of the project are valid."""
        for document in sorted((self.tree / DOCUMENTS).rglob("*.md")):
            for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
                if "://" not in link:
                    self.assertTrue((document.parent / link).exists(), f"{document.relative_to(self.tree)} links to {link}")

    def test_documents_for_authors(self):
        for name in ("docs/writing-a-driver.md", "docs/writing-a-governor.md", "docs/other-languages.md", "docs/vm-lab.md",
                     "docs/dbus-api.md", "docs/ARCHITECTURE.md", "drivers/example/example.c", "tools/capture-machine"):
            self.one(f"{DOCUMENTS}/{name}")
        for page in "governord.8", "governorctl.1", "powerprofilesctl.1", "governord.conf.5", "governord-knobs.7", "libgovernord.3":
            self.one(f"usr/share/man/man{page[-1]}/{page}")


def options():
    return {one["name"]: one["value"] for one in json.loads(run(["meson", "introspect", BUILD, "--buildoptions"]))}


if __name__ == "__main__":
    prefix = options()["prefix"]
    if prefix != "/usr":
        print(f"skipped: this build's prefix is {prefix}, and what it installs would not be read by the bus and polkit")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
