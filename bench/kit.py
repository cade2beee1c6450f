"""What every part of the bench needs: the programs built, and copied to a folder where any user
can run them; the users to run as."""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
BUILT = ROOT / "build-bench"
OTHER_USER = 1000

STATIC = ["-Dstatic=true", "-Dtests=false", "--buildtype=release"]
COMPILE = ["cc", "-std=c11", "-O2", "-Wall", "-Wextra"]
PROGRAMS = {
    "bench-ward": ["ward.c", "member.c"],
    "bench-tree": ["tree.c", "member.c"],
    "bench-beater": ["beater.c", "member.c"],
    "harness": ["harness/*.c", "member.c"],
}


@dataclass(frozen=True)
class User:
    name: str
    uid: int

    @property
    def prefix(self):
        """The words that run a command as this user, in the same process."""
        if self.uid == os.geteuid():
            return []
        ids = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups"]
        return ["setpriv", *ids]


def users():
    if os.geteuid() != 0:
        return [User("user", os.geteuid())]
    return [User("root", 0), User("user", OTHER_USER)]


def build_treefall():
    """Both builds; without musl-gcc the static one is left out."""
    kinds = {"build": ([], {}), "build-static": (STATIC, {"CC": "musl-gcc"})}
    for folder, (options, environment) in kinds.items():
        if environment and not shutil.which(environment["CC"]):
            explain("there is no musl-gcc (scripts/packages-static.txt): no static build")
            continue
        path = ROOT / folder
        if not (path / "build.ninja").exists():
            quietly(["meson", "setup", str(path), str(ROOT), *options], environment)
        quietly(["ninja", "-C", str(path), "treefall", "treefall-sentinel"], environment)


def quietly(command, environment):
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}
    )
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def build():
    build_treefall()
    BUILT.mkdir(exist_ok=True)
    for name, sources in PROGRAMS.items():
        files = [str(file) for source in sources for file in sorted(BENCH.glob(source))]
        subprocess.run([*COMPILE, "-o", str(BUILT / name), *files], check=True)


class Workshop:
    """A temporary folder with all programs, readable by everyone, and one folder for each user."""

    def __enter__(self):
        build()
        self.folder = Path(tempfile.mkdtemp(prefix="treefall-bench-"))
        self.folder.chmod(0o755)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for name in PROGRAMS:
            self.add(BUILT / name)
        self.copy_treefall(ROOT / "build", "bin")
        self.copy_treefall(ROOT / "build-static", "static")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, program, name=None):
        target = self.bin / (name or program.name)
        shutil.copyfile(program, target)
        target.chmod(0o755)

    def copy_treefall(self, build_folder, name):
        """The sentinel goes beside the command, as it is installed."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for program in ("treefall", "treefall-sentinel", "libtreefall.so"):
            if (build_folder / program).is_file():
                shutil.copyfile(build_folder / program, folder / program)
                (folder / program).chmod(0o755)

    def treefall(self, name="bin"):
        """The command's path, or None if it is not built."""
        path = self.folder / name / "treefall"
        return str(path) if path.is_file() else None

    def home(self, user):
        """A folder that is the user's own."""
        home = self.folder / user.name
        if not home.exists():
            home.mkdir(mode=0o700)
            os.chown(home, user.uid, user.uid)
        return home

    def environment(self, user):
        kept = {key: value for key, value in os.environ.items() if key in ("LANG", "TERM")}
        path = f"{self.bin}:/usr/local/bin:/usr/bin:/bin"
        return {**kept, "PATH": path, "HOME": str(self.home(user))}


@functools.cache
def explain(message):
    """Once for each message."""
    print(f"bench: {message}", file=sys.stderr)
