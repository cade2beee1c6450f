"""LitServe under debugpy, as VS Code has it: a session for each process, and no signal to stop it."""

import pytest
from ide.dap_ide import DapIde
from support import deadline
from support.waiting import wait_until

DELAY_S = 3.0
BREAKPOINT_S = 15.0


@pytest.fixture
def vscode(breakpoints):
    with DapIde(breakpoints) as ide:
        yield ide


def assert_clean(server):
    assert not server.left(), server.words()
    assert server.is_port_free()
    wait_until(
        lambda: not server.leavings(), deadline.ANSWER_S, "nothing of it is left in any folder"
    )


def test_stopped_all_falls(start, vscode):
    """Stop kills the direct children and then the program, at once: nothing of it ends in order."""
    server = start("litserve", launch=vscode.launch, kill_delay=DELAY_S)
    vscode.stop()
    server.seconds_until_gone()
    assert server.report()["trigger"] == "ward-dead"
    assert_clean(server)


def test_a_pause_is_no_hang_and_stopped_it_falls(start, vscode):
    server = start("litserve", launch=vscode.launch, kill_delay=DELAY_S)
    vscode.pause_main()
    assert not server.main.wait_gone(DELAY_S + 1)
    vscode.stop()
    server.seconds_until_gone()
    assert_clean(server)


def test_a_breakpoint_is_no_hang(start, vscode):
    server = start("litserve", launch=vscode.launch, kill_delay=DELAY_S)
    server.order("line")
    stands = vscode.await_breakpoint()
    assert not server.main.wait_gone(BREAKPOINT_S)
    stands.resume()
    assert server.ask(7) == 7
    vscode.stop()
    assert_clean(server)


def test_an_endless_loop_falls(start, vscode):
    server = start("litserve", launch=vscode.launch, kill_delay=DELAY_S)
    server.order("hog")
    server.seconds_until_gone()
    assert server.report()["trigger"] == "stale"
    assert_clean(server)


def test_its_ide_dies(start, vscode):
    """The adapter, between the IDE and the program, goes with the IDE. The launcher stays."""
    server = start("litserve", launch=vscode.launch, kill_delay=DELAY_S)
    vscode.pause_main()
    vscode.kill()
    server.seconds_until_gone()
    assert_clean(server)
