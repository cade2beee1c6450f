"""Graceful first, bounded always: ask, wait the grace, force."""

import json
import signal

import pytest
from support import deadline

LONG = "1000s"  # a grace that no test waits for
SHORT = "200ms"


def expect(listener, number):
    assert listener.hear() == ("got", int(number))


def test_the_time_runs_out_and_the_command_is_asked(launch, listener):
    run = launch(listener.command("15=0"), ["--timeout", SHORT, "--grace", LONG])
    listener.gather()
    expect(listener, signal.SIGTERM)
    assert run.status() == 124


def test_signal_says_what_asks(launch, listener):
    options = ["--timeout", SHORT, "--grace", LONG, "--signal", "USR2"]
    run = launch(listener.command(f"{signal.SIGUSR2}=0"), options)
    listener.gather()
    expect(listener, signal.SIGUSR2)
    assert run.status() == 124


def test_after_the_grace_it_is_forced(launch, listener):
    run = launch(listener.command(), ["--timeout", SHORT, "--grace", SHORT])
    listener.gather()
    expect(listener, signal.SIGTERM)
    assert run.status() == 124
    assert not listener.left()


def test_kill_after_is_grace(launch, listener):
    run = launch(listener.command(), ["--timeout", SHORT, "--kill-after", SHORT])
    listener.gather()
    expect(listener, signal.SIGTERM)
    assert run.status() == 124


def test_a_grace_of_zero_forces_at_once(launch, listener):
    run = launch(listener.command(), ["--timeout", "1s", "--grace", "0"])
    listener.gather()
    assert run.status() == 124


def test_a_stop_signal_starts_the_grace(launch, listener):
    run = launch(listener.command(), ["--grace", SHORT])
    listener.gather()
    run.wrapper.send(signal.SIGTERM)
    expect(listener, signal.SIGTERM)
    assert run.status() == 128 + signal.SIGKILL


def test_a_second_stop_signal_forces(launch, listener):
    run = launch(listener.command(), ["--grace", LONG])
    listener.gather()
    run.wrapper.send(signal.SIGTERM)
    expect(listener, signal.SIGTERM)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGKILL
    assert not listener.left()


def test_a_second_stop_signal_of_another_kind_forces(launch, listener):
    run = launch(listener.command(), ["--grace", LONG])
    listener.gather()
    run.wrapper.send(signal.SIGINT)
    expect(listener, signal.SIGINT)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGKILL


def test_a_cleanup_within_its_grace_is_not_cut_short(launch, family, listener):
    """The asked command goes on as long as it likes within the grace, with all its children."""
    script = (
        f"{family.program} {family.roster} daemon & exec {listener.program} {listener.roster} 10=4"
    )
    run = launch(["sh", "-c", script], ["--grace", LONG])
    listener.gather()
    family.gather("daemon")
    run.wrapper.send(signal.SIGTERM)
    expect(listener, signal.SIGTERM)
    assert family["daemon"].is_alive()
    run.wrapper.send(signal.SIGUSR1)
    expect(listener, signal.SIGUSR1)
    assert run.status() == 4
    assert not family.left()


def test_a_stopped_command_hears_the_question(launch, family):
    run = launch(family.command(), ["--timeout", "1s", "--grace", LONG])
    family.gather()
    family.ward.send(signal.SIGSTOP)
    assert run.status() == 124


def test_leftovers_are_forced_at_once(launch, family, listener):
    run = launch(in_the_background(listener, family))
    family.gather()
    listener.gather()
    run.tell("exit 3")
    assert run.status() == 3
    assert not listener.left()


def test_exit_grace_asks_the_leftovers(launch, family, listener):
    options = ["--exit-grace", LONG]
    run = launch(in_the_background(listener, family, ends="15=0"), options)
    family.gather()
    listener.gather()
    run.tell("exit 3")
    expect(listener, signal.SIGTERM)
    assert run.status() == 3


def test_exit_grace_is_bounded(launch, family, listener):
    run = launch(in_the_background(listener, family), ["--exit-grace", SHORT, "--signal", "USR1"])
    family.gather()
    listener.gather()
    run.tell("exit 3")
    expect(listener, signal.SIGUSR1)
    assert run.status() == 3
    assert not listener.left()


