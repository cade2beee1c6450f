"""`run --stop-on-stdin-close`: who closes the command's standard input says good-bye by that."""

import json
import os
import pty
import signal
import socket
import subprocess

import pytest
from support import deadline
from support.process import Process

STOP = "--stop-on-stdin-close"
DEAF = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
ASKED = "trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
WAITS = "echo ready; exec sleep 1000"

# An MCP or a language server: it answers line by line, and ends with its input.
SERVER = """
import sys
print("ready", flush=True)
for line in sys.stdin:
    print("answer", line.strip(), flush=True)
print("bye", flush=True)
"""


class Link:
    """Both ends of what becomes the command's standard input."""

    def __init__(self, kind):
        self.kind = kind
        if kind == "pipe":
            self.near, self.far = os.pipe()
        elif kind == "terminal":
            self.far, self.near = pty.openpty()
        else:
            ends = socket.socketpair()
            self.near, self.far = (end.detach() for end in ends)

    def hang_up(self):
        if self.kind == "half-closed socket":
            socket.socket(fileno=os.dup(self.far)).shutdown(socket.SHUT_WR)
        else:
            self.close("far")

    def close(self, end):
        if getattr(self, end) is not None:
            os.close(getattr(self, end))
            setattr(self, end, None)


@pytest.fixture
def start(treefall, account, folder, tree):
    """`treefall run` with the near end of a link; the test holds the far one alone."""
    begun = []

    def run(link, command, *options):
        words = account.command(
            [treefall, "run", STOP, "--report", folder / "report.json", *options, "--", *command]
        )
        popen = subprocess.Popen(
            words,
            stdin=link.near,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=account.environment(folder),
            start_new_session=True,
        )
        link.close("near")
        begun.append((popen, link))
        tree.add(Process.of_child(popen.pid))
        assert popen.stdout.readline() == "ready\n"
        return popen

    yield run
    left = tree.end()
    for popen, link in begun:
        link.close("far")
        popen.communicate()
    assert not left


def reported(folder):
    report = json.loads((folder / "report.json").read_text())
    return report["trigger"], report["trigger_detail"]


def status(popen):
    code = popen.wait(deadline.FALL_S)
    return code if code >= 0 else 128 - code


@pytest.mark.parametrize("kind", ["pipe", "socket", "half-closed socket", "terminal"])
def test_end_of_input_asks_the_command_to_stop(start, folder, kind):
    link = Link(kind)
    run = start(link, ["sh", "-c", ASKED])
    link.hang_up()
    assert status(run) == 3
    assert run.stdout.read() == "asked\n"
    assert reported(folder) == ("asked", "end of input")


def test_command_that_does_not_stop_is_forced_after_the_grace(start, folder):
    link = Link("pipe")
    run = start(link, ["sh", "-c", DEAF], "--grace", "300ms")
    link.hang_up()
    assert status(run) == 128 + signal.SIGKILL
    assert reported(folder) == ("asked", "end of input")


def test_daemons_of_the_server_go_with_it(start, tree):
    link = Link("pipe")
    run = start(link, ["sh", "-c", f"setsid sleep 1000 & {WAITS}"])
    tree.record()
    link.hang_up()
    assert status(run) == 128 + signal.SIGTERM
    assert not tree.wait_gone()


def test_server_that_ends_with_its_input_is_not_asked(start, folder):
    """And gets every byte of it."""
    link = Link("pipe")
    run = start(link, ["/usr/bin/python3", "-c", SERVER])
    os.write(link.far, b"one\n")
    assert run.stdout.readline() == "answer one\n"
    os.write(link.far, b"two\nthree\n")
    link.hang_up()
    assert status(run) == 0
    assert run.stdout.read() == "answer two\nanswer three\nbye\n"
    assert reported(folder)[0] in ("ward-dead", "none")


def test_bytes_that_the_command_does_not_read_are_no_end(start, tree):
    """They neither stop it, nor keep the guard busy."""
    link = Link("pipe")
    run = start(link, ["sh", "-c", WAITS])
    os.write(link.far, b"x" * 4096)
    before = processor_ticks(run.pid)
    with pytest.raises(subprocess.TimeoutExpired):
        run.wait(0.5)
    assert processor_ticks(run.pid) - before < 10
    link.hang_up()
    assert status(run) == 128 + signal.SIGTERM


def processor_ticks(pid):
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_a_closed_end_that_another_process_holds_is_no_end(start):
    link = Link("pipe")
    run = start(link, ["sh", "-c", WAITS])
    other = os.dup(link.far)
    link.hang_up()
    with pytest.raises(subprocess.TimeoutExpired):
        run.wait(0.4)
    os.close(other)
    assert status(run) == 128 + signal.SIGTERM


def test_without_the_option_the_end_of_input_is_the_command_s_alone(launch):
    run = launch(["sh", "-c", WAITS])
    assert run.hear() == "ready"
    run.popen.stdin.close()
    assert not run.wrapper.wait_gone(0.5)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGTERM


@pytest.mark.parametrize("source", ["/dev/null", "/etc/passwd", "closed"])
def test_input_without_another_end_is_refused(call, folder, source):
    redirect = "<&-" if source == "closed" else f"<{source}"
    answer = call(
        "run", STOP, "--", "touch", "started", prefix=["sh", "-c", f'exec "$@" {redirect}', "sh"]
    )
    assert answer.status == 125
    assert (
        "cannot watch standard input for end of input" in answer.err
        and len(answer.err.splitlines()) == 1
    )
    assert not (folder / "started").exists()
