"""Standard input, output and errors pass through `treefall run` as if it were not there."""

import os
import subprocess

from support import deadline, proc
from support.process import Process

BYTES = bytes(range(256)) * 4096
TO_BOTH = """
import os
while chunk := os.read(0, 1000):
    for fd in 1, 2:
        at = 0
        while at < len(chunk):
            at += os.write(fd, chunk[at:])
"""


def test_every_byte_arrives(treefall, account, folder):
    """More than a pipe holds, so both ends have to work at once."""
    command = account.command([treefall, "run", "--", "/usr/bin/python3", "-S", "-c", TO_BOTH])
    done = subprocess.run(command, input=BYTES, capture_output=True, timeout=deadline.FALL_S)
    assert (done.returncode, done.stdout, done.stderr) == (0, BYTES, BYTES)


def test_the_command_has_the_very_files(call, folder):
    """The same open files, not copies that treefall pumps: even their offsets are shared."""
    (folder / "text").write_text("one\ntwo\nthree\n")
    script = 'exec <text; read -r first; "$@"; read -r third; echo "$first $third"'
    answer = call(
        "run",
        "--",
        "sh",
        "-c",
        "read -r second; echo $second",
        prefix=["bash", "-c", script, "bash"],
    )
    assert answer.out == "two\none three\n"


def test_nothing_is_added(call):
    answer = call("run", "--", "sh", "-c", "echo out; echo err >&2")
    assert (answer.out, answer.err) == ("out\n", "err\n")


def test_the_end_of_input_is_seen(call):
    answer = call("run", "--", "cat", stdin=b"to the end")
    assert (answer.status, answer.out) == (0, "to the end")


def test_closed_streams_stay_closed(call):
    script = 'exec "$@" <&- >&-'
    show = "for fd in 0 1; do test -e /proc/$$/fd/$fd && echo $fd open >&2; done; exit 5"
    answer = call("run", "--", "sh", "-c", show, prefix=["sh", "-c", script, "sh"])
    assert (answer.status, answer.err) == (5, "")


def test_other_inherited_files_reach_the_command(call):
    script = 'exec "$@" 7</dev/null'
    answer = call("run", "--", "readlink", "/proc/self/fd/7", prefix=["sh", "-c", script, "sh"])
    assert answer.out == "/dev/null\n"


def test_nothing_of_treefall_reaches_the_command(call):
    listing = "for fd in /proc/$$/fd/*; do readlink $fd; done"
    bare = call("run", "--", "sh", "-c", listing).out.splitlines()
    kinds = sorted(link.partition(":")[0] for link in bare)
    assert kinds == ["pipe", "pipe", "pipe"]


def test_a_descendant_that_holds_stdout_keeps_nobody_waiting(launch, family, tree):
    run = launch(family.command("daemon", "plain", "session", "stubborn"))
    family.gather("daemon", "plain", "session", "stubborn")
    assert all(holds_stdout_of(run, family[role]) for role in ("plain", "session", "stubborn"))
    run.tell("exit 0")
    assert run.lines.next(deadline.FALL_S) is None  # the end of the pipe, not of the deadline
    assert run.status() == 0
    assert os.read(run.popen.stdout.fileno(), 1) == b""


def test_the_environment_is_the_command_s(call):
    answer = call("run", "--", "env", environment={"COLOUR": "blue moon"})
    added = [line for line in answer.out.splitlines() if line.startswith("TREEFALL")]
    assert "COLOUR=blue moon" in answer.out.splitlines()
    assert [line.partition("=")[0] for line in added] == ["TREEFALL_WARD"]


def holds_stdout_of(run, process: Process):
    mine = os.readlink(f"/proc/self/fd/{run.popen.stdout.fileno()}")
    return proc.open_files(process.pid)[1] == mine
