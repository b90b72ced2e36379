#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of docs/other-languages.md work as described, as far as their languages are installed."""

import os
import re
import shutil
import subprocess
import unittest

from daemoncase import *  # noqa: F403

PAGE = (testbus.SOURCE / "docs" / "other-languages.md").read_text(encoding="utf-8")


def example(after):
    """Returns the first block of code after this text."""
    return re.sub(r"^    ", "", re.search(r"(?:^(?:    .*)?\n)*^    .*\n", PAGE[PAGE.index(after) + len(after):], re.M)[0], flags=re.M)


# Reports once as soon as the session is open.
RUST_MAIN = """
fn main() {
    let mut options = std::mem::MaybeUninit::<Options>::uninit();
    let mut qos: *mut c_void = std::ptr::null_mut();
    unsafe {
        assert_eq!(gov_qos_options_init(options.as_mut_ptr(), std::mem::size_of::<Options>() as u32, 2000), 0);
        assert_eq!(gov_qos_open(options.as_ptr(), &mut qos), 0);
        let begin = loop {
            match gov_qos_begin(qos) { 0 => std::thread::yield_now(), ns => break ns }
        };
        gov_qos_end(qos, begin);
        println!("reported");
        let _ = std::io::stdin().read_line(&mut String::new());
        gov_qos_close(qos);
    }
}
"""


class Languages(DaemonCase):
    OPTIONS = ("--no-bpf",)

    def sessions(self):
        return plain(self.client().call(GOVERNORD, GOVERNORD_PATH, MANAGER, "ListSessions"))

    def wait_samples(self, n):
        """Reports and this query use two connections, so the service may answer the query before it handles a report."""
        [path] = [row[0] for row in self.sessions()]
        wait_for(lambda: plain(self.bus.get_property(GOVERNORD, path, "org.governord.Session1", "Samples")) == n, what=f"{n} samples")

    def say(self, argv, **environment):
        """Starts a program that prints a line when the example is done and then keeps its connection until its input ends. Returns
        the line."""
        process = subprocess.Popen(argv, env={**os.environ, **self.bus.env, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        return process.stdout.readline()

    def test_dbus_python(self):
        code = example("In Python with dbus-python, without libgovernord:\n")
        self.assertEqual(self.say(["/usr/bin/python3", "-c", code + "print(path, flush=True)\nimport sys\nsys.stdin.read()\n"])[:22],
                         "/org/governord/session")
        self.wait_samples(3)

    @unittest.skipUnless(shutil.which("rustc"), "no rustc")
    @unittest.skipIf("GOVERNORD_SANITIZED" in os.environ, "the library needs the sanitizer's runtime, which rustc does not link")
    def test_rust(self):
        version = re.search(r"\d+\.(\d+)", subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout)
        code = example("Rust, with bindgen or with these declarations (for compilers before 1.82, write `extern` without `unsafe`):\n")
        if int(version[1]) < 82:
            code = code.replace("unsafe extern", "extern")
        source, build = self.folder / "session.rs", testbus.program("libgovernord.so.0", "client").parent
        source.write_text(code + RUST_MAIN)
        subprocess.run(["rustc", "--edition=2021", "-L", build, "-o", self.folder / "session", source], check=True, timeout=120)
        self.assertEqual(self.say([self.folder / "session"], LD_LIBRARY_PATH=str(build)), "reported\n")
        self.wait_samples(1)

    def test_busctl(self):
        line = example("because the session ends as soon as busctl exits:\n").strip()
        done = subprocess.run(line.split()[:1] + ["--system"] + line.replace("'", "").split()[1:], env={**os.environ, **self.bus.env},
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertRegex(done.stdout, '^oa{sv} "/org/governord/session/', done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
