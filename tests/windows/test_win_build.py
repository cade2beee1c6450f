"""What stands in the files that are built."""

import re
import subprocess

import pytest
from bed import place

WIN32 = {"ADVAPI32.dll", "KERNEL32.dll", "msvcrt.dll"}  # msvcrt is a part of Windows
FILES = ["treefall.exe", "treefall-sentinel.exe", "treefall.dll"]


@pytest.fixture(params=FILES)
def built(request):
    return place.build_folder() / request.param


def test_it_needs_no_more_than_windows_has(built):
    """Nothing of the compiler's, and none of the window libraries, which double every start."""
    listing = subprocess.run(
        ["x86_64-w64-mingw32-objdump", "-p", built], capture_output=True, text=True, check=True
    )
    assert set(re.findall(r"DLL Name: (\S+)", listing.stdout)) <= WIN32


def test_it_tells_its_version(built):
    content = built.read_bytes()
    for word in ("FileVersion", "ProductName", "treefall"):
        assert word.encode("utf-16-le") in content


@pytest.mark.parametrize("built", [name for name in FILES if name.endswith(".exe")], indirect=True)
@pytest.mark.parametrize("setting", [b"<activeCodePage", b"<longPathAware"])
def test_its_manifest_asks_for_all_paths(built, setting):
    assert setting in built.read_bytes()
