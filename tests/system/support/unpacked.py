"""Programs of Debian packages that scripts/need-unpacked put below the checkout, for any account."""

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.binary import REPOSITORY

MADE = REPOSITORY / "build-unpacked/zoo"
PYTHON = "python3-unpacked"
HELP = "`make test` unpacks it: scripts/packages-zoo.txt names its package"


@functools.cache
def words():
    """The folder with a word for each program; None where the machine has them all installed."""
    if not (MADE / "bin").is_dir():
        return None
    return (MADE if _is_open_to_all(MADE) else _linked()) / "bin"


def python():
    """Debian's Python with Debian's modules."""
    made = words()
    return str(made / PYTHON) if made else "/usr/bin/python3"


@functools.cache
def lacks_module(name):
    """Why Debian's Python cannot import it, or None."""
    asked = subprocess.run([python(), "-c", f"import {name}"], capture_output=True, check=False)
    return f"no Python module {name} here; {HELP}" if asked.returncode else None


def _is_open_to_all(path):
    return os.getuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents])


def _linked():
    """The checkout is in a folder of root's alone: hard links to the same files, outside of it."""
    folder = Path(tempfile.mkdtemp(prefix="tf-unpacked-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    how = "-al" if folder.stat().st_dev == MADE.stat().st_dev else "-a"
    subprocess.run(["cp", how, f"{MADE}/.", folder], check=True)
    folder.chmod(0o755)
    return folder
