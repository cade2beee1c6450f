"""The C programs of the tests, each made once a session when it is first asked for."""

import os
import subprocess
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "programs"
INCLUDE = Path(__file__).resolve().parents[3] / "include"
FLAGS = ("-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread")


def linked_with(library):
    """The flags of a program that uses the libtreefall in this folder."""
    return [f"-I{INCLUDE}", f"-L{library}", f"-Wl,-rpath,{library}", "-ltreefall"]


class Programs:
    """`programs["name"]` is the path of programs/name.c compiled, for every account to run."""

    def __init__(self, folder):
        self.folder = folder

    def __getitem__(self, name):
        target = self.folder / name
        if not target.exists():
            self.make(name)
        return target

    def make(self, name, flags=(), called=None):
        """Compile with more flags, such as a library to link; return the path."""
        target = self.folder / (called or name)
        command = [os.environ.get("CC", "cc"), *FLAGS, "-o", target, SOURCES / f"{name}.c", *flags]
        subprocess.run(command, check=True)
        target.chmod(0o755)
        return target
