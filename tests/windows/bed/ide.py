"""The test's IDE: programs/ide.c, which holds a command in a job and presses Stop."""

from support import deadline
from support.waiting import wait_until

from bed.program import Program


class Ide(Program):
    """What the command writes, on either stream, is kept in the file; `hear` hears the IDE."""

    def __init__(self, folder, program, words, options=(), **settings):
        super().__init__(folder, [program, *options, *words], name="output", **settings)
        self.read = 0
        self.pid = int(self.hear_of("started"))

    def gather(self, *roles):
        """As Program.gather, from what the command and its tree wrote."""
        wait_until(lambda: self._hear_output(roles), deadline.START_S, f"reports of {roles}")
        return self

    def await_output(self, text, deadline_s=deadline.START_S):
        wait_until(lambda: text in self.stderr(), deadline_s, f"{text!r} in the output")

    def _hear_output(self, roles):
        lines = self.stderr().splitlines()
        for line in lines[self.read :]:
            head, _, rest = line.partition(" ")
            self._take(head, rest)
        self.read = len(lines)
        heard = [role for role, _, _ in self.members]
        return all(heard.count(role) >= roles.count(role) for role in roles)

    def ctrl_c(self):
        self.tell("ctrlc")
        assert self.hear_of("ctrlc") == "sent"

    def terminate(self):
        """The command alone."""
        self.tell("terminate")

    def close_job(self):
        self.tell("close")

    def forget(self):
        """Let go of the handle of the command, which else stays open when it is dead."""
        self.tell("forget")

    def say_to_command(self, line):
        self.tell(f"tell {line}")

    def ended(self, deadline_s=deadline.FALL_S):
        """The command's status, all 32 bits."""
        return int(self.hear_of("ended", deadline_s))
