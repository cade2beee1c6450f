"""A ward and the members of its tree, who report to a FIFO: programs/family.c."""

import os

from support import deadline
from support.lines import Lines
from support.process import Process, wait_all_gone

WARD = "ward"
ALL_KINDS = ("plain", "session", "daemon", "stubborn", "group", "orphan", "headless")


class Family:
    """Who has reported, by role. What is gathered is held by a pidfd, so its end can be awaited."""

    def __init__(self, program, account, folder, name="roster"):
        self.program = program
        self.roster = folder / name
        os.mkfifo(self.roster)
        account.take(self.roster)
        self.fd = os.open(self.roster, os.O_RDWR | os.O_CLOEXEC)
        self.lines = Lines(self.fd)
        self.members = []

    def command(self, *roles):
        """The ward's words; it starts one member for each role."""
        return [self.program, self.roster, *roles]

    def hear(self, deadline_s=deadline.START_S):
        """The next report: a role and a number."""
        line = self.lines.next(deadline_s)
        assert line is not None, f"nobody reports; so far: {self.members}"
        role, number = line.split()
        return role, int(number)

    def await_report(self, role):
        """The number that is reported for this role; other reports before it are dropped."""
        while True:
            heard, number = self.hear()
            if heard == role:
                return number

    def gather(self, *roles):
        """Wait until the ward and one process of each role have reported, and hold them."""
        return self.await_members(WARD, *roles)

    def await_members(self, *roles):
        """Wait until one more process of each role has reported, and hold them."""
        missing = list(roles)
        while missing:
            role, pid = self.hear()
            missing.remove(role)
            self.members.append((role, Process.open(pid)))
        return self

    def take(self, role):
        """Wait for one more report, of this role, and hold who made it."""
        heard, pid = self.hear()
        assert heard == role
        process = Process.open(pid)
        self.members.append((role, process))
        return process

    def __getitem__(self, role):
        """The first member of this role."""
        return next(process for found, process in self.members if found == role)

    @property
    def ward(self):
        return self[WARD]

    @property
    def processes(self):
        return [process for _, process in self.members]

    def left(self, deadline_s=deadline.FALL_S):
        """The roles of those that live when the deadline has passed."""
        alive = wait_all_gone(self.processes, deadline_s)
        return sorted(role for role, process in self.members if process in alive)

    def living(self):
        """The roles of those that live now."""
        return self.left(0)

    def close(self):
        os.close(self.fd)
        for process in self.processes:
            process.close()
        self.members.clear()
