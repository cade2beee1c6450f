"""What a guard's last look has put on the wire: all that falls if the guards are killed in one instant."""

import os

from support import deadline, proc
from support.waiting import wait_until


def await_count(guard, count):
    """So many process groups, or single processes, are on the guard's wire."""
    wait_until(lambda: proc.wired_by(guard.pid) >= count, deadline.START_S, f"{count} on the wire")


def await_groups_of(guard, processes):
    """As many as these living processes have groups."""
    await_count(guard, len(set(filter(None, map(_group_of, processes)))))


def _group_of(process):
    try:
        return os.getpgid(process.pid) if process.is_alive() else None
    except ProcessLookupError:
        return None
