"""Each system call of treefall's own processes is made to fail once: the tree is gone all the same,
or status and report say what is not.

The short form takes of each call of each role the first and the last one, with its likeliest errno.
The long form takes every call of every scenario with every errno, or as many as
TREEFALL_FAULTS says.
"""

import os

import pytest
from support import inject

LONG_FAULTS = int(os.environ.get("TREEFALL_FAULTS", "0"))  # of a scenario; 0 = all
EVERY = [
    (scenario, rung)
    for scenario in inject.SCENARIOS
    for rung in inject.RUNGS
    if rung == "default" or scenario.words[0] in ("run", "watch")
]


@pytest.fixture
def injector(programs, treefall, place, account):
    injector = inject.Injector(programs, treefall, place, account)
    injector.guarded(programs)
    try:
        injector.run(inject.SCENARIOS[0], "default")
    except AssertionError as error:
        if "inject a pid namespace" in str(error) or "inject the filter" in str(error):
            pytest.skip(str(error).splitlines()[0])
        raise
    return injector


def failures_of(injector, scenario, rung, faults, healthy):
    outcomes = injector.run_all(scenario, rung, faults)
    hit = [outcome for _, outcome in outcomes if outcome.was_hit]
    failures = []
    for fault, outcome in outcomes:
        failure = inject.silent_failure(scenario, healthy, outcome)
        if failure:
            failures.append(f"{scenario.name}, {rung}: {fault}: {failure}")
    return len(hit), failures


def test_tree_is_gone_or_said_to_live_when_a_call_fails_once(injector):
    known, hit, failures = set(), 0, []
    for scenario in inject.SCENARIOS:
        healthy = injector.record(scenario, "default")
        assert not inject.silent_failure(scenario, healthy, healthy), healthy.lines
        faults = inject.likely_faults(healthy.calls, known)
        count, found = failures_of(injector, scenario, "default", faults, healthy)
        hit += count
        failures += found
    print(f"{hit} faults")
    assert hit > 100
    assert not failures, "\n".join(failures)


@pytest.mark.long
@pytest.mark.parametrize(
    ("scenario", "rung"), EVERY, ids=lambda value: getattr(value, "name", value)
)
def test_every_call_with_every_errno(injector, scenario, rung):
    healthy = injector.record(scenario, rung)
    faults = inject.every_fault(healthy.calls)
    if LONG_FAULTS:
        faults = faults[:: max(1, len(faults) // LONG_FAULTS)]
    hit, failures = failures_of(injector, scenario, rung, faults, healthy)
    print(f"{scenario.name}, {rung}: {len(healthy.calls)} calls, {hit} faults")
    assert not failures, "\n".join(failures)
