"""Runs of treefall inside one another, each with a family of its own beside the next."""

import shlex

from support import deadline
from support.process import Process

MEMBERS = ("daemon", "plain")


class Nest:
    """Level 1 is the outermost; `families[k - 1]` lives in the tree of level k, beside level k + 1."""

    def __init__(self, launch, make_family, treefall, levels, options=(), inmost=()):
        self.families = [make_family(f"level{level}") for level in range(1, levels + 1)]
        command = _beside(self.families[-1], [])
        for number, family in reversed([*enumerate(self.families[:-1], 1)]):
            more = inmost if number == levels - 1 else ()
            command = _beside(family, [treefall, "run", *options, *more, "--", *command])
        self.run = launch(command, options)
        self.wrappers = [self.run.wrapper, *(self._hear_wrapper(k) for k in range(2, levels + 1))]
        for family in self.families:
            family.gather(*MEMBERS)

    def _hear_wrapper(self, level):
        while True:
            found, pid = map(int, self.run.hear(deadline.START_S).split())
            if found == level:
                return Process.open(pid)

    def living(self):
        """The levels whose whole family lives."""
        whole = sorted([*MEMBERS, "ward"])
        return [level for level, family in enumerate(self.families, 1) if family.living() == whole]

    def left(self, level):
        """Who is left of the families of this level and of those below it."""
        return [
            (below.roster.name, role)
            for below in self.families[level - 1 :]
            for role in below.left()
        ]


def _beside(family, command):
    """A shell that tells its level and its parent, starts the family, and lives on without it."""
    level = family.roster.name.removeprefix("level")
    start = shlex.join(map(str, family.command(*MEMBERS)))
    script = f'echo {level} $PPID; {start} </dev/null & "$@"; wait'
    return ["sh", "-c", script if command else script.replace('"$@"', ":"), "sh", *command]
