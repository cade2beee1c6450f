"""A ward that treefall did not start, and the pair of sentinels that watches it."""

import json
import subprocess

from support import deadline, proc
from support.lines import Lines
from support.process import Gone, Process
from support.waiting import wait_until

SENTINEL_NAME = "treefall-sent"


class Ward:
    """A command that runs by itself; the test's own process is its parent and reaps it."""

    def __init__(self, account, folder, command, **settings):
        self.popen = subprocess.Popen(
            account.command(command),
            stdin=subprocess.PIPE,
            cwd=folder,
            env=account.environment(folder),
            **settings,
        )
        self.process = Process.of_child(self.popen.pid)

    @property
    def pid(self):
        return self.popen.pid

    def tell(self, line):
        """Send the ward a line."""
        self.popen.stdin.write(line.encode() + b"\n")
        self.popen.stdin.flush()

    def end(self):
        """Reap it; the Tree has ended what was left."""
        self.popen.stdin.close()
        self.popen.wait()


class Watch:
    """A `treefall watch` in the foreground, from the moment on that it says it is armed."""

    def __init__(self, treefall, account, folder, pid, options=(), prefix=()):
        self.stderr_path = folder / "watch-stderr"
        argv = [*prefix, treefall, "watch", "--pid", str(pid), "--json", *options]
        with open(self.stderr_path, "ab") as stderr:
            self.popen = subprocess.Popen(
                account.command(argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=folder,
                env=account.environment(folder),
            )
        self.primary = Process.of_child(self.popen.pid)
        line = Lines(self.popen.stdout.fileno()).next(deadline.START_S)
        assert line is not None, f"no attestation; stderr:\n{self.stderr()}"
        self.attested = json.loads(line)

    def status(self, deadline_s=deadline.FALL_S):
        """The exit status as a shell tells it."""
        assert self.primary.wait_gone(deadline_s), f"it did not end; stderr:\n{self.stderr()}"
        code = self.popen.wait()
        return code if code >= 0 else 128 - code

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def end(self):
        self.popen.stdout.close()
        self.popen.wait()


def partner_of(primary):
    """The sentinel that would take the place of this one."""
    return wait_until(lambda: _find_partner(primary.pid), deadline.ANSWER_S, "a partner sentinel")


def _find_partner(primary_pid):
    for row in proc.rows().values():
        if row.parent_pid == primary_pid and row.name.startswith(SENTINEL_NAME):
            try:
                return Process.open(row.pid)
            except Gone:
                return None
    return None
