"""A signal that treefall's caller had it ignore is no request to stop: nohup, a background job."""

import json
import signal

import pytest
from support import proc
from support.process import Process
from support.terminal import CTRL_C, Terminal
from support.ward import Watch

MEMBERS = ("session", "stubborn")
STOPS = (signal.SIGTERM, signal.SIGINT)
END = f"{signal.SIGUSR1}=5"
RUN = ("run", "--grace=0", "--")
SETTLED_S = 0.5  # a watch that is told to stop ends at once


def ignoring(number):
    return ["env", f"--ignore-signal={number.name[3:]}"]


def heard(listener, number):
    return listener.hear() == ("got", int(number))


@pytest.fixture
def open_terminal(account, folder, tree):
    """A terminal whose session is led by these words."""
    opened = []

    def start(*words):
        opened.append(Terminal(account, folder, words))
        tree.add(opened[-1].leader)
        return opened[-1]

    yield start
    tree.end()
    for terminal in opened:
        terminal.hang_up()
        terminal.popen.wait()


# ---- run -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_run_passes_it_on_and_goes_on(launch, listener, number):
    """Nor does a second one force the end. The command may have a handler of its own for it."""
    run = launch(listener.command(END), ["--grace=0"], prefix=ignoring(number))
    listener.gather()
    for _ in range(2):
        run.wrapper.send(number)
        assert heard(listener, number)
    run.wrapper.send(signal.SIGUSR1)
    assert run.status() == 5


def test_run_under_nohup_outlives_its_terminal(open_terminal, treefall, listener):
    terminal = open_terminal(*ignoring(signal.SIGHUP), treefall, *RUN, *listener.command(END))
    listener.gather()
    terminal.hang_up()
    assert heard(listener, signal.SIGHUP)
    terminal.leader.send(signal.SIGUSR1)
    assert terminal.popen.wait() == 5


def test_ctrl_c_leaves_a_background_job_of_a_script(open_terminal, treefall, listener):
    command = " ".join(map(str, listener.command(END)))
    script = f"trap : INT; {treefall} {' '.join(RUN)} {command} & wait; wait $!; exit $?"
    terminal = open_terminal("sh", "-c", script)
    listener.gather()
    terminal.type(CTRL_C)
    assert heard(listener, signal.SIGINT)
    Process.open(proc.row(listener.ward.pid).parent_pid).send(signal.SIGUSR1)
    assert terminal.popen.wait() == 5


# ---- watch -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_watch_goes_on(treefall, account, folder, ward, family, tree, number):
    watch = Watch(treefall, account, folder, ward.pid, prefix=ignoring(number))
    tree.add(watch.primary)
    watch.primary.send(number)
    assert not watch.primary.wait_gone(SETTLED_S)
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    assert watch.status() == 0
    watch.end()


def test_watch_under_nohup_outlives_its_terminal(open_terminal, treefall, ward, family):
    words = [treefall, "watch", "--pid", str(ward.pid), "--json"]
    terminal = open_terminal(*ignoring(signal.SIGHUP), *words)
    assert json.loads(terminal.expect(r"\{.*\}")[0])["watching"] == ward.pid
    terminal.hang_up()
    assert not terminal.leader.wait_gone(SETTLED_S)
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    assert terminal.popen.wait() == 0
