"""The Python package as pip installs it."""

import os
import subprocess
import sys
from pathlib import Path

from support import proc
from support.process import Gone, Process

REPOSITORY = Path(__file__).resolve().parents[3]


def tools_first():
    """The build's tools are those beside this interpreter, not the distribution's."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def make_wheel(folder):
    """The wheel of this tree."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        folder,
        REPOSITORY,
    ]
    subprocess.run(command, env=tools_first(), check=True)
    (path,) = folder.glob("*.whl")
    return path


def install(wheel, folder):
    """Into a folder of its own."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-index",
        "--target",
        folder,
        wheel,
    ]
    subprocess.run(command, check=True)
    return folder


def sentinels_of(site):
    """The sentinels of the package installed there that run now."""
    program = str(site / "treefall/_bin/treefall-sentinel")
    found = []
    for pid in proc.rows():
        try:
            if proc.links(pid)[:1] == [program]:
                found.append(Process.open(pid))
        except Gone:
            pass
    return found
