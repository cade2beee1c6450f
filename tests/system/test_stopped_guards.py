"""A guard that is held still, and not killed: what it has to do, another one does."""

import json
import os
import signal

import pytest
from support import deadline, freezing, leavings

MEMBERS = ("daemon", "plain", "session")

BY_ALL = [freezing.stopped, freezing.traced, freezing.frozen]


@pytest.fixture(params=BY_ALL, ids=[hold.__name__ for hold in BY_ALL])
def hold(request):
    if request.param is freezing.frozen and not (os.getuid() == 0 and freezing.can_freeze()):
        pytest.skip("freezing takes root and a writable cgroup v2")
    return request.param


def start(launch, family, *options, **settings):
    run = launch(family.command(*MEMBERS), options, **settings)
    family.gather(*MEMBERS)
    return run


# ---- the end of a run ------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["sentinel", "reserve"])
def test_a_run_ends_though_a_guard_is_held_still(launch, family, tree, hold, which):
    run = start(launch, family)
    guard = getattr(run, which)()
    with hold(guard):
        run.tell("exit 7")
        assert run.status() == 7
    assert not family.left()
    assert not tree.wait_gone()
