# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian packages of any suite and architecture, which are downloaded and unpacked into a folder, but not installed. The package
lists of the machine that runs the tests are not changed. Each suite has a separate configuration of apt, which checks signatures.

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
BACKPORTS = "-backports"  # suffix of a suite above, whose packages are needed, too

DAY = 24 * 60 * 60
SECONDS = {"update": 300, "install": 60, "download": 600, "source": 600}  # timeouts of apt-get

# Small rather than fast: results are cached, so apt rarely runs twice. An empty status file means that no package is installed.
CONFIGURATION = """Dir::State "{folder}/state"; Dir::State::status "{folder}/state/status";
Dir::Cache "{folder}/cache"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "{folder}/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "{arch}"; APT::Architectures {{ "{arch}"; }};
APT::Sandbox::User "root"; APT::Install-Recommends "false"; APT::Update::Error-Mode "any";
Acquire::Languages "none"; Acquire::GzipIndexes "true"; Acquire::Retries "1"; Acquire::http::Timeout "20";
"""


class Unavailable(Exception):
    """A package or program is not available here. The text contains the reason; for an error of apt, its message."""


def _run(argv, seconds, **options):
    """Runs a program and returns its standard output."""
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
        # the first error of apt contains the cause; later ones only state that there was an error
        reason = next((line for line in lines if line.startswith("E: ")), lines[-1] if lines else str(error))
        raise Unavailable(f"{' '.join(argv[:2])}: {reason}") from error


class Suite:
    """The packages of one suite, for one architecture. With `source`, its source packages; then only source() can be used."""

    def __init__(self, name, arch="amd64", source=False):
        self.name, self.arch = name, arch
        base = name.removesuffix(BACKPORTS)
        places = SUITES[base] + ([(MIRROR, name)] if name != base else [])
        self.folder = cached.FOLDER / "apt" / f"{name}-{'source' if source else arch}"
        self.sources = "".join(f"{'deb-src' if source else 'deb'} [signed-by={KEYRING}] {mirror} {suite} main\n"
                               for mirror, suite in places)
        # Backports must be requested. (For other suites, -t would be wrong, because their updates would get a lower priority.)
        self.options = ["-q", "-t", name] if name != base else ["-q"]
        self.env = {**os.environ, "APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C"}

    def __str__(self):
        return f"{self.name} ({self.arch})"

    def update(self):
        """Downloads the package lists, at most once a day. Without a network, older lists are used."""
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
        """Returns the names of the packages and of all their dependencies, without recommended packages."""
        said = self._apt("install", "--simulate", *packages)
        return sorted({line.split()[1].split(":")[0] for line in said.splitlines() if line.startswith("Inst ")})

    def download(self, packages, folder):
        """Downloads the packages. Returns the paths of the .deb files, sorted by name."""
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            self._apt("download", *packages, cwd=scratch)
            return [deb.rename(folder / deb.name) for deb in sorted(pathlib.Path(scratch).glob("*.deb"))]

    def unpack(self, packages, folder):
        """Unpacks the packages into the folder, unless this was done before. Its file debian-packages contains their versions."""
        def make(partial):
            versions = []
            with tempfile.TemporaryDirectory(dir=partial) as scratch:
                for deb in self.download(packages, scratch):
                    _run(["dpkg-deb", "-x", str(deb), str(partial)], SECONDS["download"])
                    versions.append(_run(["dpkg-deb", "-W", "--showformat=${Package} ${Version}\n", str(deb)], SECONDS["install"]))
            (partial / "debian-packages").write_text("".join(versions), encoding="utf-8")
        return cached.once(folder, make, key=f"{self}: {' '.join(packages)}\n")

    def source(self, package, folder):
        """Unpacks the source with Debian's patches, unless this was done before. Returns its folder."""
        def make(partial):
            with tempfile.TemporaryDirectory(dir=partial) as scratch:
                self._apt("source", "--download-only", package, cwd=scratch)
                description, source = next(pathlib.Path(scratch).glob("*.dsc")), pathlib.Path(scratch) / "source"
                # apt has checked the signature
                _run(["dpkg-source", "--no-check", "-x", str(description), str(source)], SECONDS["source"])
                source.rename(partial / "source")
        return cached.once(folder, make, key=f"{self.name}: source of {package}\n") / "source"


def versions(folder):
    """Returns {package: version} for the packages that unpack() has unpacked into a folder."""
    lines = (pathlib.Path(folder) / "debian-packages").read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines)
