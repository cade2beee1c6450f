"""`run --notify`: a program that talks to systemd's watchdog is guarded without a change."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import account as accounts
from support import deadline, leavings, unpacked
from support.lines import Lines
from support.process import Process

NOTIFIER = (Path(__file__).parent / "programs/notifier.py").read_text()
SHELL = 'echo ready; while read state; do systemd-notify "$state"; echo sent $?; done'
BY_COMMAND = ["sh", "-c", SHELL]
SENT = {"python": "sent True", "command": "sent 0"}
CLIENTS = ["python", "command"]
KILLED = 128 + signal.SIGKILL
NEVER = "1h"
PAST = "1ms"


def command_of(client):
    """The ward's command, where this machine has what it needs."""
    lack = (
        unpacked.lacks_module("systemd")
        if client == "python"
        else accounts.lacks_program("systemd-notify")
    )
    if lack:
        pytest.skip(lack)
    return [unpacked.python(), "-c", NOTIFIER] if client == "python" else BY_COMMAND


@pytest.fixture
def start(launch, folder, account, tree):
    """A real client of sd_notify as the ward: python3-systemd, or systemd-notify in a shell."""

    def start(client, *options):
        report = folder / "report.json"
        run = launch(command_of(client), ["--notify", "--report", str(report), *options])
        assert run.hear() == "ready"
        tree.record()
        return Client(run, SENT[client], report)

    yield start
    tree.end()
    assert not leavings.runtime_files(folder)


class Client:
    def __init__(self, run, sent, report):
        self.run = run
        self.sent = sent
        self.report = report

    def say(self, state):
        """Have it said; returns when that began."""
        began = time.monotonic()
        self.run.tell(state)
        assert self.run.hear() == self.sent, self.run.stderr()
        return began

    def lives(self, seconds):
        return not self.run.wrapper.wait_gone(seconds)

    def fell(self, trigger, status):
        """It fell for this reason; returns when."""
        assert self.run.status() == status
        ended = time.monotonic()
        assert json.loads(self.report.read_text())["trigger"] == trigger
        return ended


# ---- what a client reads ----


def test_the_environment_is_the_watchdog_s(launch):
    """As sd_watchdog_enabled(3) reads it."""
    script = 'echo $$ $WATCHDOG_PID $WATCHDOG_USEC; echo "$NOTIFY_SOCKET"'
    run = launch(["sh", "-c", script], ["--notify", "--kill-delay", "1500ms"])
    own, named, delay = run.hear().split()
    assert own == named
    assert delay == "1500000"
    path = Path(run.hear())
    assert path.is_absolute()
    assert run.status() == 0
    assert not path.exists()


def test_without_notify_it_is_left_alone(launch):
    run = launch(["sh", "-c", "env"], environment={"NOTIFY_SOCKET": "/outer/socket"})
    lines = []
    while (line := run.lines.next(deadline.ANSWER_S)) is not None:
        lines.append(line)
    assert "NOTIFY_SOCKET=/outer/socket" in lines
    assert not any(line.startswith("WATCHDOG_") for line in lines)
    assert run.status() == 0


# ---- what it says ----


@pytest.mark.parametrize("client", CLIENTS)
def test_beats(start, client):
    ward = start(client, "--kill-delay", "500ms")
    for _ in range(2):
        last = ward.say("WATCHDOG=1")
        assert ward.lives(0.3)
    ended = ward.fell("stale", 124)
    assert 0.5 <= ended - last < 1.0


@pytest.mark.parametrize("client", CLIENTS)
def test_ready_ends_the_startup_grace(start, client):
    ward = start(client, "--kill-delay", "300ms", "--startup-grace", NEVER)
    assert ward.lives(0.5)
    began = ward.say("READY=1")
    assert ward.fell("stale", 124) - began >= 0.3


def test_who_never_says_anything_has_the_startup_grace(start):
    began = time.monotonic()
    ward = start("python", "--kill-delay", PAST, "--startup-grace", "600ms")
    assert ward.fell("heartbeat-missing", 124) - began >= 0.6


@pytest.mark.parametrize("client", CLIENTS)
def test_the_trigger_fells_at_once(start, client, tree):
    ward = start(client, "--kill-delay", NEVER)
    ward.run.tell("WATCHDOG=trigger")
    ward.fell("stale", 124)
    assert not tree.wait_gone()


def test_an_extension_is_waited_for(start):
    ward = start("python", "--kill-delay", "200ms")
    began = ward.say("WATCHDOG=1;EXTEND_TIMEOUT_USEC=900000")
    assert ward.fell("stale", 124) - began >= 0.9


def test_another_delay(start):
    ward = start("python", "--kill-delay", NEVER)
    ward.say("READY=1")
    ward.say("WATCHDOG_USEC=400000")
    began = ward.say("WATCHDOG=1")
    ended = ward.fell("stale", 124)
    assert 0.4 <= ended - began < 0.8


def test_a_longer_delay(start):
    ward = start("python", "--kill-delay", "300ms", "--startup-grace", NEVER)
    ward.say("READY=1;WATCHDOG_USEC=3600000000")
    assert ward.lives(0.7)
    ward.run.tell("WATCHDOG=trigger")
    ward.fell("stale", 124)


@pytest.mark.parametrize("client", CLIENTS)
def test_stopping_has_the_grace(start, client):
    """It cleans up in silence, and ends with its own status."""
    ward = start(client, "--kill-delay", "200ms", "--grace", NEVER)
    ward.say("STOPPING=1")
    assert ward.lives(0.6)
    ward.run.popen.stdin.close()
    assert ward.run.status() == 0


