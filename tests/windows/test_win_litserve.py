"""LitServe on Windows, guarded: each case of test_win_diseases.py, cured."""

import json
import signal
import time

import pytest
from bed import place
from bed.litserve import MAIN, SCRIPT, Server
from support import deadline
from support.process import wait_all_gone
from test_win_library import report_in


@pytest.fixture
def serve(start_ide, package):
    def serve(guard):
        words = [place.windows_path(SCRIPT), f"--guard={guard}"]
        server = Server(start_ide, words, environment={"PYTHONPATH": package})
        return server.await_health()

    return serve


def seconds_until_gone(server):
    began = time.monotonic()
    assert not wait_all_gone(server.members.values(), deadline.FALL_S), server.ide.stderr()
    return time.monotonic() - began


def test_main_terminated(serve, folder):
    """The IDE still holds a handle to it."""
    server = serve("litserve")
    assert server.ask(7) == 49
    server.ide.terminate()
    print("main terminated, gone:", seconds_until_gone(server))
    assert report_in(folder)["trigger"] == "ward-dead"
    assert server.port_is_free()


def test_main_terminated_with_a_bare_guard(serve, folder):
    server = serve("guard")
    server.ide.terminate()
    seconds_until_gone(server)
    assert report_in(folder)["trigger"] == "ward-dead"


def test_r1_ctrl_c_to_all(serve):
    server = serve("litserve")
    server.ide.ctrl_c()
    print("R1, gone:", seconds_until_gone(server))
    assert "ended" in server.ide.stderr().splitlines(), server.ide.stderr()
    assert server.ide.ended() == 0
    assert server.port_is_free()


def test_r1_with_a_bare_guard(serve):
    server = serve("guard")
    server.ide.ctrl_c()
    print("R1 with a bare guard, gone:", seconds_until_gone(server))


def test_r2_ctrl_c_to_main_alone(serve):
    server = serve("litserve")
    server[MAIN].send(signal.SIGINT)
    print("R2, gone:", seconds_until_gone(server))
    assert server.ide.ended() == 0, server.ide.stderr()
    assert server.port_is_free()
