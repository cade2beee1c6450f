"""Trees of thousands."""

import signal

import pytest
from support import deadline, kin, proc
from support.waiting import wait_until

CROWD = 5000


def ward_exits(run):
    run.tell("exit 0")
    assert run.status(deadline.START_S) == 0


def wrapper_is_killed(run):
    run.wrapper.send(signal.SIGKILL)


@pytest.mark.parametrize("end", [ward_exits, wrapper_is_killed], ids=lambda end: end.__name__)
def test_5000_descendants_fall(launch, family, end):
    run = launch(family.command(f"crowd={CROWD}"))
    assert family.await_report("crowd") == CROWD
    family.gather()
    members = descendants(family.ward.pid)
    assert len(members) > CROWD
    end(run)
    wait_until(lambda: not members & alive(), deadline.START_S, "nobody is left")


def descendants(pid):
    """The identities of a process and of all that descends from it. 5,000 pidfds are too many."""
    table = proc.rows()
    return {identity(table[pid]) for pid in kin.with_descendants([pid], table)}


def alive():
    return {identity(row) for row in proc.rows().values() if row.state not in "ZX"}


def identity(row):
    return (row.pid, row.start_ticks)
