"""A breakpoint is not a hang: a ward that is stopped or traced is held, until it runs again."""

import signal
import subprocess
from pathlib import Path

import pytest
from support import deadline
from support.process import Process
from support.waiting import wait_until
from support.ward import Ward, Watch

KILL_DELAY_S = 0.25
LONG_S = 2.5 * KILL_DELAY_S  # silence that fells who is not held
DEBUGGERS = {
    "gdb": ["gdb", "-nx", "-q", "-p"],
    "strace": ["strace", "-qq", "-o", "/dev/null", "-p"],
}


@pytest.fixture
def beater(make_family):
    return make_family("beats", "beater")


@pytest.fixture
def options(folder):
    return ["--heartbeat", str(folder / "beat"), "--kill-delay", f"{KILL_DELAY_S}s"]


@pytest.fixture
def guarded(launch, beater, folder, options):
    """A ward that beats, under `treefall run`."""

    def start(*more):
        run = launch(beater.command(folder / "beat"), [*options, *more])
        beater.gather()
        run.tell("beat")  # a stamp of the ward's first tick may count as an earlier run's
        beater.await_report("beat")
        return run

    return start


@pytest.fixture
def debug(account, folder, tree):
    """Attach a debugger to a process; it holds it when this returns."""
    started = []

    def attach(name, process):
        debugger = subprocess.Popen(
            account.command([*DEBUGGERS[name], str(process.pid)]),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=account.environment(folder),
            start_new_session=True,
        )
        started.append(debugger)
        wait_until(lambda: tracer_of(process) == debugger.pid, deadline.START_S, f"{name} attached")
        return tree.add(Process.of_child(debugger.pid))

    yield attach
    tree.end()
    for debugger in started:
        debugger.stdin.close()
        debugger.wait()


def tracer_of(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("TracerPid:")[2].split()[0])


def assert_held(run, beater):
    assert not beater.ward.wait_gone(LONG_S)
    assert run.wrapper.is_alive()


def assert_beats(run, beater):
    """It goes on where it was, and its beats count."""
    run.tell("beat")
    beater.await_report("beat")
    assert not beater.ward.wait_gone(LONG_S)


def assert_falls_when_it_hangs(run, beater, tree):
    run.tell("hang")
    assert run.status() == 124
    assert not beater.left()
    assert not tree.wait_gone()


def test_a_stopped_ward_is_held(guarded, beater, tree):
    run = guarded()
    beater.ward.send(signal.SIGSTOP)
    assert_held(run, beater)
    beater.ward.send(signal.SIGCONT)
    assert_beats(run, beater)
    assert_falls_when_it_hangs(run, beater, tree)


def test_a_ward_that_hangs_when_it_goes_on_falls(guarded, beater, tree):
    """It was held for its stop, not for good."""
    run = guarded()
    run.tell("hang")
    beater.await_report("hung")
    beater.ward.send(signal.SIGSTOP)
    assert_held(run, beater)
    beater.ward.send(signal.SIGCONT)
    assert run.status() == 124
    assert not tree.wait_gone()


def test_a_breakpoint_is_held(guarded, beater, debug, tree):
    run = guarded()
    gdb = debug("gdb", beater.ward)
    assert_held(run, beater)
    gdb.send(signal.SIGKILL)
    assert_beats(run, beater)
    assert_falls_when_it_hangs(run, beater, tree)


def test_a_traced_ward_is_held_until_its_tracer_is_gone(guarded, beater, debug, tree):
    """Between two breakpoints it runs, and may take its time."""
    run = guarded()
    strace = debug("strace", beater.ward)
    run.tell("hang")
    beater.await_report("hung")
    assert_held(run, beater)
    strace.send(signal.SIGKILL)
    assert run.status() == 124
    assert not tree.wait_gone()


@pytest.mark.parametrize("how", ["stopped", *DEBUGGERS])
def test_no_hold_when_it_is_not_wanted(guarded, beater, debug, how):
    """At once: that a debugger keeps the dead ward as a zombie makes nobody wait."""
    run = guarded("--hold-when-stopped=no")
    if how == "stopped":
        beater.ward.send(signal.SIGSTOP)
    else:
        debug(how, beater.ward)
        run.tell("hang")
    assert run.status(deadline.ANSWER_S / 2) == 124
    assert not beater.left()


def test_a_held_ward_falls_when_that_is_asked_for(guarded, beater, tree):
    run = guarded("--grace", "200ms")
    beater.ward.send(signal.SIGSTOP)
    assert_held(run, beater)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() in (128 + signal.SIGTERM, 128 + signal.SIGKILL)
    assert not tree.wait_gone()


def test_a_held_ward_falls_with_its_guards(guarded, beater, tree):
    run = guarded()
    beater.ward.send(signal.SIGSTOP)
    assert_held(run, beater)
    run.wrapper.send(signal.SIGKILL)
    assert not beater.left()
    assert not tree.wait_gone()


def test_a_watched_ward_is_held(treefall, account, folder, tree, beater, options):
    ward = Ward(account, folder, beater.command(folder / "beat"))
    tree.add(ward.process)
    beater.gather()
    watch = Watch(treefall, account, folder, ward.pid, options)
    tree.add(watch.primary)
    ward.process.send(signal.SIGSTOP)
    assert not ward.process.wait_gone(LONG_S)
    ward.process.send(signal.SIGCONT)
    ward.tell("hang")
    assert watch.status() == 0
    assert not beater.left()
    watch.end()
    ward.end()
