"""A guard that is held still, and not killed: what it has to do, another one does."""

import json
import signal

from support import deadline, ending, freezing, leavings, needs
from support.process import wait_all_gone
from support.run import child_of
from support.scene import MEMBERS, WATCHED
from support.stage import played, played_held
from support.waiting import wait_until

SHORT = "200ms"
LONG = "1000s"  # no test waits for it
BOUND_S = (
    15.0  # far less than the 12 s and more that a fall used to wait for a stopped guard, twice
)
OUTLIVING = ("--no-fall-on-exit", "--grace", LONG)
BEATING = ("--heartbeat", "beat", "--kill-delay", "300ms", "--startup-grace", "1s")


def report_of(folder):
    return json.loads((folder / "fall.json").read_text())


def await_report(folder):
    """The report that is written while a guard is held still."""
    wait_until((folder / "fall.json").exists, BOUND_S, "a report")
    return report_of(folder)


def assert_nothing_is_left(family, tree, folder, cgroup=None):
    assert not family.left()
    assert not tree.wait_gone()
    assert not leavings.runtime_files(folder)
    assert cgroup is None or not cgroup.exists()


# ---- the wrapper is held still ----------------------------------------------------------------


@played_held
def test_a_timeout_comes_though_the_wrapper_is_held_still(start, family, tree, folder, hold):
    run = start("--timeout", "3s", "--grace", SHORT, "--report", "fall.json")
    cgroup = leavings.cgroup_of(family.ward.pid)
    with hold(run.wrapper):
        assert not family.left(BOUND_S)
        before = await_report(folder)
        assert (before["trigger"], before["written_by"]) == ("timeout", "sentinel")
        assert before["counts"]["survived"] == 0
    assert run.status() == 124
    assert report_of(folder) == before
    assert_nothing_is_left(family, tree, folder, cgroup)


@played_held
def test_a_timeout_comes_without_a_report_though_the_wrapper_is_held_still(
    start, family, tree, folder, hold
):
    run = start("--timeout", "3s", "--grace", SHORT)
    cgroup = leavings.cgroup_of(family.ward.pid)
    with hold(run.wrapper):
        assert not family.left(BOUND_S)
    assert run.status() == 124
    assert_nothing_is_left(family, tree, folder, cgroup)


@played_held
def test_leftovers_of_a_ward_fall_though_the_wrapper_is_held_still(
    start, family, tree, folder, hold
):
    run = start("--report", "fall.json")
    with hold(run.wrapper):
        run.tell("exit 3")
        assert not family.left(BOUND_S)
        before = await_report(folder)
        assert before["trigger"] == "ward-dead"
    assert run.status() == 3
    assert report_of(folder) == before
    assert_nothing_is_left(family, tree, folder)


@played_held
def test_the_caller_s_death_counts_though_the_wrapper_is_held_still(
    caller, family, tree, folder, hold
):
    shell, wrapper = caller(family.command(*MEMBERS), "--grace", SHORT, "--report", "fall.json")
    family.gather(*MEMBERS)
    with hold(wrapper):
        shell.send(signal.SIGKILL)
        assert not family.left(BOUND_S)
        assert await_report(folder)["trigger"] == "caller-dead"
    assert wrapper.wait_gone(deadline.FALL_S)
    assert_nothing_is_left(family, tree, folder)


@played_held
def test_silence_counts_though_the_wrapper_is_held_still(start, family, tree, folder, beat, hold):
    run = start(*BEATING, "--report", "fall.json")
    with hold(run.wrapper):
        assert not family.left(BOUND_S)
        assert await_report(folder)["trigger"] == "stale"
    assert run.status() == 124
    assert_nothing_is_left(family, tree, folder)


@played_held
def test_a_grace_ends_though_the_wrapper_is_held_still(
    launch, listener, canary, tree, folder, hold
):
    run = launch(listener.command(), ["--grace", "1s", "--report", "fall.json"])
    listener.gather()
    run.wrapper.send(signal.SIGTERM)
    assert listener.hear() == ("got", signal.SIGTERM)
    with hold(run.wrapper):
        assert not listener.left(BOUND_S)
        assert await_report(folder)["trigger"] == "asked"
    assert run.status() == 128 + signal.SIGKILL


