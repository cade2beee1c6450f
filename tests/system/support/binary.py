"""Where the built treefall is, and a copy of it that any account can run."""

import os
import shutil
from pathlib import Path

NAMES = ("treefall", "treefall-sentinel", "libtreefall.so", "libtreefall.so.0")
REPOSITORY = Path(__file__).resolve().parents[3]


def build_folder():
    return Path(os.environ.get("TREEFALL_BUILD", REPOSITORY / "build")).resolve()


def copy_into(folder):
    """Copy what was built into `folder`, readable and runnable by all; return the program's path."""
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    for name in NAMES:
        built = build_folder() / name
        if built.exists():
            shutil.copy(built, folder / name)
            (folder / name).chmod(0o755)
    return folder / "treefall"
