"""What a LitServe server leaves behind on Windows without treefall. The names are those of
docs/windows.md. Where a test says that nothing ends, it watches for WATCHED_S."""

import signal

import pytest

from bed.litserve import CONSOLE, MAIN, MANAGER, WORKER, Server

WATCHED_S = 4.0
KILLED_BY_ITS_WORKER = 15


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


def test_r1_ctrl_c_to_all_leaves_the_manager(server):
    server.ide.ctrl_c()
    assert server.ide.ended() == KILLED_BY_ITS_WORKER
    assert server.left(WATCHED_S) == sorted([MANAGER, CONSOLE])
    assert server.port_is_free()


def test_r2_ctrl_c_to_main_alone_holds_the_port(server):
    server[MAIN].send(signal.SIGINT)
    server.ide.await_output("'Thread' object has no attribute 'terminate'")
    assert MAIN in server.left(WATCHED_S)
    assert not server.port_is_free()
