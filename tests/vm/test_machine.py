#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages about mistakes in machine files and cases; the files of this tree are valid. Needs no virtual machine."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import cached  # noqa: E402
from virtlab import Mistake, case, guest, kernels, machine  # noqa: E402

GOOD = 'description = "d"\narch = "x86_64"\ncpu = "c"\nsmp = "2,sockets=1,cores=1,threads=2"\n'
MSR = f'{GOOD}[[msr]]\nname = "A"\nnumber = 1\n'
PART = f'{GOOD}parts = ["p"]\n'


class Machines(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "parts").mkdir()
        for name, path in (("FOLDER", self.folder), ("PARTS", self.folder / "parts")):
            patch = mock.patch.object(machine, name, path)
            patch.start()
            self.addCleanup(patch.stop)

    def load(self, text, part='[[msr]]\nname = "HWP_REQUEST"\nnumber = 0x774\nfields = { epp = [31, 24] }\n'):
        (self.folder / "m.toml").write_text(text, encoding="utf-8")
        (self.folder / "parts" / "p.toml").write_text(part, encoding="utf-8")
        return machine.load("m")

    def test_good(self):
        self.assertEqual(self.load(MSR).kernels, tuple(kernels.KERNELS))
        found = self.load(f'{PART}[[msr]]\nname = "HWP_REQUEST"\naccess = "ri"\nscope = "core"\nunsteady = ["epp"]').msr("HWP_REQUEST")
        self.assertEqual((found.number, found.writable, found.ignore_writes, found.home(1)), (0x774, True, True, 0))

    def test_mistakes(self):
        cpuid = f"{GOOD}[[cpuid]]\nleaf = 6\n"
        for said, text in {
            "m.toml: cpu is missing": GOOD.replace("cpu =", "#"),
            "m.toml: unknown cpus; known are": GOOD + 'cpus = "1"',
            "m.toml: no arch x86; there are x86_64, aarch64": GOOD.replace("x86_64", "x86"),
            "m.toml: smp = 2, which is not a text": GOOD.replace('"2,sockets=1,cores=1,threads=2"', "2"),
            "m.toml: smp = '2 CPUs'; it is written like": GOOD.replace("2,sockets=1,cores=1,threads=2", "2 CPUs"),
            "m.toml: Expected": GOOD + "x",
            "m.toml: kernels = '6.12', which is not a list of texts": GOOD + 'kernels = "6.12"',
            "kernels = [6.12], which is not": GOOD + "kernels = [6.12]",
            "no kernel 6.13; there are 6.1, 6.12, newest": GOOD + 'kernels = ["6.13"]',
            "kernel_arguments = ['a'], which is not a text": GOOD + 'kernel_arguments = ["a"]',
            "modules = 'msr', which is not a list": GOOD + 'modules = "msr"',
            "parts = 'p', which is not a list": GOOD + 'parts = "p"',
            "no part q; there is p": GOOD + 'parts = ["q"]',
            "msr is for x86_64 alone": MSR.replace("x86_64", "aarch64"),
            "devicetree is for aarch64 alone": GOOD + "[devicetree]",
            "m.toml: msr = {'name': 'A'}, which is not [[tables]]": GOOD + '[msr]\nname = "A"',
            "register A is in no part and has no number": GOOD + '[[msr]]\nname = "A"',
            "register HWP_REQUSET is in no part and has no number; near: HWP_REQUEST": PART + '[[msr]]\nname = "HWP_REQUSET"',
            "register HWP_REQUEST: unsteady: no field b; there is epp": PART + '[[msr]]\nname = "HWP_REQUEST"\nunsteady = ["b"]',
            "register A: it is there twice": MSR + '[[msr]]\nname = "A"',
            "register A: no scope socket; there are cpu, core, package": MSR + 'scope = "socket"',
            "register A: access = 1, which is not a text": MSR + "access = 1",
            "register A: no access wi; there are": MSR + 'access = "wi"',
            "register A: fields = {'a': 7}, which is not": MSR + "fields = { a = 7 }",
            "register A, field b: overlaps": MSR + "fields = { a = [7, 0], b = [8, 7] }",
            "register A: CPUs 'all'; they are written like": MSR + 'values = { "all" = 1 }',
            "register A: CPUs '1-0'; they are": MSR + 'values = { "1-0" = 1 }',
            "register A: width is for counters": MSR + "width = 32",
            "register A, value: 256 is no number of 8 bits": MSR + "rate = 1\nwidth = 8\nvalue = 256",
            "register A: value = True, which is not a whole number": MSR + "value = true",
            "[[cpuid]]: leaf is missing": GOOD + "[[cpuid]]\neax.set = 1",
            "[[cpuid]] leaf 0x6: it changes none of": cpuid,
            "[[cpuid]]: eax = 1, which is not": cpuid + "eax = 1",
            "[[cpuid]] leaf 0x6: unknown sett": cpuid + "eax.sett = 1",
            "[[cpuid]]: cpus = 1, which is not": cpuid + "cpus = 1",
        }.items():
            with self.subTest(said), self.assertRaises(Mistake) as caught:
                self.load(text)
            self.assertIn(said, str(caught.exception))

    def test_mistakes_of_parts(self):
        for said, part in {"p.toml: Expected": "x", "parts/p.toml: unknown cpuid": "[[cpuid]]\nleaf = 6",
                           "parts/p.toml: register A: number is missing": '[[msr]]\nname = "A"'}.items():
            with self.subTest(said), self.assertRaises(Mistake) as caught:
                self.load(PART, part)
            self.assertIn(said, str(caught.exception))


