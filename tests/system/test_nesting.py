"""Guards inside guards: each takes what is below it and nothing beside it."""

import json
import os
import shlex
import signal

import pytest
from support import deadline, ending, leavings
from support.nest import MEMBERS, Nest
from support.process import Process
from support.run import Run
from support.waiting import wait_until

LEVELS = 8
SIBLINGS = 14
STEPS = 1023  # those that programs/steps.c takes


@pytest.fixture
def nest(launch, make_family, treefall):
    def make(levels=LEVELS, **settings):
        return Nest(launch, make_family, treefall, levels, **settings)

    return make


def cgroups_of(nest):
    """Every cgroup that a member of the nest is in."""
    processes = [process for family in nest.families for process in family.processes]
    return {leavings.cgroup_of(process.pid) for process in processes} - {None}


# ---- eight levels ----


def test_eight_levels_from_the_inside_out(nest, tree):
    """Wrapper after wrapper is killed, the innermost first."""
    nested = nest()
    for level in range(LEVELS, 0, -1):
        assert nested.living() == list(range(1, level + 1))
        nested.wrappers[level - 1].send(signal.SIGKILL)
        assert not nested.left(level)
    assert not tree.wait_gone()


@pytest.mark.parametrize(
    "without", ["", "cgroup"], ids=lambda routes: f"without_{routes or 'nothing'}"
)
@pytest.mark.parametrize("level", [1, 2, 5])
def test_what_is_below_falls_and_nothing_beside(nest, tree, level, without):
    nested = nest(options=["--without", without] if without else [])
    cgroups = cgroups_of(nested)
    nested.wrappers[level - 1].send(signal.SIGKILL)
    assert not nested.left(level)
    assert nested.living() == list(range(1, level))
    if level > 1:
        end_outermost(nested, tree)
    assert not tree.wait_gone()
    wait_until(lambda: not any(map(exists, cgroups)), deadline.ANSWER_S, "no cgroup is left")


def exists(path):
    return path.exists()


def test_the_whole_nest_ends_with_its_outermost(nest, tree):
    end_outermost(nest(), tree)


def end_outermost(nested, tree):
    nested.run.wrapper.send(signal.SIGTERM)
    assert nested.run.status() == 128 + signal.SIGTERM
    assert not tree.wait_gone()


def test_a_ninth_level_says_what_it_can(nest, folder, tree):
    report = folder / "ninth.json"
    nested = nest(LEVELS + 1, inmost=["--report", str(report)])
    nested.wrappers[-1].send(signal.SIGTERM)
    assert not nested.left(LEVELS + 1)
    assert nested.living() == list(range(1, LEVELS + 1))
    told = json.loads(wait_until(report.read_text, deadline.ANSWER_S, "a report"))
    brand = next(route for route in told["guarantee"] if route["route"] == "brand")
    assert not brand["armed"]
    assert "eight" in brand["why_not"]
    nested.wrappers[LEVELS - 1].send(signal.SIGKILL)
    assert not nested.left(LEVELS)
    assert nested.living() == list(range(1, LEVELS))
    end_outermost(nested, tree)


# ---- inner guards that are dead ----


@pytest.mark.parametrize("count", [2, 3], ids=["both", "all_three"])
@pytest.mark.parametrize(
    "end", [ending.wrapper_is_killed, ending.wrapper_is_asked], ids=lambda end: end.__name__
)
def test_the_outer_takes_a_ward_whose_own_guards_are_dead(nest, tree, count, end):
    """Nobody but the outer is left to fell it: the inner has no wire, and no reserve that lives."""
    nested = nest(2, inmost=["--without", "wire"])
    inner = Inner(nested.wrappers[1])
    guards = [inner.wrapper, inner.sentinel(), inner.reserve()]
    for guard in guards:
        guard.send(signal.SIGSTOP)  # none of them shall act on another's death
    ending.kill_together(*guards[:count])
    assert all(guard.wait_gone(deadline.FALL_S) for guard in guards[:count])
    assert nested.living() == [1, 2]
    end(nested.run, nested.families[0])
    assert not nested.left(1)
    assert not tree.wait_gone()


class Inner(Run):
    """The guards of a run that another run started."""

    def __init__(self, wrapper):
        self.wrapper = wrapper


# ---- siblings ----


@pytest.fixture
def siblings(launch, make_family, treefall):
    """One outer run with many inner ones; `before` is what its ward does first."""

    def start(*options, before=":"):
        families = [make_family(f"sibling{number}") for number in range(SIBLINGS)]
        words = [word for family in families for word in family.command(*MEMBERS)]
        inner = shlex.join([str(treefall), "run", *options, "--"])
        each = f'while [ $# -gt 3 ]; do {inner} "$1" "$2" "$3" "$4" </dev/null & echo $!; shift 4; done'
        return launch(["sh", "-c", f"{before}; {each}; wait", "sh", *words]), families

    return start


def assert_each_falls_alone(run, families):
    wrappers = [Process.open(int(run.hear())) for _ in families]
    for family in families:
        family.gather(*MEMBERS)
    whole = sorted([*MEMBERS, "ward"])
    for number, (wrapper, family) in enumerate(zip(wrappers, families)):
        wrapper.send([signal.SIGKILL, signal.SIGTERM][number % 2])
        assert not family.left()
        assert all(other.living() == whole for other in families[number + 1 :])


@pytest.mark.parametrize("without", ["wire", "cgroup", "cgroup,subreaper"])
def test_an_inner_fall_touches_no_sibling(siblings, tree, without):
    run, families = siblings("--without", without)
    assert_each_falls_alone(run, families)
    assert run.status() == 0
    assert not tree.wait_gone()


def test_clashing_steps_are_resolved(siblings, make_family, programs, account, folder, tree):
    """Every step that a guard may first pick is taken: all siblings clash, and pick again."""
    taken = make_family("taken", "steps")
    os.mkfifo(folder / "orders")
    account.take(folder / "orders")
    before = shlex.join([*map(str, taken.command(folder / "orders"))]) + " & read go"
    run, families = siblings("--without", "cgroup", before=before)
    taken.gather()
    run.tell("go")
    assert_each_falls_alone(run, families)
    with open(folder / "orders", "w") as orders:
        orders.write("count\n")
    assert taken.await_report("alive") == STEPS
    run.wrapper.send(signal.SIGKILL)
    assert not tree.wait_gone()
