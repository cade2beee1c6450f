"""Requests to stop, noticed natively, and the handlers that they are passed on to."""

import json
import signal

import pytest
from support import deadline
from support.waiting import wait_until

STOPS = [signal.SIGINT, signal.SIGTERM]

ids = pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)


def caught(ward):
    """Which of the standard signals it handles: libc has two of its own above, from the first thread."""
    return ward.ask(
        "[int(l[8:], 16) & 0x7fffffff for l in open('/proc/self/status') if l.startswith('SigCgt')]"
    )


def handlers_count(ward, number):
    ward.do("import signal; seen = []")
    ward.do(f"before = signal.signal({int(number)}, lambda *told: seen.append(told[0]))")


def fell_for(tmp_path):
    text = wait_until((tmp_path / "fall.json").read_text, deadline.ANSWER_S, "a report")
    return json.loads(text)["trigger"]


def suspend(ward):
    """At a prompt of pdb: the main thread waits for a line that never comes."""
    ward.tell("import pdb; pdb.set_trace()")
    wait_until(lambda: ward.lines.next(deadline.START_S), deadline.START_S, "a prompt")


@ids
def test_a_stop_is_passed_on_and_a_beat_answers_it(ward, number):
    ward.do("g = treefall.guard(0.4)")
    handlers_count(ward, number)
    ward.do("g.beat_in_thread()")
    ward.process.send(number)
    wait_until(lambda: ward.ask("seen") == [number], deadline.ANSWER_S, "the handler is called")
    assert not ward.process.wait_gone(1.0)


@ids
def test_handlers_set_before_and_after_the_start_are_there_when_it_ends(ward, number):
    handlers_count(ward, number)
    ward.do("g = treefall.guard(60)")
    ward.process.send(number)
    wait_until(lambda: ward.ask("seen") == [number], deadline.ANSWER_S, "the handler is called")
    ward.do("g.stop()")
    ward.process.send(number)
    wait_until(lambda: ward.ask("len(seen)") == 2, deadline.ANSWER_S, "it is called again")


def test_a_guard_leaves_the_signals_as_they_were(ward):
    before = caught(ward)
    ward.do("g = treefall.guard(60)")
    ward.do("g.stop()")
    assert caught(ward) == before


def test_whom_nobody_handles_ends_by_it(ward):
    """SIGTERM's default is the kernel's, and what it started falls as ever."""
    ward.do("g = treefall.guard(60)")
    child = ward.child()
    ward.process.send(signal.SIGTERM)
    assert ward.popen.wait(deadline.FALL_S) == -signal.SIGTERM
    assert child.wait_gone(deadline.FALL_S)


def test_one_that_is_ignored_stays_ignored(ward):
    ward.do("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    ward.do("g = treefall.guard(60, stop_budget=0.2)")
    ward.process.send(signal.SIGTERM)
    assert not ward.process.wait_gone(1.0)
    assert ward.ask("g.armed")


@ids
@pytest.mark.parametrize("beats", ["", "g.beat()"], ids=["starting", "beating"])
def test_a_stop_while_a_debugger_suspends_it_is_an_end(ward, tmp_path, number, beats):
    """Python's own handler cannot run to its end there, or says nothing to a prompt."""
    handlers_count(ward, number)
    ward.do("g = treefall.guard(0.4, startup_grace=3600, report='fall.json')")
    ward.do(beats)
    suspend(ward)
    assert not ward.process.wait_gone(1.5)
    ward.process.send(number)
    assert ward.falls()
    assert fell_for(tmp_path) == "asked"


def test_a_stop_may_take_longer(ward):
    handlers_count(ward, signal.SIGTERM)
    ward.do("g = treefall.guard(0.2, stop_budget=2); g.beat()")
    suspend(ward)
    ward.process.send(signal.SIGTERM)
    assert not ward.process.wait_gone(1.0)
    assert ward.falls()


def test_a_fork_s_stops_are_its_own(ward):
    """The child has the handlers, and no guard that they would tell."""
    ward.do("g = treefall.guard(60, stop_budget=0.2)")
    handlers_count(ward, signal.SIGTERM)
    ward.do("import signal, time")
    ward.do("child = os.fork() or (time.sleep(3600), os._exit(0))")
    ward.do("os.kill(child, signal.SIGTERM)")
    assert not ward.process.wait_gone(1.0)
    assert ward.ask("g.armed and seen == []")
    ward.do("os.kill(child, signal.SIGKILL); os.waitpid(child, 0)")