class Cases(unittest.TestCase):
    def test_mistakes(self):
        """Mistakes that would hide a case or prevent it from running."""
        case.load()

        def profiles_set_the_hint(_lab):
            pass
        for said, options in {"intel.py:": {"machines": ["intel-hwp-server"]}, "no machine typo": {"machines": ["typo"]},
                              "machines is 'amd'": {"machines": "amd"}, "it is for no machine": {"machines": []},
                              "no kernel 6.13": {"machines": ["intel-hwp-server"], "kernels": ["6.13"]}}.items():
            with self.subTest(said), self.assertRaisesRegex(Mistake, f"^test_machine.py:.*profiles_set_the_hint.*{said}"):
                case.case(**options)(profiles_set_the_hint)

    def test_each_runs(self):
        """Each case has a kernel on each of its machines."""
        machines = {name: machine.load(name) for name in machine.names()}
        never = [f"{one.place}: {one.name} on {name}" for one in case.load() for name in one.machines
                 if not any(one.fits(machines[name], kernel) for kernel in machines[name].kernels)]
        self.assertEqual(never, [])


class Lost(unittest.TestCase):
    """Lost guests, simulated without a virtual machine."""

    def run_cases(self, **lost):
        """Returns the failures and the messages for the cases a and b, some of which lose the guest (in each boot, or a number of
        times)."""
        def play(_lab, one):
            if lost.get(one.name, 0) > 0:
                lost[one.name] -= 1
                raise guest.Gone("a panic")

        @contextlib.contextmanager
        def boot(*_):
            yield types.SimpleNamespace(machine=here, kernel=here)
        here = types.SimpleNamespace(name="m", release="k")
        cases = [types.SimpleNamespace(name=name, arguments="") for name in "ab"]
        with mock.patch.multiple(case, _play=play, Guest=boot, Lab=mock.Mock()), mock.patch("builtins.print") as said:
            failed = case._boot_and_run(here, here, None, "", "", cases)  # pylint: disable=protected-access
        return failed, [call.args[0].split(" (")[0] for call in said.call_args_list]

    def test_once(self):
        self.assertEqual(self.run_cases(a=1), ([], ["Once more: a on m, kernel m: lost the guest: a panic", "ok   a on m, kernel m",
                                                    "ok   b on m, kernel m"]))

    def test_twice(self):
        failed, said = self.run_cases(a=2)
        self.assertEqual(failed, ["a on m, kernel m", "b on m, kernel m"])
        self.assertEqual(said[1:], ["FAIL a on m, kernel m: lost the guest: a panic", "not run: b"])

    def test_folders(self):
        """A guest's folder is removed only after its program has ended."""
        with tempfile.TemporaryDirectory() as scratch, mock.patch.object(guest, "SHM", pathlib.Path(scratch)):
            first, lock = guest._own_folder()  # pylint: disable=protected-access
            second, other = guest._own_folder()  # pylint: disable=protected-access
            self.assertTrue(first.exists())
            os.close(lock)
            os.close(guest._own_folder()[1])  # pylint: disable=protected-access
            self.assertEqual((first.exists(), second.exists()), (False, True))
            os.close(other)


class Cache(unittest.TestCase):
    def test_full_one_is_only_read(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch) / "thing"
            folder.mkdir()
            (folder / "complete").write_text("key", encoding="utf-8")
            self.assertEqual(cached.once(folder, None, "key"), folder)
            self.assertEqual(os.listdir(scratch), ["thing"])

    def test_home(self):
        program = f"import sys; sys.path.insert(0, {str(HERE.parent / 'lib')!r}); import cached; print(cached.FOLDER)"
        for home, expected in (("/x", "/x/governord"), ("x", f"{pathlib.Path.home()}/.cache/governord")):
            said = subprocess.run([sys.executable, "-Bc", program], env={**os.environ, "XDG_CACHE_HOME": home}, capture_output=True,
                                  text=True, timeout=30, check=True).stdout
            self.assertEqual(said.strip(), expected)


if __name__ == "__main__":
    unittest.main()
