"""A terminal with an interactive shell in it, and a user who types and reads."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time

from support import deadline
from support.process import Process
from support.waiting import is_readable, wait_until

PROMPT = "ready> "
CTRL_C, CTRL_D, CTRL_Z, CTRL_BACKSLASH = "\x03", "\x04", "\x1a", "\x1c"
SHELLS = {
    "bash": ("bash", "--norc", "--noprofile", "--noediting", "-i"),
    "dash": ("dash", "-i"),
}


class Terminal:
    """A pty that nothing echoes on: what is read from it was printed by some program.

    Its session's leader is the shell, or whatever else `command` is.
    """

    def __init__(self, account, folder, command, environment=None):
        self.master, slave = pty.openpty()
        account.take(os.ttyname(slave))
        echo_off(slave)
        self.popen = subprocess.Popen(
            account.command(["setsid", "--ctty", "--", *command]),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env={**account.environment(folder), "PS1": PROMPT, **(environment or {})},
        )
        os.close(slave)
        self.leader = Process.of_child(self.popen.pid)
        self.unread = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def enter(self, line):
        self.type(line + "\n")

    def expect(self, pattern, deadline_s=deadline.FALL_S):
        """Read until `pattern` shows; return the match. What stood before it is dropped."""
        end = time.monotonic() + deadline_s
        while not (match := re.search(pattern, self.unread)):
            assert self._read(end), f"no {pattern!r} on the terminal, but {self.unread!r}"
        self.unread = self.unread[match.end() :]
        return match

    def prompt(self):
        """Wait until the shell asks for a line; return what was printed meanwhile."""
        return self.expect(rf"(?s)(.*?){PROMPT}")[1]

    def answer(self, line):
        """What the shell prints for this line."""
        self.enter(line)
        return self.prompt().replace("\r\n", "\n")

    def status(self):
        """The status of the last line."""
        return int(self.answer("echo $?").splitlines()[-1])

    def foreground(self):
        """The process group that the terminal belongs to."""
        return os.tcgetpgrp(self.master)

    def await_foreground(self, group):
        wait_until(lambda: self.foreground() == group, deadline.ANSWER_S, f"group {group} in front")

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def modes(self):
        """The settings, as stty(1) shows them."""
        return termios.tcgetattr(self.master)

    def hang_up(self):
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def _read(self, end):
        ready = is_readable(self.master, max(0.0, end - time.monotonic()))
        try:
            chunk = os.read(self.master, 65536) if ready else b""
        except OSError:  # EIO: the last program has closed it
            chunk = b""
        self.unread += chunk.decode(errors="replace")
        return chunk


def echo_off(fd):
    modes = termios.tcgetattr(fd)
    modes[3] &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK)
    termios.tcsetattr(fd, termios.TCSANOW, modes)
