"""Processes watched by pidfd: a pidfd never speaks of another process that got the same number,
and it becomes readable in the instant in which the process ends. Nothing here sleeps or guesses.
"""

import os
import select
import signal
import time

import psutil


class Witness:
    """One process, its role in the story, and the pidfd that says whether it still lives."""

    def __init__(self, process, role):
        self.pid = process.pid
        self.role = role
        self.pidfd = os.pidfd_open(process.pid)
        if not process.is_running():  # compares start times: the number had been recycled
            os.close(self.pidfd)
            raise psutil.NoSuchProcess(process.pid)

    def alive(self):
        return not select.select([self.pidfd], [], [], 0)[0]

    def kill(self):
        try:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        except ProcessLookupError:
            pass  # already dead is what we wanted


def wait_until_ended(witnesses, deadline_s):
    """Waits until all have ended, or the deadline. Returns those that still live."""
    waiting = {witness.pidfd: witness for witness in witnesses}
    poll = select.poll()
    for pidfd in waiting:
        poll.register(pidfd, select.POLLIN)
    end = time.monotonic() + deadline_s
    while waiting and (left_s := end - time.monotonic()) > 0:
        for pidfd, _ in poll.poll(left_s * 1000):
            poll.unregister(pidfd)
            del waiting[pidfd]
    return list(waiting.values())