def test_stopping_has_an_end(start):
    ward = start("python", "--kill-delay", NEVER, "--grace", "500ms")
    began = ward.say("STOPPING=1")
    assert ward.fell("asked", KILLED) - began >= 0.5


def test_what_is_no_beat(start):
    ward = start("python", "--kill-delay", "100ms", "--startup-grace", "700ms")
    for said in ("STATUS=at work", "MAINPID=1", "X_OWN=1", "WATCHDOG=0", "WATCHDOG_USEC=x"):
        ward.say(said)
    ward.fell("heartbeat-missing", 124)


# ---- who says it ----


FOREIGNER = """
import os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
    out.sendto(sys.argv[2].encode(), sys.argv[1])
    print("sent", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def foreigner(account, folder, tree):
    """A process of the same account that is not of the tree sends a message, and lives on."""
    started = []

    def send(path, state):
        command = ["/usr/bin/python3", "-c", FOREIGNER, path, state]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        sender = subprocess.Popen(account.command(command), cwd=folder, **pipes)
        started.append(sender)
        tree.add(Process.of_child(sender.pid))
        assert Lines(sender.stdout.fileno()).next(deadline.START_S) == "sent"

    yield send
    tree.end()
    for sender in started:
        sender.stdin.close()
        sender.stdout.close()
        sender.wait()


def socket_of(folder):
    return next(path for path in leavings.runtime_files(folder) if Path(path).is_socket())


def test_a_foreign_trigger_is_ignored(start, foreigner, folder):
    ward = start("command", "--kill-delay", NEVER)
    foreigner(socket_of(folder), "WATCHDOG=trigger")
    ward.say("READY=1")  # returns once all before it was taken
    assert ward.lives(0.3)
    ward.run.tell("WATCHDOG=trigger")
    ward.fell("stale", 124)


def test_a_foreign_beat_is_ignored(start, foreigner, folder):
    ward = start("command", "--kill-delay", NEVER, "--startup-grace", "700ms")
    foreigner(socket_of(folder), "WATCHDOG=1")
    ward.fell("heartbeat-missing", 124)


def test_a_member_s_child_counts(launch, folder):
    """Not the ward alone: a worker beats as well, and one that has left its parents, too."""
    command_of("command")
    script = "setsid sh -c 'systemd-notify WATCHDOG=1; echo beaten; exec sleep 1000' & wait"
    run = launch(["sh", "-c", script], ["--notify", "--kill-delay", NEVER, "--startup-grace", "1s"])
    assert run.hear() == "beaten"
    assert not run.wrapper.wait_gone(1.2)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGTERM


def test_garbage_is_survived(start, folder):
    texts = [b"", b"\0", b"WATCHDOG", b"=", b"\n\n", b"WATCHDOG=1" * 5000, bytes(range(256))]
    ward = start("command", "--kill-delay", NEVER)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        for text in texts:
            out.sendto(text, socket_of(folder))
    ward.say("READY=1")
    assert ward.lives(0.1)
    ward.run.tell("WATCHDOG=trigger")
    ward.fell("stale", 124)


# The kernel knows the sender of a datagram of this shell's: no program that is gone already.
SAYS = (
    "import os, socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
    "s.connect(os.environ['NOTIFY_SOCKET']); say = lambda text: s.send(text.encode()); "
)


def python_ward(text):
    return [sys.executable, "-ISc", SAYS + "import signal, sys, time\n" + text]


def test_a_stop_that_asks_for_more_time_has_it(launch):
    """EXTEND_TIMEOUT_USEC extends the stop as well; of two in one burst the later end counts."""
    run = launch(
        python_ward(
            "def stop(*_):\n"
            "    say('STOPPING=1\\nEXTEND_TIMEOUT_USEC=60000000'); say('EXTEND_TIMEOUT_USEC=1000')\n"
            "    time.sleep(1.5); sys.exit(5)\n"
            "signal.signal(signal.SIGTERM, stop); say('READY=1'); print('up', flush=True)\n"
            "while True: time.sleep(0.05); say('WATCHDOG=1')\n"
        ),
        ["--notify", "--kill-delay", "500ms", "--grace", "500ms"],
    )
    assert run.hear() == "up"
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 5


def test_a_ward_that_stops_by_itself_has_the_time_that_it_asks_for(launch):
    run = launch(
        python_ward(
            "say('READY=1'); say('STOPPING=1'); say('EXTEND_TIMEOUT_USEC=60000000')\n"
            "time.sleep(1.5); sys.exit(5)\n"
        ),
        ["--notify", "--kill-delay", "500ms", "--grace", "500ms"],
    )
    assert run.status() == 5


def test_what_the_ward_said_survives_a_replaced_sentinel(launch):
    run = launch(
        python_ward(
            "say('READY=1\\nWATCHDOG_USEC=60000000'); time.sleep(0.5); print('up', flush=True)\n"
            "sys.stdin.readline(); time.sleep(1.5); sys.exit(5)\n"
        ),
        ["--notify", "--kill-delay", "300ms", "--on-sentinel-loss", "replace"],
    )
    assert run.hear() == "up"
    lost = run.sentinel()
    lost.send(signal.SIGKILL)
    assert lost.wait_gone(deadline.FALL_S)
    run.tell("go")
    assert run.status() == 5
