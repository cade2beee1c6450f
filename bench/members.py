"""The members of a tree under trial: each reports itself, the kernel vouches for its pid, and it
is told from others by its start time and held by a pidfd."""

import os
import select
import signal
import socket
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path

REPORT = struct.Struct("16sq")  # struct member_report in member.h
CREDENTIALS = struct.Struct("3i")


def stat_fields(pid):
    """The fields of /proc/PID/stat after the name, which may hold anything; None when gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes().decode(errors="replace")
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()


def start_time(pid):
    fields = stat_fields(pid)
    return int(fields[19]) if fields else None


def own_processes(wrapper, members):
    """The wrapper and its descendants, without the members: an orphan of the ward is a child of a
    wrapper that is a subreaper."""
    parents = {
        int(entry.name): int(fields[1])
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and (fields := stat_fields(entry.name))
    }
    own, fresh = [], [wrapper]
    while fresh:
        own += fresh
        fresh = [pid for pid, parent in parents.items() if parent in fresh and pid not in members]
    return own


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def is_dead(pidfd, deadline=0.0):
    """A zombie is dead. Waits until the deadline (of the monotonic clock) for it."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


def send(pidfd, number):
    try:
        signal.pidfd_send_signal(pidfd, number)
    except ProcessLookupError:
        pass


@dataclass(frozen=True)
class Member:
    role: str
    pid: int
    start: int
    pidfd: int = field(repr=False)


class Roster:
    """`with Roster(folder) as roster`: whoever is on it is dead in the end."""

    def __init__(self, folder):
        self.path = str(folder / "roster")
        self.alive_path = self.path + ".alive"
        self.exit_path = self.path + ".exit"
        self.members = []

    def __enter__(self):
        for path in (self.path, self.alive_path, self.exit_path):
            Path(path).unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind(self.path)
        os.mkfifo(self.alive_path)
        Path(self.exit_path).write_bytes(bytes(8))
        for path in (self.path, self.alive_path, self.exit_path):
            os.chmod(path, 0o666)
        self.alive = os.open(self.alive_path, os.O_RDONLY | os.O_NONBLOCK)
        return self

    def __exit__(self, *_):
        for member in self.members:
            send(member.pidfd, signal.SIGKILL)
        deadline = time.monotonic() + 20
        for member in self.members:
            if not is_dead(member.pidfd, deadline):
                raise RuntimeError(f"{member} does not die")
            os.close(member.pidfd)
        self.socket.close()
        os.close(self.alive)

    def gather(self, count, limit_s=20.0):
        """Takes that many members; each is settled when it reports. False at the deadline."""
        deadline = time.monotonic() + limit_s
        while len(self.members) < count:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                self.take()
            except TimeoutError:
                return False
        return True

    def take(self):
        data, extra, _, _ = self.socket.recvmsg(REPORT.size, socket.CMSG_SPACE(CREDENTIALS.size))
        pid = CREDENTIALS.unpack(extra[0][2])[0]
        if any(member.pid == pid for member in self.members):
            return
        pidfd = os.pidfd_open(pid)
        # Read after the pidfd was opened: whatever it holds has our socket among its arguments.
        if self.path.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes():
            raise RuntimeError(f"pid {pid} is not the one that reported")
        role = REPORT.unpack(data)[0].rstrip(b"\0").decode()
        self.members.append(Member(role, pid, start_time(pid), pidfd))

    def find(self, role):
        return next(member for member in self.members if member.role == role)

    def wait_gone(self, limit_s):
        """Returns the members that are alive at the deadline."""
        deadline = time.monotonic() + limit_s
        return [member for member in self.members if not is_dead(member.pidfd, deadline)]