@played
def test_the_grace_is_given_though_the_wrapper_is_held_still(launch, listener, canary, folder):
    """Asked by the sentinel, and with the signal of the user's."""
    run = launch(listener.command("12=5"), ["--timeout", "1s", "--grace", LONG, "--signal", "USR2"])
    listener.gather()
    with freezing.stopped(run.wrapper):
        assert listener.hear() == ("got", signal.SIGUSR2)
        assert not listener.left(BOUND_S)
    assert run.status() == 124


@played
def test_a_wrapper_that_goes_on_takes_the_grace_over(launch, listener, canary, tree):
    run = launch(listener.command(), ["--timeout", "1s", "--grace", LONG])
    listener.gather()
    with freezing.stopped(run.wrapper):
        assert listener.hear() == ("got", signal.SIGTERM)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 124
    assert not listener.left()


@played
def test_leftovers_are_asked_though_the_wrapper_is_held_still(
    launch, family, listener, canary, folder
):
    options = ["--exit-grace", LONG, "--report", "fall.json"]
    run = launch(family.command("session"), options)
    family.gather("session")
    with freezing.stopped(run.wrapper):
        run.tell("exit 3")
        assert not family.left(BOUND_S)
        lines = await_report(folder)["fallen"]
        assert {line["signal"] for line in lines if line["signal"]} == {"TERM"}
    assert run.status() == 3


@played_held
def test_a_stop_signal_waits_for_a_wrapper_that_is_held_still(start, family, tree, folder, hold):
    """It is the kernel's until the wrapper can take it. Nothing else is due."""
    run = start("--grace", LONG)
    with hold(run.wrapper):
        run.wrapper.send(signal.SIGTERM)
        run.tell("say here")
        assert family.await_report("here")
        assert len(family.living()) == 1 + len(MEMBERS)
    assert run.status() == 128 + signal.SIGTERM
    assert_nothing_is_left(family, tree, folder)


@played_held
def test_a_killed_sentinel_counts_though_the_wrapper_is_held_still(
    start, family, tree, folder, hold
):
    run = start("--report", "fall.json")
    sentinel, _reserve = run.sentinel(), run.reserve()
    with hold(run.wrapper):
        ending.kill_together(sentinel)
        assert not family.left(BOUND_S)
        assert await_report(folder)["trigger"] == "guard-lost"
    assert run.status() == 128 + signal.SIGKILL
    assert_nothing_is_left(family, tree, folder)


@played
def test_the_reserve_watches_until_a_wrapper_that_is_held_still_replaces_the_sentinel(
    start, family, tree, folder
):
    run = start("--on-sentinel-loss", "replace", "--timeout", "3s", "--grace", SHORT)
    sentinel, _reserve = run.sentinel(), run.reserve()
    with freezing.stopped(run.wrapper):
        ending.kill_together(sentinel)
        assert not family.left(BOUND_S)
    assert run.status() == 124
    assert_nothing_is_left(family, tree, folder)


@played
def test_a_wrapper_that_was_held_still_may_be_killed_after_the_fall(start, family, tree, folder):
    run = start("--timeout", "3s", "--grace", SHORT, "--report", "fall.json", "--heartbeat", "auto")
    cgroup = leavings.cgroup_of(family.ward.pid)
    freezing.stop(run.wrapper)
    assert not family.left(BOUND_S)
    before = await_report(folder)
    run.wrapper.send(signal.SIGKILL)
    assert run.status() == 128 + signal.SIGKILL
    assert_nothing_is_left(family, tree, folder, cgroup)
    assert report_of(folder) == before


