"""What a LitServe server leaves behind on Windows without treefall. The names are those of
docs/windows.md. Where a test says that nothing ends, it watches for WATCHED_S."""

import signal

import pytest
from bed.litserve import CONSOLE, MAIN, MANAGER, WORKER, Server

WATCHED_S = 4.0


@pytest.fixture
def server(start_ide):
    start_ide.allow_leavings()
    return Server(start_ide).await_health()


def test_main_terminated_leaves_manager_worker_and_console(server):
    assert server.ask(7) == 49
    server.ide.terminate()
    assert server.ide.ended() == 1
    assert server.left(WATCHED_S) == sorted([MANAGER, WORKER, CONSOLE])


def test_the_job_closed_leaves_nobody(server):
    server.ide.close_job()
    assert server.left() == []
    assert server.port_is_free()


def test_r1_ctrl_c_to_all_ends_badly(server):
    """A race of the worker, which ends main, with main's own handler, which hangs: R1 or R2."""
    server.ide.ctrl_c()
    left = server.left(WATCHED_S)
    assert left == sorted([MANAGER, CONSOLE]) or MAIN in left


def test_r2_ctrl_c_to_main_alone_holds_the_port(server):
    server[MAIN].send(signal.SIGINT)
    server.ide.await_output("'Thread' object has no attribute 'terminate'")
    assert MAIN in server.left(WATCHED_S)
    assert not server.port_is_free()
