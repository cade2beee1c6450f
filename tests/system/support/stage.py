"""Tests that mostly wait, played side by side.

`@played` makes a test of a function whose arguments are attributes of a Scene. The first test of a
module starts all of them that were selected, a few at once; each then tells how its own ended.
"""

import inspect
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import freezing, needs
from support.scene import Scene

AT_ONCE = 12  # they wait for seconds, and need a processor for a tenth of one
START_AHEAD = ("family", "listener")
ACCOUNTS = ("as_root", "as_user")
HOLDS = ("stopped", "traced", "frozen")

_numbers = itertools.count(1)


def played(scenario):
    """For each account."""
    return _test_of(scenario, [pytest.param(None, id="")])


def played_held(scenario):
    """The same, for each way to hold a process still: `hold` is one of the arguments."""
    return _test_of(scenario, HOLDS)


def _test_of(scenario, holds):
    @pytest.mark.parametrize("who", ACCOUNTS)
    @pytest.mark.parametrize("how", holds)
    def tell(who, how, stage, request):
        stage.tell(request.node)

    tell.scenario = scenario
    tell.__name__, tell.__doc__, tell.__module__ = (
        scenario.__name__,
        scenario.__doc__,
        scenario.__module__,
    )
    return tell


class Stage:
    def __init__(self, treefall, programs, place, items):
        self.treefall = treefall
        self.programs = programs
        self.place = place
        for name in START_AHEAD:
            programs[name]  # compiled here, by one thread
        self.pool = ThreadPoolExecutor(AT_ONCE)
        self.played = {
            item: self.pool.submit(self.play, item.function.scenario, **item.callspec.params)
            for item in items
        }

    def play(self, scenario, who, how):
        account = needs.account(who)
        if how == "frozen":
            needs.writable_cgroup()
        if how == "traced":
            needs.traceable(account)
        folder = self.place / f"s{next(_numbers)}"
        with Scene(
            self.treefall, self.programs, account, folder, how and getattr(freezing, how)
        ) as scene:
            scenario(
                **{name: getattr(scene, name) for name in inspect.signature(scenario).parameters}
            )

    def tell(self, item):
        """Wait for its end; what it raised is raised here."""
        self.played[item].result()

    def end(self):
        self.pool.shutdown(cancel_futures=True)
