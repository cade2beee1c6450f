"""One copy of a program with the processes it consists of."""

import subprocess

from support import deadline, proc
from support.tree import Tree
from support.waiting import wait_until

UP = "up"
LAUNCHER = """set -e
{start}
echo $$ {up}
read -r word
exit {status}
"""
WARD_STATUS = 7


class Specimen:
    """A copy in a folder of its own, started by a ward's shell or by one of nobody's."""

    def __init__(self, program, tree):
        self.program = program
        self.tree = tree

    @classmethod
    def make(cls, kind, account, folder):
        """The copy with all that it reads, not started yet."""
        program = kind(account, folder)
        program.prepare()
        return cls(program, Tree(folder))

    def launcher(self):
        """A ward that starts the program, says so with its pid, and exits when it is told to."""
        text = LAUNCHER.format(start=self.program.start(), up=UP, status=WARD_STATUS)
        return ["sh", "-c", text]

    def start_unguarded(self):
        """Start the program outside of treefall, by a shell that is gone afterwards."""
        folder, account = self.program.folder, self.program.account
        with open(folder / "stderr", "ab") as output:
            subprocess.run(
                account.command(["sh", "-c", self.program.start()]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env=account.environment(folder),
                timeout=deadline.START_S,
                check=True,
            )

    def wait_ready(self):
        """Return when the program serves and all its processes are recorded."""
        name = self.program.name()
        wait_until(self.program.serves, deadline.START_S, f"{name} serves")
        wait_until(
            self._is_complete, deadline.START_S, f"{name} has {self.program.least} processes"
        )

    def lasting(self):
        """The recorded processes that must live as long as the program does."""
        return [process for process in self.tree.members.values() if self.program.lasts(process)]

    def members(self):
        """What of it lives, its ward too, and no guard."""
        return [process for process in self.tree.living() if not _is_guard(process)]

    def _is_complete(self):
        return len(self.tree.record().living()) >= self.program.least


def _is_guard(process):
    """By its name of now: one that was recorded early had its starter's."""
    row = proc.row(process.pid)
    return row is not None and row.name.startswith("treefall")
