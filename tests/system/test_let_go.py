"""No guard holds what its caller gave it, or what its command was given: other processes may wait for
the end of a pipe, unmount a folder, take a lock."""

import json
import os
import signal
import subprocess

import pytest
from support import deadline, needs, proc
from support.machine import denied, mounted, unshared
from support.process import Process
from support.run import child_of
from support.waiting import is_readable, wait_until
from support.ward import Watch, partner_of

MEMBERS = ("session",)
RUNGS = ([], ["--isolate"], ["--without=cgroup"], ["--without=cgroup", "--without=brand"])
every_rung = pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: " ".join(rung) or "all")


class Given:
    """A pipe of which the other end is given away."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        self.link = os.readlink(f"/proc/self/fd/{self.writer}")

    def give(self):
        os.close(self.writer)
        self.writer = -1

    def ends(self):
        """Whether the last holder lets go of it; what was written is read."""
        while is_readable(self.reader, deadline.ANSWER_S):
            if not os.read(self.reader, 4096):
                return True
        return False

    def is_held_by(self, process):
        return self.link in proc.open_files(process.pid).values()

    def close(self):
        for fd in self.reader, self.writer:
            if fd >= 0:
                os.close(fd)


@pytest.fixture
def given():
    given = Given()
    yield given
    given.close()


@pytest.fixture
def start(treefall, start_ward):
    """A call of treefall, which goes on by itself."""
    return lambda words, prefix=(), **settings: start_ward([*prefix, treefall, *words], **settings)


@every_rung
@pytest.mark.parametrize("fd", [1, None], ids=["stdout", "another"])
def test_pipe_ends_when_the_command_closes_it(start, given, tree, rung, fd):
    """Whose wrapper, sentinel, reserve and init live on."""
    assert_pipe_ends(start, given, tree, rung, fd)


def test_pipe_ends_on_a_kernel_that_closes_no_range(start, programs, given, tree):
    assert_pipe_ends(
        start, given, tree, ["--isolate"], None, prefix=denied(programs, "close_range=ENOSYS")
    )


def test_pipe_ends_where_procfs_is_hidden(start, account, given, tree):
    assert_pipe_ends(
        start, given, tree, [], None, prefix=mounted(account, "mount -t tmpfs none /proc")
    )


def assert_pipe_ends(start, given, tree, rung, fd, prefix=()):
    number = fd or given.writer
    streams = {"stdout": given.writer} if fd else {"pass_fds": [given.writer]}
    script = f"echo ready >&{number}; exec {number}>&-; read line; exit 3"
    run = start(["run", *rung, "--", "bash", "-c", script], prefix, **streams)
    given.give()
    assert given.ends()
    assert run.process.is_alive()
    run.tell("go on")
    assert run.process.wait_gone(deadline.FALL_S)
    assert run.popen.wait() == 3
    assert not tree.wait_gone()


def test_writer_learns_that_the_command_reads_no_more(start, tree):
    run = start(["run", "--", "sh", "-c", "exec <&-; kill -STOP $$; exit 3"])
    wait_until(lambda: _is_broken(run.popen.stdin), deadline.ANSWER_S, "a broken pipe")
    run.process.send(signal.SIGKILL)
    assert not tree.wait_gone()
    run.popen.stdin = open(os.devnull, "wb")


def _is_broken(stream):
    """The kernel says so once no process has the other end."""
    try:
        os.write(stream.fileno(), b"x")
    except BrokenPipeError:
        return True
    return False


def guards_of(run):
    return [run.wrapper, run.sentinel(), run.reserve()]


@every_rung
def test_guards_of_run_stand_in_the_root_folder(launch, family, tree, rung):
    run = launch(family.command(), ["--report=r.json", *rung])
    family.gather()
    processes = guards_of(run)
    if rung == ["--isolate"]:
        processes.append(child_of(run.wrapper.pid, "treefall-init"))
    for guard in processes:
        wait_until(
            lambda guard=guard: proc.working_folder(guard.pid) == "/",
            deadline.ANSWER_S,
            f"{guard} in /",
        )
    run.tell("exit 0")
    assert run.status() == 0
    assert not tree.wait_gone()


@pytest.mark.parametrize("lost", ["wrapper", "both"])
def test_relative_report_is_written_where_treefall_was_started(launch, family, folder, tree, lost):
    run = launch(family.command(*MEMBERS), ["--report=r.json"])
    family.gather(*MEMBERS)
    reserve = run.reserve()
    for guard in [run.wrapper] if lost == "wrapper" else run.guards():
        guard.send(signal.SIGKILL)
    assert not family.left()
    assert reserve.wait_gone(deadline.FALL_S)
    assert json.loads((folder / "r.json").read_text())["trigger"]
    assert not tree.wait_gone()


def test_relative_report_is_written_in_a_folder_that_has_no_path(
    treefall, account, folder, family, tree
):
    """A folder above it is closed to the account: there the guards stay where they are."""
    closed = folder / "closed"
    inner = closed / "inner"
    closed.mkdir()
    account.make_folder(inner)
    closed.chmod(0o700)
    run = subprocess.Popen(
        account.command([treefall, "run", "--report=r.json", "--", *family.command(*MEMBERS)]),
        cwd=inner,
        env=account.environment(folder),
        stdin=subprocess.PIPE,
    )
    wrapper = tree.add(Process.of_child(run.pid))
    family.gather(*MEMBERS)
    wait_until(lambda: child_of(run.pid, "treefall-sent"), deadline.ANSWER_S, "a sentinel")
    wrapper.send(signal.SIGKILL)
    run.wait()
    assert not family.left()
    assert not tree.wait_gone()
    run.stdin.close()
    assert json.loads((inner / "r.json").read_text())["written_by"] == "sentinel"


def test_watch_holds_no_file_of_its_caller(treefall, account, folder, given, ward, tree):
    """In the foreground it has its standard output and errors."""
    prefix = ["bash", "-c", f'exec "$@" {given.writer}>&1', "bash"]
    watch = Watch(treefall, account, folder, ward.pid, prefix=prefix)
    held = os.readlink(f"/proc/self/fd/{watch.popen.stdout.fileno()}")
    for guard in tree.add(watch.primary), tree.add(partner_of(watch.primary)):
        assert [fd for fd, link in proc.open_files(guard.pid).items() if link == held] == [1]
        assert proc.working_folder(guard.pid) == "/"
    ward.process.send(signal.SIGKILL)
    assert watch.status() == 0
    watch.end()


def test_detached_watch_lets_its_caller_s_pipes_end(start, folder, given, ward, family, tree):
    (folder / "beat").touch()
    words = [
        "watch",
        "--pid",
        str(ward.pid),
        "--detach",
        "--report=r.json",
        "--heartbeat=beat",
        "--kill-delay=1h",
    ]
    watch = start(words, stdout=given.writer, stderr=given.writer, pass_fds=[given.writer])
    given.give()
    assert given.ends()
    assert watch.process.wait_gone(deadline.FALL_S)
    assert watch.popen.wait() == 0
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    assert not tree.wait_gone()
    assert json.loads((folder / "r.json").read_text())["trigger"] == "ward-dead"


UNMOUNT = """
mkdir mounted && mount -t tmpfs none mounted || exit 77
(exec sleep 1000) & ward=$!
cd mounted
"$1" watch --pid $ward --detach
cd ..
umount mounted; status=$?
kill $ward
exit $status
"""


def test_folder_that_a_detached_watch_was_started_in_can_be_unmounted(
    treefall, account, folder, tree
):
    prefix = unshared(account, "--mount")
    needs.words(account, mounted(account, "mount -t tmpfs none /mnt"))
    done = subprocess.run(
        account.command([*prefix, "sh", "-c", UNMOUNT, "sh", treefall]),
        cwd=folder,
        env=account.environment(folder),
        capture_output=True,
        text=True,
        timeout=deadline.FALL_S,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not tree.wait_gone()