@played_held
def test_a_wrapper_with_nothing_to_do_may_be_held_still(start, family, hold):
    """Longer than any patience: a debugger on it is no reason for a fall."""
    run = start("--kill-delay", "100ms")
    sentinel = run.sentinel()
    with hold(run.wrapper):
        wait_for_turns(sentinel, 30)
        assert len(family.living()) == 1 + len(MEMBERS)
    run.tell("exit 6")
    assert run.status() == 6


@played
def test_what_outlives_its_ward_is_asked_though_the_wrapper_is_held_still(launch, listener, canary):
    """With --no-fall-on-exit it is the tree, and has the grace of one."""
    run = launch(
        ["sh", "-c", '"$@" & exit 3', "sh", *listener.command("15=5")],
        [*OUTLIVING, "--timeout", "2s"],
    )
    listener.gather()
    with freezing.stopped(run.wrapper):
        assert listener.hear(BOUND_S) == ("got", signal.SIGTERM)
        assert not listener.left(BOUND_S)
    assert run.status() == 124


@played
def test_what_outlives_a_ward_that_was_asked_has_its_grace(launch, listener, canary, tree):
    """The ward is asked, and ends; then the rest is, and has what is left of the grace."""
    command = ["sh", "-c", '"$@" & wait', "sh", *listener.command()]
    run = launch(command, [*OUTLIVING, "--timeout", "2s", "--kill-delay", "100ms"])
    listener.gather()
    sentinel, ward = run.sentinel(), find_child(run, "sh")
    with freezing.stopped(run.wrapper):
        assert ward.wait_gone(BOUND_S)
        assert listener.hear(BOUND_S) == ("got", signal.SIGTERM)
        wait_for_turns(sentinel, 10)
        listener.ward.send(signal.SIGUSR1)
        assert listener.hear(BOUND_S) == ("got", signal.SIGUSR1)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 124
    assert not listener.left()


@played
def test_leftovers_are_asked_once_though_the_wrapper_goes_on_meanwhile(launch, listener, canary):
    command = ["sh", "-c", '"$@" & read line; exit 3', "sh", *listener.command()]
    run = launch(command, ["--exit-grace", "3s"])
    listener.gather()
    with freezing.stopped(run.wrapper):
        run.tell("")
        assert listener.hear() == ("got", signal.SIGTERM)
    assert run.status() == 3
    heard = list(iter(lambda: listener.lines.next(0), None))
    assert f"got {signal.SIGTERM}" not in heard
    assert not listener.left()


@played
def test_a_sentinel_that_is_killed_in_a_grace_counts_though_the_wrapper_is_held_still(
    launch, listener, canary, tree
):
    run = launch(listener.command(), ["--timeout", "2s", "--grace", LONG])
    listener.gather()
    sentinel, _reserve = run.sentinel(), run.reserve()
    with freezing.stopped(run.wrapper):
        assert listener.hear() == ("got", signal.SIGTERM)
        ending.kill_together(sentinel)
        assert not listener.left(BOUND_S)
    assert run.status() == 124


@played
def test_a_silent_notifier_counts_though_the_sentinel_is_held_still(start, family, tree, folder):
    run = start(
        "--notify", "--kill-delay", "300ms", "--startup-grace", "2s", "--report", "fall.json"
    )
    with freezing.stopped(run.sentinel()):
        assert run.status() == 124
    assert report_of(folder)["trigger"] in ("stale", "heartbeat-missing")
    assert_nothing_is_left(family, tree, folder)


@played
def test_a_namespace_ends_though_the_wrapper_is_held_still(treefall, account, launch, tree, folder):
    needs.words(account, [treefall, "run", "--isolate", "--"])
    script = "setsid sleep 1000 & sleep 1000 & echo there; wait"
    options = ["--isolate", "--timeout", "3s", "--grace", SHORT, "--report", "fall.json"]
    run = launch(["sh", "-c", script], options)
    assert run.hear() == "there"
    guards = [run.wrapper.pid, run.sentinel().pid, run.reserve().pid]
    members = [member for member in tree.record().living() if member.pid not in guards]
    assert len(members) >= 3
    with freezing.stopped(run.wrapper):
        assert not wait_all_gone(members, BOUND_S)
        assert await_report(folder)["counts"]["survived"] == 0
    assert run.status() == 124
    assert not tree.wait_gone()


