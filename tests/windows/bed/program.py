"""One Windows program that a test runs: its streams are pipes, its process is held by a pidfd."""

import os
import subprocess
import threading

from support import deadline
from support.lines import Lines
from support.process import Gone, Process, wait_all_gone

from bed import place


class Program:
    """Lines come from its standard output. What it writes on the other stream is kept in a file, by
    way of a pipe: CPython under Wine does not start with a file there."""

    def __init__(self, folder, words, environment=None, name="stderr"):
        self.folder = folder
        self.stderr_path = folder / name
        self.popen = subprocess.Popen(
            [place.WITH_WINE, "wine", *map(str, words)],
            cwd=folder,
            env={**place.environment(folder), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.process = Process.of_child(self.popen.pid)
        self.lines = Lines(self.popen.stdout.fileno())
        self.members = []
        self.copier = threading.Thread(target=self._copy, daemon=True)
        self.copier.start()

    def _copy(self):
        with open(self.stderr_path, "ab", buffering=0) as file:
            while chunk := os.read(self.popen.stderr.fileno(), 65536):
                file.write(chunk)

    def tell(self, line):
        self.popen.stdin.write(line.encode() + b"\n")
        self.popen.stdin.flush()

    def hear(self, deadline_s=deadline.START_S):
        """The next line; fails with what stands on stderr if none comes."""
        line = self.lines.next(deadline_s)
        assert line is not None, f"no line; members: {self.members}; stderr:\n{self.stderr()}"
        return line.rstrip("\r")

    def hear_of(self, word, deadline_s=deadline.START_S):
        """What follows `word` on the line that it starts; members are held on the way."""
        while True:
            head, _, rest = self.hear(deadline_s).partition(" ")
            if head == word:
                return rest
            assert head != "failed" or word == "failed", f"it failed: {rest}"
            self._take(head, rest)

    def gather(self, *roles):
        """Wait until one process of each role has reported, and hold them."""
        missing = list(roles)
        for role, _, _ in self.members:
            if role in missing:
                missing.remove(role)
        while missing:
            head, _, rest = self.hear().partition(" ")
            assert self._take(head, rest), f"{head} {rest}; stderr:\n{self.stderr()}"
            if head in missing:
                missing.remove(head)
        return self

    def _take(self, role, rest):
        numbers = rest.split()
        if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
            return False
        self.members.append((role, int(numbers[0]), _held(int(numbers[1]))))
        return True

    def __getitem__(self, role):
        """The process of the first member of this role."""
        return next(process for found, _, process in self.members if found == role)

    def windows_pid(self, role):
        return next(pid for found, pid, _ in self.members if found == role)

    def left(self, deadline_s=deadline.FALL_S, but=()):
        """The roles of those that live when the deadline has passed."""
        held = [process for role, _, process in self.members if process and role not in but]
        alive = wait_all_gone(held, deadline_s)
        return sorted(role for role, _, process in self.members if process in alive)

    def status(self, deadline_s=deadline.FALL_S):
        """The exit status, of which Linux keeps eight bits."""
        assert self.process.wait_gone(deadline_s), f"it did not end; stderr:\n{self.stderr()}"
        return self.popen.wait()

    def stderr(self):
        return self.stderr_path.read_text(errors="replace") if self.stderr_path.exists() else ""

    def close_input(self):
        try:
            self.popen.stdin.close()
        except BrokenPipeError:
            pass

    def end(self):
        """Let go of the pipes and reap; the Tree has ended what was left."""
        self.close_input()
        self.popen.stdout.close()
        self.popen.wait()
        self.copier.join(deadline.ANSWER_S)
        for _, _, process in self.members:
            if process:
                process.close()


def _held(pid):
    """None if it has ended already."""
    try:
        return Process.open(pid)
    except Gone:
        return None
