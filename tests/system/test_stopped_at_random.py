"""Our own parts are stopped, continued and killed in any order: nothing survives, no innocent falls."""

import json
import os
import random
import signal
import time
from contextlib import suppress

import pytest
from support import deadline, leavings
from support.family import Family
from support.process import wait_all_gone
from support.run import Run
from support.stage import played

AT_ONCE = 10
RUNS = 30  # for each account
LONG_RUNS = int(os.environ.get("TREEFALL_STOPS", "1250"))
MEMBERS = ("daemon", "plain", "stubborn")
WARD = 3
BLOWS = (signal.SIGSTOP, signal.SIGSTOP, signal.SIGCONT, signal.SIGKILL)
TRIGGERS = ("ward exits", "ward is killed", "stop signal", "timeout")
ALL_STATUSES = {3, 124, 128 + signal.SIGTERM, 128 + signal.SIGKILL}


class Victim:
    """One run, its guards, and what is done to them."""

    def __init__(self, scene, folder, chance):
        self.folder = folder
        self.guards = []
        self.struck = []
        self.cgroup = None
        self.trigger = chance.choice(TRIGGERS)
        options = ["--grace", "300ms", "--report", "fall.json"]
        if self.trigger == "timeout":
            options += ["--timeout", "8s"]
        options += ["--exit-grace", chance.choice(["0", "200ms", "1s"])]
        if chance.random() < 0.3:
            options += ["--on-sentinel-loss", "replace"]
        self.family = Family(scene.programs["family"], scene.account, folder)
        self.options = options[4:]
        self.run = Run(
            scene.treefall, scene.account, folder, self.family.command(*MEMBERS), options
        )
        self.blows = [self.blow(chance) for _ in range(chance.randrange(1, 5))]
        self.at = chance.randrange(len(self.blows) + 1)  # the trigger comes before this blow

    @staticmethod
    def blow(chance):
        """Wrapper, sentinel, reserve and ward by number. The ward's death is a trigger."""
        which = chance.randrange(4)
        return which, chance.choice(BLOWS[:-1] if which == WARD else BLOWS)

    def __str__(self):
        blows = ", ".join(f"{'WSRw'[which]} {number.name}" for which, number in self.blows)
        return f"{self.trigger} at {self.at} of [{blows}] with {self.options}"

    def gather(self):
        self.family.gather(*MEMBERS)
        with suppress(FileNotFoundError):  # a timeout may be quicker
            self.cgroup = leavings.cgroup_of(self.family.ward.pid)
        self.guards = [self.run.wrapper, self.run.sentinel(), self.run.reserve()]
        self.struck = [*self.guards, self.family.ward]

    def strike(self, nth):
        if nth == self.at:
            self.pull()
        if nth < len(self.blows):
            which, number = self.blows[nth]
            self.struck[which].send(number)

    def pull(self):
        if self.trigger == "ward exits":
            with suppress(BrokenPipeError):  # it fell already, for a guard that was killed
                self.run.tell("exit 3")
        elif self.trigger == "ward is killed":
            self.family.ward.send(signal.SIGKILL)
        elif self.trigger == "stop signal":
            self.run.wrapper.send(signal.SIGTERM)

    def has_running_guard(self):
        """A stop signal is the wrapper's alone: for the others it is no trigger."""
        state = {which: number for which, number in self.blows if number != signal.SIGCONT}
        if WARD in state and self.trigger == "ward exits":
            return False  # it cannot, as it is stopped
        return any(which not in state for which in range(3)) and self.trigger != "stop signal"

    def wake(self):
        for process in self.struck:
            process.send(signal.SIGCONT)

    def end(self):
        self.run.end()
        self.family.close()


def assert_over(victim):
    left = wait_all_gone([*victim.family.processes, *victim.guards], deadline.FALL_S)
    assert not left, f"{victim}: left: {left}"
    code = victim.run.popen.wait()
    assert (code if code >= 0 else 128 - code) in ALL_STATUSES, f"{victim}: {code}"
    assert not leavings.runtime_files(victim.folder), f"{victim}"
    report = victim.folder / "fall.json"
    if report.exists():
        assert json.loads(report.read_text())["counts"]["survived"] == 0, f"{victim}"


def play(scene, chance):
    """Some runs at once. Returns the cgroups that they had."""
    victims = []
    try:
        for _ in range(AT_ONCE):
            place = scene.account.make_folder(scene.folder / f"r{chance.random()}"[:14])
            victims.append(Victim(scene, place, chance))
            victims[-1].gather()  # at once: its time may run out before the last one is there
        for nth in range(5):
            for victim in victims:
                victim.strike(nth)
            time.sleep(chance.random() * 0.1)  # any order in time is meant
        for victim in [victim for victim in victims if victim.has_running_guard()]:
            left = wait_all_gone(victim.family.processes, deadline.FALL_S)
            assert not left, f"{victim}: alive while a guard runs: {left}"
        for victim in victims:
            victim.wake()
        for victim in victims:
            assert_over(victim)
        return [victim.cgroup for victim in victims if victim.cgroup]
    finally:
        for victim in victims:
            victim.wake()
            victim.run.wrapper.send(signal.SIGTERM)
            victim.end()


def play_all(scene, runs):
    seed = int(os.environ.get("TREEFALL_SEED", time.time_ns() % 1_000_000))
    chance = random.Random(seed)
    cgroups = []
    try:
        for _ in range(0, runs, AT_ONCE):
            cgroups += play(scene, chance)
            assert scene.canary.is_alive(), "an innocent was killed"
    except AssertionError as failure:
        raise AssertionError(f"TREEFALL_SEED={seed}: {failure}") from failure
    # What a run leaves whose guards were all killed at once, the next run removes.
    left = [folder for folder in cgroups if folder.exists() and not leavings.is_empty(folder)]
    assert not left, f"TREEFALL_SEED={seed}"


@played
def test_guards_stopped_and_killed_at_random(scene, canary):
    play_all(scene, RUNS)


@pytest.mark.long
@played
def test_guards_stopped_and_killed_at_random_for_long(scene, canary):
    play_all(scene, LONG_RUNS)
    print(f"{LONG_RUNS} runs: survivors 0, innocents 0")