@played
def test_what_is_kept_is_kept_though_the_wrapper_is_held_still(
    launch, listener, canary, tree, folder
):
    options = ["--keep", "listener", "--timeout", "3s", "--grace", SHORT, "--report", "fall.json"]
    run = launch(["sh", "-c", '"$@" & read line', "sh", *listener.command()], options)
    listener.gather()
    ward = find_child(run, "sh")
    with freezing.stopped(run.wrapper):
        assert ward.wait_gone(BOUND_S)
        assert await_report(folder)["counts"]["kept"] == 1
    assert run.status() == 124
    assert listener.ward.is_alive()
    assert [left.pid for left in tree.end()] == [listener.ward.pid]


# ---- the sentinel is held still ---------------------------------------------------------------


@played_held
def test_silence_counts_though_the_sentinel_is_held_still(start, family, tree, folder, beat, hold):
    run = start(*BEATING, "--report", "fall.json")
    with hold(run.sentinel()):
        assert run.status() == 124
    assert report_of(folder)["trigger"] == "stale"
    assert_nothing_is_left(family, tree, folder)


@played
def test_a_removed_heartbeat_counts_though_the_sentinel_is_held_still(
    start, family, tree, folder, beat
):
    run = start(
        "--heartbeat",
        "beat",
        "--kill-delay",
        "1s",
        "--startup-grace",
        "30s",
        "--report",
        "fall.json",
    )
    beat_for(beat, 2.0)  # two looks
    freezing.stop(run.sentinel())
    beat.unlink()
    assert run.status() == 124
    assert report_of(folder)["trigger"] == "heartbeat-missing"
    assert_nothing_is_left(family, tree, folder)


@played
def test_beats_are_heard_though_the_sentinel_is_held_still(start, family, beat):
    """The wrapper looks in its place, for many times the delay; the sentinel goes on from there."""
    run = start("--heartbeat", "beat", "--kill-delay", "1s", "--startup-grace", "30s")
    sentinel = run.sentinel()
    with freezing.stopped(sentinel):
        beats = beat_for(beat, 6.0)
    beats += beat_for(beat, 3.0)
    assert beats > 20
    assert len(family.living()) == 1 + len(MEMBERS)
    assert run.status() == 124


@played_held
def test_a_killed_wrapper_counts_though_the_sentinel_is_held_still(
    start, family, tree, folder, hold
):
    run = start("--report", "fall.json")
    sentinel = run.sentinel()
    cgroup = leavings.cgroup_of(family.ward.pid)
    with hold(sentinel):
        ending.kill_together(run.wrapper)
        assert not family.left(BOUND_S)
        before = await_report(folder)
        assert before["trigger"] == "guard-lost"
    assert_nothing_is_left(family, tree, folder, cgroup)
    assert report_of(folder) == before


# ---- two of the three are held still ----------------------------------------------------------


@played
def test_a_timeout_comes_though_wrapper_and_sentinel_are_held_still(start, family, tree, folder):
    run = start("--timeout", "3s", "--grace", SHORT, "--report", "fall.json")
    _reserve, sentinel = run.reserve(), run.sentinel()
    with freezing.stopped(run.wrapper), freezing.stopped(sentinel):
        assert not family.left(BOUND_S)
        before = await_report(folder)
        assert before["trigger"] == "timeout"
    assert run.status() == 124
    assert report_of(folder) == before
    assert_nothing_is_left(family, tree, folder)


@played
def test_silence_counts_though_wrapper_and_sentinel_are_held_still(
    start, family, tree, folder, beat
):
    run = start(*BEATING, "--startup-grace", "3s", "--report", "fall.json")
    _reserve, sentinel = run.reserve(), run.sentinel()
    with freezing.stopped(run.wrapper), freezing.stopped(sentinel):
        assert not family.left(BOUND_S)
        assert await_report(folder)["trigger"] == "stale"
    assert run.status() == 124
    assert_nothing_is_left(family, tree, folder)


