"""What /proc says of a process, or nothing where it is gone or not ours to read."""

import itertools
import os
from collections import namedtuple

Row = namedtuple("Row", "pid parent_pid start_ticks state name")


def row(pid):
    """The process's Row, None if there is no such process. A name may hold `)` and spaces."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            text = stat.read().decode(errors="replace")
    except OSError:
        return None
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    return Row(
        pid=int(pid),
        parent_pid=int(fields[1]),
        start_ticks=int(fields[19]),
        state=fields[0],
        name=head.partition("(")[2],
    )


def rows():
    """A Row for each process there is: one pass over /proc."""
    found = (row(name) for name in os.listdir("/proc") if name.isdigit())
    return {entry.pid: entry for entry in found if entry}


def of_user(uid):
    """The pids of this user's processes. Zombies count too: they fill RLIMIT_NPROC until reaped."""
    return [name for name in os.listdir("/proc") if name.isdigit() and _owner(name) == uid]


def command_line(pid):
    return _read(pid, "cmdline").replace("\0", " ").strip()


def environment(pid):
    return _read(pid, "environ")


def links(pid):
    """Where the process stands and what it holds: executable, working folder, open files."""
    names = ["exe", "cwd"] + [f"fd/{fd}" for fd in _list(pid, "fd")]
    return [target for target in (_link(pid, name) for name in names) if target]


def mapped(pids):
    """The paths of all files that these processes have in their memory now."""
    lines = itertools.chain.from_iterable(_read(pid, "maps").splitlines() for pid in pids)
    return {line[line.index("/"):] for line in lines if "/" in line}


def _owner(pid):
    """A zombie's folder is root's: its user stands in its status."""
    for line in _read(pid, "status").splitlines():
        if line.startswith("Uid:"):
            return int(line.split()[1])
    return None


def _read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def _list(pid, name):
    try:
        return os.listdir(f"/proc/{pid}/{name}")
    except OSError:
        return []


def _link(pid, name):
    try:
        return os.readlink(f"/proc/{pid}/{name}")
    except OSError:
        return ""
