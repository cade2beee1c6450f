"""What /proc says of a process, or nothing where it is gone or not ours to read."""

import ctypes
import fcntl
import itertools
import os
from collections import namedtuple
from contextlib import contextmanager

_libc = ctypes.CDLL(None)

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


def children(pid):
    """The numbers of its main thread's children: quicker than a pass over /proc."""
    return set(map(int, _read(pid, f"task/{pid}/children").split()))


def of_user(uid):
    """The pids of this user's processes. Zombies count too: they fill RLIMIT_NPROC until reaped."""
    return [name for name in os.listdir("/proc") if name.isdigit() and _owner(name) == uid]


def tasks_of_user(uid):
    """How many threads RLIMIT_NPROC counts for this user: all there are, also those outside of the test."""
    return sum(len(_list(pid, "task")) for pid in of_user(uid))


def command_line(pid):
    return _read(pid, "cmdline").replace("\0", " ").strip()


def environment(pid):
    return _read(pid, "environ")


def links(pid):
    """Where the process stands and what it holds: executable, working folder, open files."""
    places = [_link(pid, name) for name in ("exe", "cwd")]
    return [target for target in [*places, *open_files(pid).values()] if target]


def open_files(pid):
    """What each descriptor of the process leads to, by its number."""
    return {int(fd): _link(pid, f"fd/{fd}") for fd in _list(pid, "fd")}


def open_flags(pid):
    """The flags of each open descriptor, by its number."""
    texts = {int(fd): _read(pid, f"fdinfo/{fd}") for fd in _list(pid, "fdinfo")}
    return {
        fd: int(text.partition("flags:")[2].split()[0], 8) for fd, text in texts.items() if text
    }


def wired_by(pid):
    """How many groups and single processes a guard has on the wire: two descriptors each."""
    return sum(bool(flags & fcntl.FASYNC) for flags in open_flags(pid).values()) // 2


def working_folder(pid):
    return _link(pid, "cwd")


def mapped(pids):
    """The paths of all files that these processes have in their memory now."""
    lines = itertools.chain.from_iterable(_read(pid, "maps").splitlines() for pid in pids)
    return {line[line.index("/") :] for line in lines if "/" in line}


def _owner(pid):
    return _ids(pid)[0]


def _ids(pid):
    """User and group. A zombie's folder is root's: its user stands in its status."""
    try:
        with open(f"/proc/{pid}/status", errors="replace") as status:
            ids = {line[:4]: int(line.split()[1]) for line in status if line[1:4] == "id:"}
        return ids["Uid:"], ids["Gid:"]
    except (OSError, KeyError):
        return None, None


def _look(pid, look, nothing):
    """What `look` finds. The root of a container may not look into another user's process, but as
    that user it may."""
    try:
        return look()
    except PermissionError:
        pass
    except OSError:
        return nothing
    try:
        with _as_user(*_ids(pid)):
            return look()
    except OSError:
        return nothing


@contextmanager
def _as_user(uid, gid):
    """For the kernel's checks of files alone, and of this thread alone."""
    if uid is None:
        raise ProcessLookupError
    before = _libc.setfsgid(gid), _libc.setfsuid(uid)
    try:
        yield
    finally:
        _libc.setfsuid(before[1])
        _libc.setfsgid(before[0])


def _read(pid, name):
    def look():
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read().decode(errors="replace")

    return _look(pid, look, "")


def _list(pid, name):
    return _look(pid, lambda: os.listdir(f"/proc/{pid}/{name}"), [])


def _link(pid, name):
    return _look(pid, lambda: os.readlink(f"/proc/{pid}/{name}"), "")
