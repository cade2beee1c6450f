"""A process as a test knows it: its pid, its start time and a pidfd, never a bare pid."""

import os
import signal
import time

from support import proc
from support.waiting import is_readable


class Gone(Exception):
    """The process ended before it could be taken hold of."""


class Process:
    """One process, held by a pidfd for as long as the test wants to know of it."""

    def __init__(self, pid, pidfd, row):
        self.pid = pid
        self.pidfd = pidfd
        self.start_ticks = row.start_ticks
        self.name = row.name
        self.command_line = proc.command_line(pid)

    @classmethod
    def open(cls, pid):
        """Take hold of `pid`; Gone if it is dead. The row is read between two looks at the pidfd."""
        try:
            pidfd = os.pidfd_open(pid)
        except OSError as error:
            raise Gone(pid) from error
        row = proc.row(pid)
        if row is None or _has_ended(pidfd, 0):
            os.close(pidfd)
            raise Gone(pid)
        return cls(pid, pidfd, row)

    @classmethod
    def of_child(cls, pid):
        """Take hold of an own child that is not reaped yet: its pid is its own, alive or dead."""
        return cls(pid, os.pidfd_open(pid), proc.row(pid))

    @property
    def identity(self):
        return (self.pid, self.start_ticks)

    def is_alive(self):
        """A zombie is dead; a zombie leader with live threads is not. The pidfd knows."""
        return not _has_ended(self.pidfd, 0)

    def wait_gone(self, deadline_s):
        """True once the process has ended, False if it has not within the deadline."""
        return _has_ended(self.pidfd, deadline_s)

    def send(self, signal_number):
        """Signal this very process; an ended one is a success."""
        try:
            signal.pidfd_send_signal(self.pidfd, signal_number)
        except ProcessLookupError:
            pass

    def close(self):
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1

    def __del__(self):
        """A suite of thousands of tests must not run out of descriptors."""
        self.close()

    def __repr__(self):
        command = self.command_line.partition("\n")[0]
        return f"{self.pid} {self.name}: {command[:160]}"


def listed(processes):
    """The processes for a message, one a line."""
    return "\n".join(f"  {process}" for process in processes)


def wait_all_gone(processes, deadline_s):
    """Wait for every process's end; return those that still live when the deadline passed."""
    end = time.monotonic() + deadline_s
    return [p for p in processes if not p.wait_gone(max(0.0, end - time.monotonic()))]


def _has_ended(pidfd, deadline_s):
    return is_readable(pidfd, deadline_s)
