"""LitServe on Windows under PyCharm's debugger: a pause is no hang, and Stop ends it."""

import sys

import pytest
from bed import place
from bed.litserve import SCRIPT, Server
from support import deadline
from test_win_litserve import seconds_until_gone

sys.path.insert(0, str(place.REPOSITORY / "tests"))
from ide.pydevd_ide import PydevdIde  # noqa: E402

DELAY_S = 3.0  # treefall.litserve's own
DEBUGGED = 3   # main, SyncManager, worker


@pytest.fixture
def ide():
    with PydevdIde() as ide:
        yield ide


@pytest.fixture
def server(start_ide, package, ide):
    words = [place.windows_path(place.PYDEVD), "--multiprocess", "--client", "127.0.0.1", "--port",
             str(ide.port), "--file", place.windows_path(SCRIPT), "--guard=litserve"]
    server = Server(start_ide, words, environment={"PYTHONPATH": package})
    server.await_health()
    ide.await_that(lambda: len(ide.connections) >= DEBUGGED, deadline.START_S, "three processes")
    return server


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


def test_scenario_b_all_paused_then_stopped(server, ide):
    """The IDE keeps its sockets open until all have ended."""
    ide.pause_main(deadline.START_S)
    for one in ide.connections[1:]:
        if one.main_thread:
            one.pause()
    server.ide.ctrl_c()
    took_s = seconds_until_gone(server)
    print("all paused, Ctrl+C, gone:", took_s)
    assert server.port_is_free()
