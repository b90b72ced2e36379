# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian packages of any suite and architecture, downloaded and unpacked into a folder: never installed, and without a change to
the package lists of the machine that runs the tests. Each suite has an apt of its own, which checks signatures as any other.

    folder = debian.Suite("trixie").unpack(["power-profiles-daemon"], cached.FOLDER / "ppd")
    source = debian.Suite("bookworm", source=True).source("qemu", scratch)
"""

import os
import pathlib
import subprocess
import tempfile
import time

import cached

MIRROR = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITES = {name: [(MIRROR, name), (MIRROR, f"{name}-updates"), (SECURITY, f"{name}-security")] for name in ("bookworm", "trixie")}
SUITES["sid"] = [(MIRROR, "sid")]
BACKPORTS = "-backports"  # of a suite above, whose packages they need as well

DAY = 24 * 60 * 60
SECONDS = {"update": 300, "install": 60, "download": 600, "source": 600}  # the longest that apt-get may take

# Small rather than fast: results are kept, so that apt is seldom asked twice. An empty status file says that nothing is installed.
CONFIGURATION = """Dir::State "{folder}/state"; Dir::State::status "{folder}/state/status";
Dir::Cache "{folder}/cache"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "{folder}/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "{arch}"; APT::Architectures {{ "{arch}"; }};
APT::Sandbox::User "root"; APT::Install-Recommends "false"; APT::Update::Error-Mode "any";
Acquire::Languages "none"; Acquire::GzipIndexes "true"; Acquire::Retries "1"; Acquire::http::Timeout "20";
"""


class Unavailable(Exception):
    """Something cannot be had here; the text says why, in apt's words where they are its own."""


def _run(argv, seconds, **options):
    """What it printed."""
    program = argv[0]
    try:
        return subprocess.run(argv, check=True, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
                              timeout=seconds, **options).stdout
    except FileNotFoundError as error:
        raise Unavailable(f"no program {program} here") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{program} took longer than {seconds} s") from error
    except subprocess.CalledProcessError as error:
        lines = [line.strip() for line in error.stderr.splitlines() if line.strip()]
        # apt's first error names the cause; later ones only say that there was one
        reason = next((line for line in lines if line.startswith("E: ")), lines[-1] if lines else str(error))
        raise Unavailable(f"{' '.join(argv[:2])}: {reason}") from error


class Suite:
    """The packages of one suite, for one architecture; or (source) its source packages, for source() alone."""

    def __init__(self, name, arch="amd64", source=False):
        self.name, self.arch = name, arch
        base = name.removesuffix(BACKPORTS)
        places = SUITES[base] + ([(MIRROR, name)] if name != base else [])
        self.folder = cached.FOLDER / "apt" / f"{name}-{'source' if source else arch}"
        self.sources = "".join(f"{'deb-src' if source else 'deb'} [signed-by={KEYRING}] {mirror} {suite} main\n"
                               for mirror, suite in places)
        # Backports are not taken unless asked for. (For other suites this would be wrong: it would go before their updates.)
        self.options = ["-q", "-t", name] if name != base else ["-q"]
        self.env = {**os.environ, "APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C"}

    def __str__(self):
        return f"{self.name} ({self.arch})"

    def update(self):
        """Fetches the package lists, at most once a day. Old ones will do where there is no network."""
        stamp = self.folder / "updated"
        with cached.locked(self.folder):
            if stamp.exists() and time.time() - stamp.stat().st_mtime < DAY:
                return
            for sub in ("state/lists/partial", "cache/archives/partial"):
                (self.folder / sub).mkdir(parents=True, exist_ok=True)
            (self.folder / "state/status").touch()
            (self.folder / "sources.list").write_text(self.sources, encoding="utf-8")
            (self.folder / "apt.conf").write_text(CONFIGURATION.format(folder=self.folder, arch=self.arch), encoding="utf-8")
            try:
                _run(["apt-get", "update", "-q"], SECONDS["update"], env=self.env)
                stamp.touch()
            except Unavailable:
                if not stamp.exists():
                    raise

    def _apt(self, verb, *argv, cwd="/"):
        self.update()
        with cached.locked(self.folder):
            return _run(["apt-get", verb, *self.options, *argv], SECONDS[verb], env=self.env, cwd=cwd)

    def closure(self, packages):
        """The names of the packages and of all that they depend on (what is only recommended is left out)."""
        said = self._apt("install", "--simulate", *packages)
        return sorted({line.split()[1].split(":")[0] for line in said.splitlines() if line.startswith("Inst ")})

    def download(self, packages, folder):
        """The paths of the .deb files, in the order of their names."""
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            self._apt("download", *packages, cwd=scratch)
            return [deb.rename(folder / deb.name) for deb in sorted(pathlib.Path(scratch).glob("*.deb"))]

    def unpack(self, packages, folder):
        """The folder with the contents of the packages; done once. The file debian-packages in it tells their versions."""
        def make(partial):
            versions = []
            with tempfile.TemporaryDirectory(dir=partial) as scratch:
                for deb in self.download(packages, scratch):
                    _run(["dpkg-deb", "-x", str(deb), str(partial)], SECONDS["download"])
                    versions.append(_run(["dpkg-deb", "-W", "--showformat=${Package} ${Version}\n", str(deb)], SECONDS["install"]))
            (partial / "debian-packages").write_text("".join(versions), encoding="utf-8")
        return cached.once(folder, make, key=f"{self}: {' '.join(packages)}\n")

    def source(self, package, folder):
        """The folder with the unpacked source, Debian's patches applied; done once."""
        def make(partial):
            with tempfile.TemporaryDirectory(dir=partial) as scratch:
                self._apt("source", "--download-only", package, cwd=scratch)
                description, source = next(pathlib.Path(scratch).glob("*.dsc")), pathlib.Path(scratch) / "source"
                # apt has checked the signature
                _run(["dpkg-source", "--no-check", "-x", str(description), str(source)], SECONDS["source"])
                source.rename(partial / "source")
        return cached.once(folder, make, key=f"{self.name}: source of {package}\n") / "source"


def versions(folder):
    """{package: version} of what unpack() put into a folder."""
    lines = (pathlib.Path(folder) / "debian-packages").read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines)
