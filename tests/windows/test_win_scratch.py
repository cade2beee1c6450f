"""A scratch folder falls with the tree, and nothing beside it."""

import os
import signal

import pytest
from bed import place
from support import deadline
from support.waiting import wait_until
from test_win_library import report_in

WARD = """
import sys, treefall, treefall.errors
try:
    guard = treefall.guard(3600, startup_grace=3600, report="fall.json", scratch=sys.argv[1])
    guard.__enter__()
    print("armed", flush=True)
except treefall.errors.Error as error:
    print("refused", error, flush=True)
    sys.exit(3)
sys.stdin.readline()
"""


@pytest.fixture
def scratch(folder):
    path = folder / "a scratch — folder"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def ward(start, package):
    def ward(scratch):
        words = [place.windows_path(place.PYTHON), "-c", WARD, place.windows_path(scratch)]
        return start(words, environment={"PYTHONPATH": package})

    return ward


def test_it_falls_with_all_in_it(ward, folder, scratch):
    (folder / "beside").write_text("stays")
    guarded = ward(scratch)
    assert guarded.hear() == "armed"
    (scratch / "deep/er").mkdir(parents=True)
    (scratch / "deep/er/file").write_text("x")
    (scratch / "read only").write_text("x")
    os.chmod(scratch / "read only", 0o444)
    guarded.process.send(signal.SIGKILL)
    wait_until(lambda: not scratch.exists(), deadline.FALL_S, "the folder to be gone")
    assert report_in(folder)["scratch_left"] is None
    assert (folder / "beside").read_text() == "stays"


def test_another_in_its_place_stays(ward, folder, scratch):
    guarded = ward(scratch)
    assert guarded.hear() == "armed"
    scratch.rename(folder / "renamed")
    scratch.mkdir()
    (scratch / "file").write_text("stays")
    guarded.process.send(signal.SIGKILL)
    assert report_in(folder)["scratch_left"] is not None
    assert (scratch / "file").read_text() == "stays"


@pytest.mark.parametrize("spoil", ["full", "open", "absent", "file"])
def test_what_is_refused(ward, scratch, spoil):
    if spoil == "full":
        (scratch / "file").touch()
    elif spoil == "open":
        scratch.chmod(0o777)
    else:
        scratch.rmdir()
    if spoil == "file":
        scratch.touch()
    guarded = ward(scratch)
    assert guarded.hear().startswith("refused ")
    assert guarded.status() == 3
    assert not (spoil == "full") or (scratch / "file").exists()
