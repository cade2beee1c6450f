"""A process of another user that copies what it can read of a tree: its brand, its ward's name."""

import re
import signal
import subprocess

from support import deadline
from support.lines import Lines
from support.process import Process

LIMIT = re.compile(r"^Max file locks +(\d+) +(\d+)", re.MULTILINE)
TAG_LEVEL_1 = "1"


class Forger:
    """It carries the brand that `victim` carries, and names `ward` as its own; 0 is itself.

    With `prefix` it is a child of those words.
    """

    def __init__(self, program, account, victim, ward=0, start=0, prefix=()):
        soft, hard = brand_of(victim)
        text = f"{int(hard):016x}.{int(soft):016x}.{TAG_LEVEL_1}"
        self.popen = subprocess.Popen(
            account.command([*prefix, program, soft, hard, str(ward), str(start), text]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd="/",
        )
        self.process = Process.open(int(Lines(self.popen.stdout.fileno()).next(deadline.START_S)))

    @property
    def pid(self):
        return self.process.pid

    def end(self):
        self.process.send(signal.SIGKILL)
        self.popen.kill()
        self.popen.stdout.close()
        self.popen.wait()


def brand_of(pid):
    """What anyone may read in /proc/PID/limits; fails where the process carries no brand."""
    with open(f"/proc/{pid}/limits", encoding="ascii") as limits:
        found = LIMIT.search(limits.read())
    assert found, f"{pid} carries no brand"
    return found.groups()
