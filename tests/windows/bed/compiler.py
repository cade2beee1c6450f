"""The C programs of the Windows tests, each made once a session when it is first asked for."""

import subprocess

from bed import place

COMPILER = "x86_64-w64-mingw32-gcc"
FLAGS = ("-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-D__USE_MINGW_ANSI_STDIO=1")


class Programs:
    """`programs["name"]` is the path of programs/name.c compiled."""

    def __init__(self, folder):
        self.folder = folder

    def __getitem__(self, name):
        target = self.folder / f"{name}.exe"
        if not target.exists():
            command = [
                COMPILER,
                *FLAGS,
                f"-I{place.REPOSITORY}/include",
                "-o",
                target,
                place.PROGRAMS / f"{name}.c",
            ]
            subprocess.run(command, check=True)
        return target
