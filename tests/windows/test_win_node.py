"""A Node.js tree: libuv puts its children into jobs of its own, which end them with their parent."""

import signal

import pytest
from bed import place
from bed.tree import WineTree
from support import deadline
from support.process import wait_all_gone
from support.waiting import wait_until
from test_win_guards import sentinel_of
from test_win_library import report_in
from test_win_run import wrapper_of

ROLES = ("main", "child", "grandchild", "detached")


def nodes_up(folder):
    wait_until(
        lambda: all((folder / f"up-{role}").exists() for role in ROLES),
        deadline.START_S,
        "four Nodes",
    )
    living = WineTree.of_folder(folder).record().living()
    nodes = [
        each
        for each in living
        if "tree.js" in each.command_line and "treefall.exe" not in each.command_line
    ]
    assert len(nodes) == len(ROLES), nodes
    return nodes


@pytest.fixture
def command():
    return [place.windows_path(place.NODE), place.windows_path(place.PROGRAMS / "tree.js")]


def test_without_a_guard_the_detached_one_stays(start, command, folder):
    start.allow_leavings()
    node = start(command)
    nodes = nodes_up(folder)
    (folder / "end").touch()
    assert node.status() == 5
    left = wait_all_gone(nodes, deadline.ANSWER_S)
    assert ["detached" in each.command_line for each in left] == [True]


def test_it_works_and_falls(start, treefall, command, folder):
    run = start([treefall, "run", "--report=fall.json", "--", *command])
    nodes = nodes_up(folder)
    (folder / "end").touch()
    assert run.status() == 5
    assert not wait_all_gone(nodes, deadline.FALL_S)
    assert report_in(folder)["counts"]["fell"] >= 1


@pytest.mark.parametrize("guard", ["wrapper", "both"])
def test_it_falls_with_its_guards(start, treefall, command, folder, guard):
    start([treefall, "run", "--", *command])
    nodes = nodes_up(folder)
    victims = [wrapper_of(folder)] + ([sentinel_of(folder)] if guard == "both" else [])
    for victim in victims:
        victim.send(signal.SIGKILL)
    assert not wait_all_gone(nodes, deadline.FALL_S)
