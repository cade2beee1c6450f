"""Heartbeat files on Windows: whatever the path, and whoever has the file open."""

import os
import signal

import pytest
from bed import place
from support import deadline
from support.waiting import wait_until
from test_win_library import report_in
from test_win_run import wrapper_of

DASHED = "a folder — of ours/heart beat ❤.txt"
LONG = "/".join(["a folder with a name of fifty characters, more or less"] * 5) + "/beat"


@pytest.fixture
def beating(run, folder):
    """A ward that beats in this file, under a guard that looks at it; the file exists."""

    def beating(name="beat", order="beat", options=("--kill-delay=700ms",)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        windows = place.windows_path(path)
        ward = run("plain", options=["--heartbeat", windows, *options])
        ward.tell(f"{order} \\\\?\\{windows}")  # a program without our manifest takes a long one so
        wait_until(path.exists, deadline.START_S, "the heartbeat file")
        return ward, path

    return beating


def lives(ward, for_s=2.0):
    return not ward.process.wait_gone(for_s)


@pytest.mark.parametrize("name", ["beat", DASHED, LONG], ids=["plain", "dashed", "long"])
def test_as_long_as_it_beats_it_lives(beating, folder, name):
    ward, _ = beating(name)
    assert lives(ward)
    ward.tell("stop")
    assert ward.left() == [] and ward.status() == 124
    assert report_in(folder)["trigger"] == "stale"


def test_deleted(beating, folder):
    ward, path = beating()
    assert lives(ward)
    ward.tell("stop")
    path.unlink()
    assert ward.left() == [] and ward.status() == 124
    assert report_in(folder)["trigger"] in ("heartbeat-missing", "stale")


def test_locked_without_sharing(beating, folder):
    """Nobody else can open it, and its beats are seen all the same."""
    ward, _ = beating(order="lock")
    assert lives(ward)
    ward.tell("stop")
    assert ward.left() == [] and report_in(folder)["trigger"] == "stale"


def test_read_only(beating, folder):
    """Its handle is from before: Wine opens the file for writing, which only root may from now on."""
    ward, path = beating(order="keep")
    os.chmod(path, 0o444)
    assert lives(ward)
    ward.tell("stop")
    assert ward.left() == [] and report_in(folder)["trigger"] == "stale"


def test_it_never_comes(run, folder):
    windows = place.windows_path(folder / "beat")
    ward = run("plain", options=["--heartbeat", windows, "--startup-grace=500ms"])
    assert ward.left() == [] and ward.status() == 124
    assert report_in(folder)["trigger"] == "heartbeat-missing"


def test_one_of_its_own(run, folder):
    """--heartbeat=auto makes one, tells its path, and takes it away."""
    ward = run("plain", options=["--heartbeat=auto", "--kill-delay=700ms"])
    ward.tell("env TREEFALL_HEARTBEAT")
    path = ward.hear()
    unix = place.unix_path(path)
    assert unix.exists()
    ward.tell(f"beat {path}")
    assert lives(ward)
    ward.tell("stop")
    assert ward.left() == [] and ward.status() == 124
    wait_until(lambda: not unix.exists(), deadline.FALL_S, "the file to be gone")


@pytest.mark.parametrize(
    "name, said", [("", "folder"), ("nowhere/beat", "folder of the heartbeat")]
)
def test_a_path_that_cannot_be(call, folder, name, said):
    windows = place.windows_path(folder) + "\\" + name.replace("/", "\\")
    answer = call("run", "--heartbeat", windows, "--", "cmd", "/c", "exit 0")
    assert answer.status == 125 and said in answer.err and answer.err.count("\n") == 1, answer


def test_the_sentinel_fells_when_the_wrapper_is_dead_and_removes_the_file(run, folder):
    ward = run("plain", options=["--heartbeat=auto"])
    ward.tell("env TREEFALL_HEARTBEAT")
    unix = place.unix_path(ward.hear())
    wrapper_of(folder).send(signal.SIGKILL)
    assert ward.left() == []
    wait_until(lambda: not unix.exists(), deadline.FALL_S, "the file to be gone")


@pytest.fixture
def run_with_temp(call_words, folder, treefall):
    """Run a command with a heartbeat file in this folder for temporary files."""

    def run():
        words = f"{place.windows_path(treefall)} run --heartbeat=auto -- cmd /c exit 0"
        return call_words("cmd", "/c", f"set TMP={place.windows_path(folder)}&& {words}")

    return run


def test_a_folder_in_temp_that_others_may_write_to_is_refused(run_with_temp, folder):
    """In the system's own folder for temporary files another user may have made it."""
    planted = folder / "treefall"
    planted.mkdir()
    planted.chmod(0o777)
    answer = run_with_temp()
    assert answer.status == 125 and "treefall in TEMP" in answer.err, answer
    assert not list(planted.iterdir())
    planted.rmdir()
    assert run_with_temp().status == 0
