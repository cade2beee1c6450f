"""Who survives is named, once it is decided: in the report, by the status, and on standard error."""

import json
import signal

import pytest
from support import needs


@pytest.fixture
def deaf(programs, make_family):
    """A set-uid program that starts a process of root's, which its user cannot signal: it does not heed
    SIGTERM, and ends by itself after its time."""
    needs.root()
    path = programs.make("sudo", ["-DDEAF"], called="deaf-sudo")
    path.chmod(0o4755)
    family = make_family("behind", "sudo")
    family.program = path
    return family


only_a_user = pytest.mark.parametrize("account", ["as_user"], indirect=True)


@only_a_user
def test_what_could_not_be_killed_and_ended_by_itself_is_no_survivor(launch, deaf, folder):
    words = ["sh", "-c", f"{deaf.program} {deaf.roster} 1; :"]
    run = launch(words, ["--timeout", "300ms", "--grace", "0", "--report", "r.json"])
    assert deaf.hear()[0] == "root"
    status = run.status()
    told = json.loads((folder / "r.json").read_text())
    assert (status, told["exit_status"], told["survivors"]) == (124, 124, [])


@only_a_user
def test_a_survivor_is_named_without_a_report_and_soon(launch, deaf, tree):
    words = ["sh", "-c", f"{deaf.program} {deaf.roster} 6; :"]
    run = launch(words, ["--timeout", "300ms", "--grace", "0"])
    _, pid = deaf.hear()
    assert run.status() == 125
    assert f"{pid} deaf-sudo is still alive: it belongs to another user" in run.stderr()
    assert not tree.wait_gone()  # it ends by itself


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGTRAP, signal.SIGSYS])
def test_a_fault_that_a_process_sends_is_passed_on(launch, listener, number):
    run = launch(listener.command(f"{int(number)}=3"))
    listener.gather()
    run.wrapper.send(number)
    assert listener.hear() == ("got", int(number))
    assert run.status() == 3


def test_a_mapped_fault_is_passed_on_as_what_it_is_mapped_to(launch, listener):
    run = launch(listener.command("15=3"), ["--map-signal", "ABRT=TERM"])
    listener.gather()
    run.wrapper.send(signal.SIGABRT)
    assert listener.hear() == ("got", int(signal.SIGTERM))
    assert run.status() == 3


def test_a_stop_signal_that_is_mapped_to_nothing_does_nothing(launch, listener):
    run = launch(listener.command("10=3"), ["--map-signal", "INT=0", "--grace", "100ms"])
    listener.gather()
    run.wrapper.send(signal.SIGINT)
    assert not run.wrapper.wait_gone(0.5)
    run.wrapper.send(signal.SIGUSR1)
    assert listener.hear() == ("got", int(signal.SIGUSR1))
    assert run.status() == 3


def test_verbose_says_that_the_time_ran_out_and_that_force_was_used(launch, listener):
    run = launch(listener.command(), ["-v", "--timeout", "300ms", "--grace", "200ms"])
    listener.gather()
    assert run.status() == 124
    said = run.stderr()
    assert (
        "the command timed out" in said
        and "the grace expired: killing the processes that are left" in said
    )
