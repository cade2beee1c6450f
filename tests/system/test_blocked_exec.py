"""The exec of the command may block for as long as a file system hangs. A lease on its program does
the same: exec waits until the holder gives the lease back."""

import fcntl
import os
import signal

import pytest
from support import deadline
from support.run import child_of
from support.waiting import wait_until

TIMED_OUT = 124
RUNGS = ([], ["--isolate"], ["--without=cgroup"], ["--without=cgroup", "--without=brand"])
every_rung = pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: " ".join(rung) or "all")


class Leased:
    """A program that no process can execute until it is let go."""

    def __init__(self, path, text):
        self.path = path
        path.write_text(text)
        path.chmod(0o755)
        self.fd = os.open(path, os.O_RDONLY)
        fcntl.fcntl(self.fd, fcntl.F_SETSIG, signal.SIGURG)  # the default one would end the test
        fcntl.fcntl(self.fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)

    def await_exec(self):
        wait_until(
            lambda: fcntl.fcntl(self.fd, fcntl.F_GETLEASE) != fcntl.F_WRLCK,
            deadline.ANSWER_S,
            "an exec that waits for the lease",
        )

    def let_go(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


@pytest.fixture
def make_leased(folder):
    made = []

    def make(text):
        made.append(Leased(folder / "program", text))
        return made[-1]

    yield make
    for leased in made:
        leased.let_go()


@pytest.fixture
def leased(make_leased):
    return make_leased("#!/bin/true\n")


@every_rung
def test_timeout_ends_it(launch, leased, tree, rung):
    run = launch([leased.path], ["--timeout=300ms", *rung])
    leased.await_exec()
    assert run.status() == TIMED_OUT
    assert not tree.wait_gone()


@every_rung
@pytest.mark.parametrize("prefix", [[], ["env", "--ignore-signal=TERM"]], ids=["plain", "deaf"])
def test_stop_signal_ends_it(launch, leased, tree, rung, prefix):
    run = launch([leased.path], ["--grace=200ms", *rung], prefix=prefix)
    leased.await_exec()
    run.wrapper.send(signal.SIGINT if prefix else signal.SIGTERM)
    assert run.status() == 128 + (signal.SIGINT if prefix else signal.SIGTERM)
    assert not tree.wait_gone()


@every_rung
def test_end_of_the_caller_ends_it(caller, leased, tree, rung):
    shell, wrapper = caller([leased.path], *rung)
    leased.await_exec()
    shell.send(signal.SIGKILL)
    assert wrapper.wait_gone(deadline.FALL_S)
    assert not tree.wait_gone()


@every_rung
def test_end_of_a_guard_ends_it(launch, leased, tree, rung):
    for guard in ("wrapper", "sentinel"):
        run = launch([leased.path], rung)
        leased.await_exec()
        victim = run.wrapper if guard == "wrapper" else run.sentinel()
        victim.send(signal.SIGKILL)
        assert run.wrapper.wait_gone(deadline.FALL_S)
        assert not tree.wait_gone()


def test_command_runs_once_its_exec_goes_on(launch, leased):
    run = launch([leased.path])
    leased.await_exec()
    leased.let_go()
    assert run.status() == 0


def test_failed_exec_is_told_although_it_took_its_time(launch, make_leased):
    leased = make_leased("#!/nonexistent/interpreter\n")
    run = launch([leased.path])
    leased.await_exec()
    leased.let_go()
    assert run.status() == 127
    assert run.stderr().startswith("treefall: cannot execute the command")


@pytest.fixture
def stop_at_the_gate(launch, programs, folder):
    """A run whose ward is stopped in its first millisecond, before it waits to be let go."""
    preload = programs.make("tarry", ["-shared", "-fPIC", "-ldl"], called="tarry.so")
    sign = folder / "tarry-here"

    def start(*options):
        sign.touch()
        run = launch(["true"], options, prefix=["env", f"LD_PRELOAD={preload}", f"TARRY_AT={sign}"])
        run.sentinel()  # its name tells it from the ward
        ward = wait_until(
            lambda: child_of(run.wrapper.pid, "treefall", exactly=True), deadline.ANSWER_S, "a ward"
        )
        ward.send(signal.SIGSTOP)
        sign.unlink()
        return run

    return start


@every_rung
def test_stop_signal_ends_a_ward_that_is_stopped_before_its_gate(stop_at_the_gate, tree, rung):
    run = stop_at_the_gate("--grace=200ms", *rung)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() in (128 + signal.SIGTERM, 128 + signal.SIGKILL)
    assert not tree.wait_gone()


@pytest.mark.parametrize("rung", [[], ["--isolate"]], ids=["all", "isolated"])
def test_timeout_ends_a_ward_that_is_stopped_before_its_gate(stop_at_the_gate, tree, rung):
    run = stop_at_the_gate("--grace=200ms", "--timeout=2s", *rung)
    assert run.status() == TIMED_OUT
    assert not tree.wait_gone()