def test_exit_grace_reaches_a_daemon_too(launch, family):
    run = launch(family.command("daemon", "session", "group", "orphan"), ["--exit-grace", LONG])
    family.gather("daemon", "session", "group", "orphan")
    run.tell("exit 0")
    assert run.status() == 0
    assert not family.left()


@pytest.mark.parametrize("without", [(), ("--without", "subreaper")], ids=["", "no_subreaper"])
def test_a_stop_signal_ends_the_wait_for_the_leftovers(launch, family, listener, without):
    run = launch(in_the_background(listener, family), ["--exit-grace", LONG, *without])
    family.gather()
    listener.gather()
    run.tell("exit 3")
    expect(listener, signal.SIGTERM)
    assert not run.wrapper.wait_gone(0.2)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 3
    assert not listener.left()


@pytest.mark.parametrize("without", [(), ("--without", "subreaper")], ids=["", "no_subreaper"])
def test_no_fall_on_exit_waits_for_the_descendants(launch, family, without):
    run = launch(family.command("daemon", "plain"), ["--no-fall-on-exit", *without])
    family.gather("daemon", "plain")
    run.tell("exit 5")
    assert family.ward.wait_gone(deadline.FALL_S)
    family["plain"].send(signal.SIGTERM)
    assert family["plain"].wait_gone(deadline.FALL_S)
    assert not run.wrapper.wait_gone(0.2) and family["daemon"].is_alive()
    family["daemon"].send(signal.SIGTERM)
    assert run.status() == 5


def test_no_fall_on_exit_still_asks_the_descendants(launch, family):
    run = launch(family.command("daemon", "plain"), ["--no-fall-on-exit", "--grace", LONG])
    family.gather("daemon", "plain")
    run.tell("exit 5")
    assert family.ward.wait_gone(deadline.FALL_S)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 5
    assert not family.left()


def test_no_fall_on_exit_and_the_time_runs_out(launch, family):
    options = ["--no-fall-on-exit", "--timeout", "1s", "--grace", SHORT]
    run = launch(family.command("daemon", "stubborn"), options)
    family.gather("daemon", "stubborn")
    run.tell("exit 5")
    assert run.status() == 124
    assert not family.left()


def in_the_background(listener, family, ends=""):
    """A ward, `family`, with a child that reports the signals it gets."""
    child = f"{listener.program} {listener.roster} {ends}"
    return ["sh", "-c", f"{child} & exec {family.program} {family.roster}"]


# ---- what the report says of a stop -----------------------------------------------------------


def detail_after(launch, program, folder, *options):
    run = launch(program, ["--report", "fall.json", *options])
    return run, lambda: json.loads((folder / "fall.json").read_text())["trigger_detail"]


def test_a_stop_that_is_obeyed_is_reported_as_obeyed(launch, listener, folder):
    run, detail = detail_after(launch, listener.command("15=0"), folder, "--grace", LONG)
    listener.gather()
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 0
    assert detail() == "a stop signal arrived and the command exited within the grace"


def test_a_grace_that_ran_out_is_reported(launch, listener, folder):
    run, detail = detail_after(launch, listener.command(), folder, "--grace", SHORT)
    listener.gather()
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGKILL
    assert detail() == "a stop signal arrived and the grace expired"


def test_a_second_stop_signal_is_reported(launch, listener, folder):
    run, detail = detail_after(launch, listener.command(), folder, "--grace", LONG)
    listener.gather()
    run.wrapper.send(signal.SIGTERM)
    expect(listener, signal.SIGTERM)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGKILL
    assert detail() == "a second stop signal arrived"


def test_a_stop_signal_that_cuts_the_grace_of_a_timeout_short_is_reported(launch, listener, folder):
    run, detail = detail_after(
        launch, listener.command(), folder, "--timeout", SHORT, "--grace", LONG
    )
    listener.gather()
    expect(listener, signal.SIGTERM)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 124
    assert detail() == "a stop signal arrived and cut the grace short"
