"""Beats from an asyncio loop and from a thread: which hang each sees."""

import pytest
from support.waiting import wait_until


def test_a_loop_that_turns(ward):
    ward.do("g = treefall.guard(0.4)")
    ward.do(
        "async def work():\n"
        "    with g.beat_in_loop():\n        await asyncio.sleep(1.5)\n"
        "    g.stop()\n"
    )
    ward.do("asyncio.run(work())")
    assert ward.ends() == 0


@pytest.mark.parametrize("blocked", ["time.sleep(3600)", "for _ in iter(int, 1): pass"])
def test_a_loop_that_is_blocked_is_seen(ward, blocked):
    ward.do("g = treefall.guard(0.4)")
    ward.do(
        "async def work():\n"
        "    beats = g.beat_in_loop()\n    await asyncio.sleep(1)\n"
        f"    {blocked}\n"
    )
    ward.tell("asyncio.run(work())")
    assert not ward.process.wait_gone(0.8)
    assert ward.falls()


def test_a_loop_of_another_thread(ward):
    ward.do("g = treefall.guard(0.4)")
    ward.do("loop = asyncio.new_event_loop()")
    ward.do("thread = threading.Thread(target=loop.run_forever, daemon=True); thread.start()")
    ward.do("def begin():\n    global beats\n    beats = g.beat_in_loop(loop)")
    ward.do("loop.call_soon_threadsafe(begin)")
    assert not ward.process.wait_gone(1)
    ward.tell("loop.call_soon_threadsafe(beats.cancel)")
    assert ward.falls()


def test_a_thread_beats_while_the_main_thread_waits(ward):
    ward.do("g = treefall.guard(0.4); beats = g.beat_in_thread()")
    ward.do("time.sleep(1.2)")
    ward.do("beats.cancel(); beats.cancel()")
    assert ward.falls()


def test_a_thread_with_a_probe(ward):
    ward.do("g = treefall.guard(0.4); sound = True")
    ward.do("beats = g.beat_in_thread(lambda: sound, every=0.05)")
    assert not ward.process.wait_gone(1)
    ward.tell("sound = False")
    assert ward.falls()


def test_a_probe_that_fails_beats_no_more(ward):
    ward.do("g = treefall.guard(0.4, startup_grace=0.4)")
    ward.do("threading.excepthook = lambda failed: None")
    ward.tell("beats = g.beat_in_thread(lambda: 1 / 0)")
    assert ward.falls()


def test_who_holds_the_interpreter_lock_is_seen_by_a_thread_s_beats(ward):
    ward.do("import ctypes; g = treefall.guard(0.4); beats = g.beat_in_thread()")
    wait_until(lambda: ward.ask("beats._thread.is_alive()"), 10, "it beats")
    ward.tell("ctypes.PyDLL(None).sleep(3600)")
    assert ward.falls()
