"""LitServe on Windows, guarded: each case of test_win_diseases.py, cured."""

import os
import signal
import time

import pytest
from bed import place
from bed.litserve import MAIN, SCRIPT, WORKER, Server
from bed.tree import WineTree
from support import deadline
from support.process import wait_all_gone
from test_win_library import report_in


@pytest.fixture
def serve(start_ide, package):
    def serve(guard, **settings):
        words = [place.windows_path(SCRIPT), f"--guard={guard}"]
        server = Server(start_ide, words, environment={"PYTHONPATH": package, **settings})
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
    server.ide.await_output("\nended")
    assert server.ide.ended() == 0
    assert server.port_is_free()


def test_r1_with_a_bare_guard(serve):
    """The worker hears Ctrl+C and ends main. Alone: of the whole console, main would hear it too,
    and could be quicker (R2), which no bare guard cures."""
    server = serve("guard")
    server[WORKER].send(signal.SIGINT)
    print("R1 with a bare guard, gone:", seconds_until_gone(server))


def test_r2_ctrl_c_to_main_alone(serve):
    server = serve("litserve")
    server[MAIN].send(signal.SIGINT)
    print("R2, gone:", seconds_until_gone(server))
    assert server.ide.ended() == 0, server.ide.stderr()
    assert server.port_is_free()


@pytest.mark.long
def test_a_slow_start_is_no_hang(serve):
    """Twenty seconds, with a kill_delay of three."""
    server = serve("litserve", SETUP_S="20")
    assert server.ask(7) == 49
    server.ide.ctrl_c()
    seconds_until_gone(server)


def costs(server, folder):
    """Its processes, the threads and open files of the main one, and files in its folder."""
    main = f"/proc/{server[MAIN].pid}"
    threads, files = (len(os.listdir(f"{main}/{what}")) for what in ("task", "fd"))
    tree = list(WineTree.of_folder(folder).record().living())
    return len(tree), threads, files, sorted(path.name for path in folder.iterdir())


def test_it_costs_nothing_without_a_debugger(serve, folder):
    """Under Wine a thread of Wine's own may come and go: the least of some looks counts."""
    seen = {}
    for guard in ("", "idle"):
        server = serve(guard)
        looks = []
        for _ in range(10):
            looks.append(costs(server, folder))
            time.sleep(0.1)
        seen[guard] = min(looks)
        server.ide.terminate()
        server.ide.close_job()
        seconds_until_gone(server)
        server.ide.end()
        for path in folder.iterdir():
            path.unlink()
    assert seen[""] == seen["idle"]
