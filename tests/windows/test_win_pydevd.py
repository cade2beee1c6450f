"""LitServe on Windows under PyCharm's debugger: a pause is no hang, and Stop ends it."""

import sys

import pytest
from bed import place
from bed.litserve import SCRIPT, Server
from support import deadline
from test_win_diseases import WATCHED_S
from test_win_litserve import seconds_until_gone

sys.path.insert(0, str(place.REPOSITORY / "tests"))
from ide.pydevd_ide import PydevdIde

DELAY_S = 3.0  # treefall.litserve's own
DEBUGGED = 3  # main, SyncManager, worker


@pytest.fixture
def ide():
    with PydevdIde() as ide:
        yield ide


@pytest.fixture
def debug(start_ide, package, ide):
    """A server under the debugger, all three of its processes."""

    def debug(guard):
        words = [
            place.windows_path(place.PYDEVD),
            "--multiprocess",
            "--client",
            "127.0.0.1",
            "--port",
            str(ide.port),
            "--file",
            place.windows_path(SCRIPT),
            f"--guard={guard}",
        ]
        server = Server(start_ide, words, environment={"PYTHONPATH": package})
        server.await_health()
        ide.await_that(
            lambda: len(ide.connections) >= DEBUGGED, deadline.START_S, "three processes"
        )
        return server

    return debug


@pytest.fixture
def server(debug):
    return debug("litserve")


def test_without_a_guard_all_paused_nothing_ends(debug, ide, start_ide):
    """Scenario B: the Stop button hangs, as long as the IDE's sockets are open."""
    start_ide.allow_leavings()
    server = debug("")
    ide.pause_each(DEBUGGED, deadline.START_S)
    server.ide.ctrl_c()
    assert server.left(WATCHED_S) == sorted(server.members)
    assert not server.port_is_free()


@pytest.mark.parametrize("pause_s", [2 * DELAY_S, pytest.param(60.0, marks=pytest.mark.long)])
def test_a_pause_is_no_hang(server, ide, pause_s):
    main = ide.pause_main(deadline.START_S)
    assert len(server.left(pause_s)) == len(server.members)
    main.resume()
    ide.await_that(lambda: main.resumed, deadline.ANSWER_S, "resumed")
    assert server.ask(7) == 49
    server.ide.ctrl_c()
    seconds_until_gone(server)
    assert server.port_is_free()


def test_an_ide_that_goes_while_it_is_paused(server, ide):
    """The debugger lets go of it, and it serves on."""
    ide.pause_main(deadline.START_S)
    ide.close()
    assert len(server.left(2 * DELAY_S)) == len(server.members)
    assert server.ask(7) == 49
    server.ide.ctrl_c()
    seconds_until_gone(server)
    assert server.port_is_free()


def test_scenario_b_all_paused_then_stopped(server, ide):
    """The IDE keeps its sockets open until all have ended."""
    ide.pause_main(deadline.START_S)
    ide.pause_each(DEBUGGED, deadline.START_S)
    server.ide.ctrl_c()
    took_s = seconds_until_gone(server)
    print("all paused, Ctrl+C, gone:", took_s)
    assert server.port_is_free()
