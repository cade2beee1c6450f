"""LitServe guarded by treefall: what people do to it at an IDE (PyCharm's, pydevd) and without one."""

import os
import signal

from shapes import anywhere, in_an_ide
from support import deadline
from support.waiting import wait_until

DELAY_S = 3.0
CLOSING_S = 60.0  # treefall.litserve's own
BREAKPOINT_S, LONG_BREAKPOINT_S = 15.0, 60.0
CLEANUP_S = 8.0


def assert_clean(server):
    assert not server.left(), server.words()
    assert server.is_port_free()
    wait_until(
        lambda: not server.leavings(), deadline.ANSWER_S, "nothing of it is left in any folder"
    )


def told(what, took_s):
    print(f"{what}: {took_s:.3f} s")
    return took_s


@in_an_ide
def test_a_a_stop_is_not_cut_short(start_in, shape):
    server = start_in(shape, kill_delay=DELAY_S)
    server.stop()
    assert server.status() == 0
    assert "ended" in server.words()
    assert_clean(server)


@in_an_ide
def test_b_paused_then_stopped_it_ends(start_in, ide, shape):
    """A pause is no hang. The signal wakes one that is suspended already: it ends in order."""
    server = start_in(shape, kill_delay=DELAY_S)
    ide.pause_main(deadline.ANSWER_S)
    assert not server.main.wait_gone(DELAY_S + 1)
    server.stop()
    told("paused, stopped, gone", server.seconds_until_gone())
    assert_clean(server)


@in_an_ide
def test_b_paused_then_interrupted_alone_it_ends(start_in, ide, shape):
    """pydevd drops an interrupt that meets a suspended thread, and lets that go on."""
    server = start_in(shape, kill_delay=DELAY_S)
    ide.pause_main(deadline.ANSWER_S)
    server.interrupt()
    told("paused, interrupted, gone", server.seconds_until_gone())
    assert server.status() == 0, server.words()
    assert_clean(server)


@in_an_ide
def test_b_stopped_while_a_pause_comes_it_falls(start_in, ide, shape):
    """The pause comes over it in its clean-up, and would last until the sockets close. If the server
    has said by then that it cleans up, it has the time that it said."""
    server = start_in(shape, kill_delay=DELAY_S)
    ide.main(deadline.ANSWER_S).pause()
    server.stop()
    told("paused and stopped, gone", server.seconds_until_gone(CLOSING_S + deadline.FALL_S))
    report = server.report()
    assert report["trigger"] == "asked" and not report["survivors"]
    assert_clean(server)


@anywhere
def test_c_killed_all_falls(start_in, shape):
    server = start_in(shape)
    server.main.send(signal.SIGKILL)
    told("killed, gone", server.seconds_until_gone())
    report = server.report()
    assert report["trigger"] == "ward-dead"
    assert report["counts"]["fell"] == 2 + 2 * shape.workers
    assert_clean(server)


def test_c_with_a_bare_guard(start):
    server = start("guard")
    server.main.send(signal.SIGKILL)
    server.seconds_until_gone()
    assert server.report()["counts"]["fell"] == 4
    assert not server.left() and server.is_port_free()


@anywhere
def test_d_with_threads_it_ends(start_in, shape):
    server = start_in(shape, workers="thread")
    server.interrupt()
    told("interrupted, gone", server.seconds_until_gone())
    assert server.status() == 0, server.words()
    assert_clean(server)


@in_an_ide
def test_e_a_breakpoint_is_no_hang(start_in, ide, shape):
    server = start_in(shape, kill_delay=DELAY_S)
    server.order("line")
    stands = ide.await_breakpoint(deadline.ANSWER_S)
    assert not server.main.wait_gone(LONG_BREAKPOINT_S if shape.is_long else BREAKPOINT_S)
    stands.resume()
    ide.await_that(lambda: stands.resumed, deadline.ANSWER_S, "resumed")
    assert server.ask(7) == 7
    assert len(server.tree.living()) == 3 + 2 * shape.workers
    server.stop()
    assert server.status() == 0
    assert_clean(server)


@anywhere
def test_f_a_cleanup_is_not_cut_short(start_in, shape):
    server = start_in(shape, kill_delay=DELAY_S, cleanup=CLEANUP_S)
    server.interrupt()
    assert server.status() == 0, server.words()
    assert (server.folder / "cleaned-up").exists()
    assert_clean(server)


@anywhere
def test_g_an_endless_loop_falls(start_in, shape):
    server = start_in(shape, kill_delay=DELAY_S)
    server.order("hog")
    told("hung, gone", server.seconds_until_gone())
    assert server.report()["trigger"] == "stale"
    assert_clean(server)


@in_an_ide
def test_h_its_ide_dies(start, hosted, shape):
    """The IDE, which had started it, is killed while it is suspended."""
    server = start("litserve", launch=hosted.launch, servers=shape.workers, kill_delay=DELAY_S)
    hosted.pause()
    assert not server.main.wait_gone(DELAY_S + 1)
    hosted.kill()
    told("IDE killed, gone", server.seconds_until_gone())
    report = server.report()
    assert report["trigger"] == "caller-dead" and "debugger" in report["trigger_detail"]
    assert_clean(server)


def test_it_costs_nothing_without_a_debugger(start):
    plain, idle = start("none"), start("litserve", when="debugger")
    assert costs(plain) == costs(idle)


def costs(server):
    """Its processes; threads and descriptors of the main one; files."""
    main = f"/proc/{server.main.pid}"
    threads, files = (len(os.listdir(f"{main}/{what}")) for what in ("task", "fd"))
    return len(server.tree.record().living()), threads, files, len(server.leavings())
