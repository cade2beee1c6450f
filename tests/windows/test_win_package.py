"""The wheel for Windows: what is in it, and that it works where pip puts it."""

import subprocess
import sys

import pytest
from bed import place
from bed.call import call


@pytest.fixture(scope="module")
def site(session_folder):
    """What pip makes of the wheel. The pip is this machine's own: Wine's Python has none."""
    (wheel,) = place.build_folder().glob("treefall-*-cp39-abi3-win_amd64.whl")
    folder = session_folder / "site"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        folder,
        "--platform=win_amd64",
        "--only-binary=:all:",
        wheel,
    ]
    subprocess.run(command, check=True, timeout=120)
    return folder


@pytest.fixture
def python(folder, wine, site):
    return lambda *words: call(
        folder, [place.PYTHON, *words], environment={"PYTHONPATH": place.windows_path(site)}
    )


def test_it_is_imported(python):
    code = "import treefall; print(treefall.__version__, treefall.guard.__module__)"
    assert python("-c", code).out.split()[0].count(".") == 2


def test_its_command(python, folder):
    assert python("-m", "treefall", "run", "--", "cmd", "/c", "exit 7").status == 7


def test_it_is_the_newest(site):
    """Not that of an earlier build."""
    for name in ("treefall.exe", "treefall-sentinel.exe"):
        built = (place.build_folder() / name).read_bytes()
        assert (site / "treefall/_bin" / name).read_bytes() == built
        assert (site / "bin" / name).read_bytes() == built


def test_versions_are_shown(treefall):
    """Version resources and the manifest: UTF-8, long paths."""
    for name in ("treefall.exe", "treefall-sentinel.exe"):
        content = (place.build_folder() / name).read_bytes()
        assert "OriginalFilename".encode("utf-16-le") in content
        assert name.encode("utf-16-le") in content
        assert b"<longPathAware" in content and b">UTF-8</activeCodePage>" in content
