"""One `treefall run`, with a hold on its wrapper, its sentinel and its ward."""

import subprocess
from contextlib import suppress

from support import deadline, proc
from support.lines import Lines
from support.process import Gone, Process
from support.waiting import wait_until

SENTINEL_NAME = "treefall-sent"
RESERVE_NAME = "treefall-rese"


class Run:
    """The command's stdin and stdout are pipes of the test's, its stderr is a file in the folder.

    `prefix` are words in front of treefall's that end in an exec of it, such as env(1)'s.
    """

    def __init__(self, treefall, account, folder, command, options=(), prefix=(), environment=None):
        self.stderr_path = folder / "stderr"
        argv = [*prefix, treefall, "run", *options, "--", *command]
        with open(self.stderr_path, "ab") as stderr:
            self.popen = subprocess.Popen(
                account.command(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=folder,
                env={**account.environment(folder), **(environment or {})},
            )
        self.wrapper = Process.of_child(self.popen.pid)
        self.lines = Lines(self.popen.stdout.fileno())

    def hear(self, deadline_s=deadline.START_S):
        """The next line that the ward prints; fails with what stands on stderr if none comes."""
        line = self.lines.next(deadline_s)
        assert line is not None, f"no line from the ward; stderr:\n{self.stderr()}"
        return line

    def tell(self, line):
        """Send the ward a line."""
        self.popen.stdin.write(line.encode() + b"\n")
        self.popen.stdin.flush()

    def sentinel(self):
        """The wrapper's partner, as soon as it goes by its name."""
        return wait_until(self._find_sentinel, deadline.ANSWER_S, "a sentinel under the wrapper")

    def guards(self):
        """Wrapper and sentinel, to be signalled back to back."""
        return [self.wrapper, self.sentinel()]

    def reserve(self):
        """The third process, which waits for the loss of the other two."""
        return wait_until(self._find_reserve, deadline.ANSWER_S, "a reserve of the guards")

    def status(self, deadline_s=deadline.FALL_S):
        """The wrapper's exit status as a shell tells it, awaited by pidfd."""
        assert self.wrapper.wait_gone(deadline_s), (
            f"the wrapper did not end; stderr:\n{self.stderr()}"
        )
        code = self.popen.wait()
        return code if code >= 0 else 128 - code

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def end(self):
        """Let go of the pipes and reap the wrapper; the Tree ends what is left."""
        with suppress(BrokenPipeError):  # a line that the ward did not live to read
            self.popen.stdin.close()
        self.popen.stdout.close()
        self.popen.wait()

    def _find_sentinel(self):
        return child_of(self.wrapper.pid, SENTINEL_NAME)

    def _find_reserve(self):
        return child_of(self.wrapper.pid, RESERVE_NAME) or child_of(
            self.sentinel().pid, RESERVE_NAME
        )


def child_of(parent_pid, name, exactly=False):
    """The child of that parent whose name starts so, or is exactly that, or None."""
    for row in proc.rows().values():
        if (
            row.parent_pid == parent_pid
            and row.name.startswith(name)
            and (row.name == name or not exactly)
        ):
            try:
                return Process.open(row.pid)
            except Gone:
                return None
    return None


def start_from_shell(account, folder, words):
    """A shell that starts these words of treefall's and waits for them: its Popen, itself, the wrapper."""
    shell = subprocess.Popen(
        account.command(["sh", "-c", '"$@" & echo $!; wait', "sh", *words]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=account.environment(folder),
    )
    wrapper = Process.open(int(shell.stdout.readline()))
    return shell, Process.open(shell.pid), wrapper
