"""Where the bed's parts are, and how Windows calls a path of Linux."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
WINE = REPOSITORY / ".wine"
PREFIX = WINE / "prefix"
WITH_WINE = REPOSITORY / "scripts/with-wine"
PYTHON = WINE / "python/python.exe"
PYDEVD = WINE / "pydevd/pydevd.py"
NODE = WINE / "node/node.exe"
PROGRAMS = REPOSITORY / "tests/windows/programs"
MARK = "TREEFALL_TEST_FOLDER"


def build_folder():
    return Path(os.environ.get("TREEFALL_BUILD_WINDOWS", REPOSITORY / "build-windows")).resolve()


def windows_path(path):
    """Drive Z is the root of Linux."""
    return "Z:" + os.path.abspath(path).replace("/", "\\")


def unix_path(path):
    """The other way round; drive C is in the prefix."""
    drives = {"Z": Path("/"), "C": PREFIX / "drive_c"}
    return drives[path[0].upper()] / path[3:].replace("\\", "/")


def environment(folder=None):
    """A small one. What a test's folder marks is that test's: see support/kin.py. Windows hands
    the environment of Linux on from process to process, whatever a program does to its own."""
    words = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": os.environ.get("HOME", "/root"),
        "PYTHONUTF8": "1",
        "LC_ALL": "C.UTF-8",  # words and names of files arrive whole
    }
    if folder:
        words[MARK] = str(folder)
    return words
