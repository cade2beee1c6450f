"""What these servers do without treefall: if one is cured, we want to know."""

import signal

from ide.pydevd_ide import PydevdIde
from support import deadline
from support.process import wait_all_gone
from support.waiting import wait_until

A_WHILE_S = 5.0


def test_a_stop_ends_it(start):
    with PydevdIde() as ide:
        server = start("none", words=ide.words())
        server.stop()
        assert not server.left()
    assert server.is_port_free()


def test_b_paused_and_stopped_it_stays(start):
    """Main and the resource tracker, and the SyncManager unless LitServe's monitor ended that."""
    with PydevdIde() as ide:
        server = start("none", words=ide.words())
        ide.main(deadline.ANSWER_S).pause()  # it waits in a call, and suspends when it leaves that
        server.stop()
        wait_until(lambda: len(server.tree.living()) <= 3, deadline.FALL_S, "the workers end")
        assert not server.main.wait_gone(A_WHILE_S)
        assert not server.is_port_free()


def test_h_its_ide_dies_and_it_stays(start, hosted):
    server = start("none", launch=hosted.launch)
    hosted.kill()
    assert not server.main.wait_gone(A_WHILE_S)
    assert not server.is_port_free()


def test_c_killed_it_leaves_four(start):
    server = start("none")
    server.main.send(signal.SIGKILL)
    server.popen.wait()
    assert wait_all_gone(server.tree.living(), A_WHILE_S)
    assert len(server.tree.living()) == 4
    assert not server.is_port_free()


def test_d_with_threads_it_hangs(start):
    server = start("none", workers="thread")
    server.stop()
    wait_until(lambda: "no attribute 'terminate'" in server.words(), deadline.FALL_S, "it tries")
    assert not server.main.wait_gone(A_WHILE_S)
    assert not server.is_port_free()
