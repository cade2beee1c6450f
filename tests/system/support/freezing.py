"""Ways to hold a process still without ending it: a signal, a debugger, a cgroup's freezer."""

import ctypes
import os
import signal
from contextlib import contextmanager
from pathlib import Path

from support import deadline, leavings
from support.waiting import wait_until

PTRACE_DETACH = 17
PTRACE_SEIZE = 0x4206
PTRACE_INTERRUPT = 0x4207
STILL = ("T", "t")

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def state_of(pid):
    """The state letter of /proc/PID/stat; None once the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def stop(process):
    process.send(signal.SIGSTOP)
    wait_until(
        lambda: state_of(process.pid) in STILL, deadline.ANSWER_S, f"{process.pid} is stopped"
    )


@contextmanager
def stopped(process):
    """Under SIGSTOP until the end of the block."""
    stop(process)
    try:
        yield
    finally:
        process.send(signal.SIGCONT)


@contextmanager
def traced(process):
    """Held by a debugger, which is the test itself."""
    _ptrace(PTRACE_SEIZE, process.pid)
    _ptrace(PTRACE_INTERRUPT, process.pid)
    wait_until(
        lambda: state_of(process.pid) in STILL, deadline.ANSWER_S, f"{process.pid} is traced"
    )
    os.waitpid(process.pid, 0x40000000)  # __WALL: the stop is taken, or detaching fails
    try:
        yield
    finally:
        if _libc.ptrace(PTRACE_DETACH, process.pid, None, None) < 0:
            # It was killed meanwhile: its debugger has to take note of that, or it stays a zombie.
            os.waitpid(process.pid, 0x40000000)


@contextmanager
def frozen(process):
    """Alone in a cgroup that is frozen."""
    folder = leavings.cgroup_mount() / f"test-freezer-{process.pid}"
    before = leavings.cgroup_mount() / _path_in(process.pid).lstrip("/")
    folder.mkdir()
    try:
        (folder / "cgroup.procs").write_text(str(process.pid))
        (folder / "cgroup.freeze").write_text("1")
        events = folder / "cgroup.events"
        wait_until(
            lambda: "frozen 1" in events.read_text(), deadline.ANSWER_S, f"{process.pid} is frozen"
        )
        yield
        (folder / "cgroup.freeze").write_text("0")
        if process.is_alive():
            (before / "cgroup.procs").write_text(str(process.pid))
    finally:
        wait_until(
            lambda: folder.rmdir() is None, deadline.ANSWER_S, "the frozen cgroup is removed"
        )


def _path_in(pid):
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        if line.startswith("0::"):
            return line[3:]
    return None


def _ptrace(request, pid):
    if _libc.ptrace(request, pid, None, None) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), f"ptrace {request:#x} of {pid}")
