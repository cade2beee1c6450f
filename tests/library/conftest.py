"""The library as it is installed: `meson install` of the build into a folder."""

import os
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TREEFALL_BUILD", REPOSITORY / "build")).resolve()


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    """Where it is installed to; the paths in it still say the build's own prefix."""
    folder = tmp_path_factory.mktemp("installed")
    command = ["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "usr/local"


@pytest.fixture(scope="session")
def libraries(prefix):
    (folder,) = {path.parent for path in prefix.glob("**/libtreefall.a")}
    return folder
