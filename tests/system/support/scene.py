"""What a test's programs run in, made for a thread of its own: an account, a folder, a tree.

Tests that mostly wait are played side by side: see stage.py. What conftest.py hands out as fixtures
a scene has as attributes, made when they are asked for and ended with it.
"""

import signal
from contextlib import ExitStack
from functools import cached_property

from support.family import Family
from support.process import listed
from support.run import Run, start_from_shell
from support.tree import Tree
from support.ward import Ward, Watch, partner_of

MEMBERS = ("daemon", "plain", "session")
WATCHED = ("plain", "session")  # a daemon from before the watch began cannot be seen


class Scene:
    def __init__(self, treefall, programs, account, folder, hold=None):
        self.treefall = treefall
        self.programs = programs
        self.account = account
        self.folder = account.make_folder(folder)
        self.hold = hold
        self.tree = Tree(self.folder)
        self.ends = ExitStack()

    def __enter__(self):
        return self

    @property
    def scene(self):
        return self

    def __exit__(self, *failure):
        left = self.tree.end()
        self.ends.close()
        # After a failure something may be left: the failure is what is told.
        assert failure[0] or not left, f"left by the test, now ended:\n{listed(left)}"

    @cached_property
    def canary(self):
        """An innocent: the same program, the same user, no member of the tree."""
        place = self.account.make_folder(self.folder.with_name(f"{self.folder.name}-canary"))
        innocent = Family(self.programs["family"], self.account, place)
        ward = Ward(self.account, place, innocent.command())
        innocent.gather()
        self.ends.callback(_end_canary, innocent, ward)
        return innocent.ward

    @cached_property
    def family(self):
        return self._make_family("roster", "family")

    @cached_property
    def listener(self):
        """A ward that reports every signal: programs/listener.c."""
        return self._make_family("signals", "listener")

    @cached_property
    def beat(self):
        beat = self.folder / "beat"
        beat.touch()
        self.account.take(beat)
        return beat

    def launch(self, command, options=()):
        """Start `treefall run [options] -- command...`."""
        run = Run(self.treefall, self.account, self.folder, command, options)
        self.ends.callback(run.end)
        self.tree.add(run.wrapper)
        return run

    def start(self, *options):
        """A run of the family, with an innocent beside it."""
        assert self.canary.is_alive()
        run = self.launch(self.family.command(*MEMBERS), options)
        self.family.gather(*MEMBERS)
        return run

    def caller(self, command, *options):
        """A shell that starts `treefall run` as its child and waits for it."""
        words = [self.treefall, "run", *options, "--", *command]
        shell, caller, wrapper = start_from_shell(self.account, self.folder, words)
        self.ends.callback(shell.communicate)
        self.tree.add(wrapper)
        return caller, wrapper

    def watched(self, *options):
        """A family that runs already, and a watch on it: its primary and its partner."""
        assert self.canary.is_alive()
        ward = Ward(self.account, self.folder, self.family.command(*WATCHED))
        self.ends.callback(ward.end)
        self.tree.add(ward.process)
        self.family.gather(*WATCHED)
        watch = Watch(
            self.treefall, self.account, self.folder, ward.pid, ("--report", "fall.json", *options)
        )
        self.ends.callback(watch.end)
        self.tree.add(watch.primary)
        return watch, partner_of(watch.primary)

    def _make_family(self, name, program):
        family = Family(self.programs[program], self.account, self.folder, name)
        self.ends.callback(family.close)
        return family


def _end_canary(innocent, ward):
    alive = innocent.ward.is_alive()
    innocent.ward.send(signal.SIGKILL)
    ward.end()
    innocent.close()
    assert alive, "an innocent was killed"
