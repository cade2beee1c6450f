"""Descriptors 0 to 2 are closed where treefall starts: no file of its own takes their place."""

import json
import signal
import subprocess

import pytest
from support import deadline, needs, proc
from support.family import Family
from support.machine import redirected
from support.waiting import wait_until
from support.ward import Ward, partner_of

CLOSED = ("", "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-")
MEMBERS = ("session", "stubborn")
FAILURE = 125
SETTLED_S = 0.5  # a sentinel that takes a stream for a sign of the ward's acts at its first look

pytestmark = pytest.mark.parametrize("closed", CLOSED, ids=lambda closed: closed or "none")


def assert_guarded(ward, family, tree):
    """The ward is left alone while it lives, and its tree falls with it."""
    assert not ward.process.wait_gone(SETTLED_S)
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    assert not tree.wait_gone()


def shut_by(closed):
    return {{"<&-": 0, ">&-": 1, "2>&-": 2}[word] for word in closed.split()}


def can_speak(closed):
    return 1 not in shut_by(closed)


def test_detached_watch_kills_only_with_the_ward(call, ward, family, tree, closed):
    answer = call("watch", "--pid", str(ward.pid), "--detach", prefix=redirected(closed))
    assert answer.status == 0
    assert answer.out.startswith(f"watching {ward.pid}") is can_speak(closed)
    assert_guarded(ward, family, tree)


def test_watch_kills_only_with_the_ward(treefall, account, folder, ward, family, tree, closed):
    words = [*redirected(closed), treefall, "watch", "--pid", str(ward.pid)]
    watch = Ward(account, folder, words)
    tree.add(watch.process)
    tree.add(partner_of(watch.process))
    assert_guarded(ward, family, tree)
    assert watch.popen.wait() == 0
    watch.end()


@pytest.mark.parametrize("options", [[], ["--isolate"]], ids=["plain", "isolated"])
def test_command_finds_closed_what_was_closed(call, treefall, account, tree, closed, options):
    """Its status has a bit for each stream that is open."""
    script = "n=0; for fd in 0 1 2; do test -e /proc/$$/fd/$fd && n=$((n | 1 << fd)); done; exit $n"
    needs.options(treefall, account, options)
    answer = call("run", *options, "--", "sh", "-c", script, prefix=redirected(closed))
    assert answer.status == 7 - sum(1 << fd for fd in shut_by(closed))
    assert not tree.wait_gone()


def test_tree_of_run_falls_with_the_wrapper(launch, family, tree, closed):
    run = launch(family.command(*MEMBERS), prefix=redirected(closed))
    family.gather(*MEMBERS)
    run.wrapper.send(signal.SIGKILL)
    assert not family.left()
    assert not tree.wait_gone()


def test_looks_touch_nothing_and_kill_kills(call, ward, family, tree, closed):
    """A line that cannot be written is a failure, whatever was done."""
    status = 0 if can_speak(closed) else FAILURE
    for words in (["tree"], ["kill", "--dry-run"], ["kill", "--grace=0"]):
        assert family.living() == sorted(["ward", *MEMBERS])
        assert call(*words, str(ward.pid), prefix=redirected(closed)).status == status
    assert not family.left()
    assert not tree.wait_gone()


def test_doctor(call, closed):
    answer = call("doctor", "--json", prefix=redirected(closed))
    if can_speak(closed):
        assert {line["route"] for line in json.loads(answer.out)["guarantee"]} >= {"brand", "wire"}
    else:
        assert answer.status == FAILURE


def test_sentinel_by_hand_refuses(treefall, account, folder, closed):
    words = [*redirected(closed), treefall.parent / "treefall-sentinel"]
    done = subprocess.run(
        account.command(words),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=deadline.ANSWER_S,
    )
    assert done.returncode == FAILURE


def test_library_leaves_the_host_s_streams_closed(guarded_program, account, folder, tree, closed):
    """Or what the host prints would land in its heartbeat page. The orders come by another number."""
    family = Family(guarded_program, account, folder)
    ward = Ward(account, folder, [*redirected(f"9<&0 {closed}"), *family.command("9")])
    tree.add(ward.process)
    family.gather()
    for order in ("start 3600000 3600000", "beat"):
        ward.tell(order)
        assert family.hear() == (order.split()[0], 0)
    expected = sorted({0, 1, 2} - shut_by(closed))
    wait_until(lambda: open_streams(ward) == expected, deadline.ANSWER_S, f"only {expected} open")
    ward.tell("stop")
    assert family.hear() == ("stop", 0)
    tree.end()
    ward.end()
    family.close()


def open_streams(ward):
    return [fd for fd in range(3) if fd in proc.open_files(ward.pid)]