@played
def test_both_go_on_after_a_while_with_nothing_due(start, family, tree, folder, beat):
    """The reserve takes the sentinel's place, and gives it back."""
    run = start("--heartbeat", "beat", "--kill-delay", "1s", "--startup-grace", "30s")
    sentinel = run.sentinel()
    with freezing.stopped(run.wrapper), freezing.stopped(sentinel):
        beat_for(beat, 5.0)
    beat_for(beat, 2.0)
    assert len(family.living()) == 1 + len(MEMBERS)
    run.tell("exit 4")
    assert run.status() == 4
    assert_nothing_is_left(family, tree, folder)


# ---- treefall watch ---------------------------------------------------------------------------


@played_held
def test_the_ward_s_death_counts_though_the_primary_is_held_still(
    watched, family, tree, folder, hold
):
    watch, _partner = watched()
    with hold(watch.primary):
        family.ward.send(signal.SIGKILL)
        assert not family.left(BOUND_S)
        before = await_report(folder)
        assert before["trigger"] == "ward-dead"
    assert watch.status() == 0
    assert report_of(folder) == before
    assert_nothing_is_left(family, tree, folder)


@played
def test_silence_counts_though_the_primary_is_held_still(watched, family, tree, folder, beat):
    watch, _partner = watched(*BEATING)
    with freezing.stopped(watch.primary):
        assert not family.left(BOUND_S)
        assert await_report(folder)["trigger"] == "stale"
    assert watch.status() == 0
    assert_nothing_is_left(family, tree, folder)


@played_held
def test_a_partner_held_still_is_no_part_of_the_end(watched, family, tree, hold):
    watch, partner = watched()
    with hold(partner):
        family.ward.send(signal.SIGKILL)
        assert watch.status() == 0
    assert not family.left()
    assert not tree.wait_gone()


@played
def test_a_primary_with_nothing_to_do_may_be_held_still(watched, family, tree, beat):
    """Its partner watches meanwhile, and gives the place back."""
    watch, _partner = watched("--heartbeat", "beat", "--kill-delay", "1s", "--startup-grace", "30s")
    with freezing.stopped(watch.primary):
        beat_for(beat, 4.0)
    beat_for(beat, 3.0)
    assert len(family.living()) == 1 + len(WATCHED)
    watch.primary.send(signal.SIGTERM)
    assert watch.status() == 0
    assert len(tree.end()) == 1 + len(WATCHED)


# ---- the end of a run -------------------------------------------------------------------------


@played_held
def test_a_run_ends_though_its_sentinel_is_held_still(start, family, tree, hold):
    run = start()
    with hold(run.sentinel()):
        run.tell("exit 7")
        assert run.status() == 7
    assert not family.left()
    assert not tree.wait_gone()


@played_held
def test_a_run_ends_though_its_reserve_is_held_still(start, family, tree, hold):
    run = start()
    with hold(run.reserve()):
        run.tell("exit 7")
        assert run.status() == 7
    assert not family.left()
    assert not tree.wait_gone()


# ---- helpers ----------------------------------------------------------------------------------


def beat_for(beat, seconds):
    """Beat every 100 ms. The time itself is what is tested: a delay that must not run out."""
    import time

    beats = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        beat.touch()
        beats += 1
        time.sleep(0.1)
    return beats


def wait_for_turns(sentinel, count):
    """Until the sentinel's loop has turned so often: once a kill_delay."""

    def turns():
        with open(f"/proc/{sentinel.pid}/status") as status:
            lines = dict(line.split(":", 1) for line in status)
        return int(lines["voluntary_ctxt_switches"])

    before = turns()
    wait_until(lambda: turns() >= before + count, deadline.FALL_S, f"{count} turns of the sentinel")


def find_child(run, name):
    """The wrapper's child of this name."""
    return wait_until(lambda: child_of(run.wrapper.pid, name), deadline.ANSWER_S, f"a child {name}")
