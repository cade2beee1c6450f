"""The folder that falls with the ward."""

import os
import signal

import pytest
from support import account as accounts
from support import deadline
from support.machine import in_user_namespace
from support.process import Process

GUARD = "s = tempfile.mkdtemp(); g = treefall.guard(60, scratch=s, report='fall.json')"


@pytest.fixture
def scratch(ward, tmp_path):
    """A ward's; `fell` is when the sentinel has ended, its last act done."""
    ward.do("import os, tempfile")
    ward.do(GUARD)
    ward.do("os.makedirs(s + '/a/b'); open(s + '/a/b/c', 'w').close()")
    return ward.ask("s")


def fell(ward):
    sentinel = Process.open(ward.ask("g.guarantee.sentinel"))
    ward.process.send(signal.SIGKILL)
    assert sentinel.wait_gone(deadline.FALL_S)
    return True


def test_it_falls_with_the_ward(ward, scratch, tmp_path):
    ward.do("os.mkfifo(s + '/pipe'); os.symlink('/nowhere', s + '/dangling')")
    assert fell(ward) and not os.path.exists(scratch)
    assert '"scratch_left": null' in (tmp_path / "fall.json").read_text()


def test_what_links_lead_to_stays(ward, scratch, tmp_path):
    (tmp_path / "innocent").mkdir()
    (tmp_path / "innocent/file").touch()
    ward.do(f"os.symlink({str(tmp_path / 'innocent')!r}, s + '/a/link')")
    assert fell(ward) and not os.path.exists(scratch)
    assert (tmp_path / "innocent/file").exists()


def test_what_is_mounted_there_stays(make_ward, tmp_path):
    """A bind mount has the device number of the folder around it."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/keep").touch()
    (tmp_path / "file").write_text("keep")
    ward = make_ward(*in_user_namespace(accounts.own(), "--mount"))
    ward.do("import os, subprocess, tempfile")
    ward.do(GUARD)
    ward.do("os.makedirs(s + '/a/folder')")
    ward.do("for name in ('/a/file', '/b'): open(s + name, 'w').close()")
    for name in ("folder", "file"):
        behind = str(tmp_path / name)
        ward.do(f"subprocess.run(['mount', '--bind', {behind!r}, s + '/a/{name}'], check=True)")
    scratch = ward.ask("s")
    assert fell(ward)
    assert (tmp_path / "folder/keep").exists() and (tmp_path / "file").read_text() == "keep"
    assert not os.path.exists(f"{scratch}/b")
    assert f'"scratch_left": "{scratch}"' in (tmp_path / "fall.json").read_text()


def test_another_of_its_name_stays(ward, scratch, tmp_path):
    ward.do("os.rename(s, s + '-away'); os.mkdir(s); open(s + '/innocent', 'w').close()")
    assert fell(ward)
    assert os.listdir(scratch) == ["innocent"] and os.path.exists(f"{scratch}-away/a/b/c")
    assert f'"scratch_left": "{scratch}"' in (tmp_path / "fall.json").read_text()


def test_one_that_is_gone_is_nothing_left(ward, scratch, tmp_path):
    ward.do("import shutil; shutil.rmtree(s)")
    assert fell(ward)
    assert '"scratch_left": null' in (tmp_path / "fall.json").read_text()


def test_the_next_sentinel_has_it_too(ward, scratch):
    ward.do("import signal, time")
    ward.do(
        "os.kill(g.guarantee.sentinel, signal.SIGKILL)\n"
        "while g.guarantee.lost < 1 or not g.armed: time.sleep(0.01)"
    )
    assert fell(ward) and not os.path.exists(scratch)


def test_without_a_fall_it_stays(ward, scratch):
    ward.do("g.stop()")
    assert ward.ends() == 0
    assert os.path.exists(f"{scratch}/a/b/c")


BAD = [
    ("'/nowhere'", "No such file or directory"),
    ("'/etc/passwd'", "Not a directory"),
    ("os.symlink(tempfile.mkdtemp(), 'link') or 'link'", "link: "),
    ("os.mkdir('open') or os.chmod('open', 0o777) or 'open'", "Operation not permitted"),
    ("os.makedirs('full/of') or 'full'", "Directory not empty"),
]


@pytest.mark.parametrize(("path", "says"), BAD, ids=["none", "file", "link", "open", "full"])
def test_one_that_cannot_be_taken(ward, path, says):
    ward.do("import os, tempfile")
    answer = ward.answer(f"treefall.guard(scratch={path})")
    assert (answer["error"], says in answer["text"]) == ("ScratchError", True), answer
    assert ward.ends() == 0
