"""treefall.guard: from start to stop, and what falls when nobody stops it."""

import errno
import json
import os
import signal
import time

import pytest
from support import account as accounts
from support import deadline, proc
from support.machine import in_user_namespace
from support.process import Process
from support.waiting import wait_until


def test_from_start_to_stop(ward, sentinels):
    before = ward.ask("resources()")
    child = ward.child()
    ward.do("g = treefall.guard(60)")
    (sentinel,) = sentinels()
    armed, pid, lost, routes, confined = ward.ask("g.guarantee")
    assert (armed, pid, lost, confined) == (True, sentinel.pid, 0, False)
    assert "brand" in dict(routes) and all(blind for _, blind in routes)
    assert proc.row(sentinel.pid).parent_pid != ward.process.pid
    ward.do("g.beat()")
    ward.do("g.stop()")
    assert sentinel.wait_gone(deadline.ANSWER_S)
    assert ward.ask("g.armed") is False
    ward.do("g.stop()")  # twice is once
    ward.do("g.beat()")  # and a beat is nothing
    assert child.is_alive()
    then = [before[0], before[1], before[2] + 1]
    # a thread that is joined is in /proc for another moment
    wait_until(lambda: ward.ask("resources()") == then, deadline.ANSWER_S, f"{then}, as before")
    child.send(signal.SIGKILL)
    assert child.wait_gone(deadline.FALL_S)


def test_a_block_ends_the_guard_also_by_an_exception(ward, sentinels):
    code = "with treefall.guard(60) as g:\n    assert g.armed\n    raise KeyError('mine')"
    assert ward.answer(code)["error"] == "KeyError"
    assert not sentinels()
    assert ward.ends() == 0


def test_silence_fells_all(ward, tmp_path):
    ward.do("g = treefall.guard(0.4, report='fall.json')")
    assert ward.ask("g.report") == str(tmp_path / "fall.json")
    kin = [ward.child(), ward.child("orphan")]
    ward.tell("g.beat()")
    assert ward.falls()
    assert all(process.wait_gone(deadline.FALL_S) for process in kin)
    text = wait_until((tmp_path / "fall.json").read_text, deadline.ANSWER_S, "a report")
    report = json.loads(text)
    assert report["trigger"] == "stale"
    assert report["ward"]["command"].startswith("python")
    assert {process.pid for process in kin} <= {fallen["pid"] for fallen in report["fallen"]}


def test_a_report_in_a_folder_whose_name_is_no_utf_8(ward, tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9 \xf0")
    folder.mkdir()
    ward.do(f"g = treefall.guard(0.1, report={os.fsencode(folder)!r} + b'/fall.json')")
    ward.tell("g.beat()")
    assert ward.falls()
    wait_until((folder / "fall.json").read_text, deadline.ANSWER_S, "a report")


def test_its_end_without_a_stop_fells_the_rest(ward):
    """The interpreter shuts down as ever and its status is its own; beating threads are no harm."""
    ward.do("g = treefall.guard(60); beats = g.beat_in_thread()")
    kin = [ward.child(), ward.child("orphan")]
    assert ward.ends() == 0
    assert all(process.wait_gone(deadline.FALL_S) for process in kin)


def test_a_guard_without_a_name_goes_on(ward):
    ward.do("import gc")
    ward.do("treefall.guard(0.3).beat() or gc.collect()")
    assert ward.falls()


def test_a_hold(ward):
    ward.do("g = treefall.guard(0.2)")
    ward.do("outer = g.hold('load', 3600); inner = g.hold('warm up'); g.beat()")
    assert ward.ask("g.holding") == ["load", "warm up"]
    assert not ward.process.wait_gone(0.6)
    ward.do("inner.release(); inner.release()")
    assert ward.ask("g.holding") == ["load"]
    assert not ward.process.wait_gone(0.6)
    ward.tell("outer.release()")
    assert ward.falls()


def test_a_hold_is_over_with_its_block_or_its_budget(ward):
    ward.do("g = treefall.guard(0.2)")
    ward.do("with g.hold('long step'): time.sleep(0.7)")
    began = time.monotonic()
    ward.do("h = g.hold('short step', 0.7)")
    assert ward.falls()
    assert 0.69 <= time.monotonic() - began < 2


def test_release_ends_all_holds(ward):
    ward.do("g = treefall.guard(0.3)")
    ward.do("g.hold('one'); g.hold('two'); g.beat()")
    assert not ward.process.wait_gone(0.6)
    ward.tell("g.release()")
    assert ward.falls()


def test_closing(ward):
    ward.do("g = treefall.guard(0.1)")
    began = time.monotonic()
    ward.do("g.hold(); g.closing(0.8)")
    assert ward.falls()
    assert 0.79 <= time.monotonic() - began < 2


def test_stop_ends_a_closing(ward):
    ward.do("g = treefall.guard(0.1)")
    ward.do("g.closing(60); time.sleep(0.4); g.stop()")
    assert ward.ends() == 0


def test_a_killed_sentinel_is_replaced(ward, sentinels):
    ward.do("g = treefall.guard(60)")
    child = ward.child()
    (old,) = sentinels()
    old.send(signal.SIGKILL)
    assert old.wait_gone(deadline.ANSWER_S)
    armed_again = "g.guarantee.armed and g.guarantee.lost == 1 and g.guarantee.sentinel != %d"
    wait_until(lambda: ward.ask(armed_again % old.pid), deadline.ANSWER_S, "armed again")
    ward.process.send(signal.SIGKILL)
    assert child.wait_gone(deadline.FALL_S)


def test_a_stopped_ward_is_held_unless_told_otherwise(make_ward):
    held, hung = make_ward(), make_ward()
    held.do("g = treefall.guard(0.3); g.beat()")
    hung.do("g = treefall.guard(0.3, fall_when_stopped=True); g.beat()")
    held.process.send(signal.SIGSTOP)
    hung.process.send(signal.SIGSTOP)
    assert hung.falls()
    assert not held.process.wait_gone(0.6)
    held.process.send(signal.SIGCONT)
    assert held.falls()


def test_the_beats_of_a_fork_do_not_count(ward):
    """Nor does its stop: the child is a member of the tree, the guard is its parent's."""
    ward.do("g = treefall.guard(0.5)")
    ward.do(
        "g.beat(); pid = os.fork()\n"
        "if pid == 0:\n"
        "    assert not g.armed; g.hold('nothing'); g.release(); g.stop()\n"
        "    while True: g.beat(); time.sleep(0.05)\n"
    )
    child = Process.open(ward.ask("pid"))
    assert ward.falls()
    assert child.wait_gone(deadline.FALL_S)


def test_a_fork_starts_a_guard_of_its_own(ward, sentinels):
    ward.do("g = treefall.guard(60)")
    ward.do(
        "pid = os.fork()\nif pid == 0:\n    h = treefall.guard(0.3); h.beat(); time.sleep(3600)\n"
    )
    child = Process.open(ward.ask("pid"))
    assert child.wait_gone(deadline.FALL_S)
    assert ward.ask("g.armed")


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_pool_of_workers_falls_with_its_master(ward, method):
    ward.do("import multiprocessing as mp")
    ward.do("g = treefall.guard(60)")
    ward.do(f"pool = mp.get_context('{method}').Pool(3)")
    assert ward.ask("pool.map(abs, [-1, -2])") == [1, 2]
    workers = [Process.open(pid) for pid in ward.ask("[w.pid for w in pool._pool]")]
    ward.process.send(signal.SIGKILL)
    assert all(worker.wait_gone(deadline.FALL_S) for worker in workers)


def test_many_threads_start_and_stop(ward, sentinels):
    ward.do(
        "errors = []\n"
        "def often():\n"
        "    try:\n"
        "        for _ in range(3):\n"
        "            with treefall.guard(60) as g:\n"
        "                with g.hold('x', 1): g.beat()\n"
        "    except Exception as error: errors.append(repr(error))\n"
        "threads = [threading.Thread(target=often) for _ in range(6)]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join()\n"
    )
    assert ward.ask("errors") == []
    assert not sentinels()


def test_a_subinterpreter(ward, sentinels):
    """Its guard watches the process, like any other."""
    ward.do("import _xxsubinterpreters as inner; one = inner.create()")
    ward.do(
        "inner.run_string(one, '''import treefall\n"
        "with treefall.guard(60) as g:\n    assert g.armed\n    g.beat()\n''')"
    )
    assert not sentinels()
    ward.do("inner.run_string(one, 'treefall.guard(0.5).beat()')")
    ward.tell("inner.destroy(one)")
    assert ward.falls()


def test_nothing_without_a_debugger(ward, sentinels):
    before = ward.ask("resources()")
    ward.do("g = treefall.guard(0.1, 'debugger')")
    assert ward.ask("g.guarantee") == [False, 0, 0, [], False]
    assert ward.ask("resources()") == before
    assert not sentinels()
    assert not ward.process.wait_gone(0.4)
    ward.do("g.beat(); g.hold('x').release(); g.closing(0.1); g.stop()")
    assert ward.ends() == 0


def test_with_a_debugger_it_is_armed(ward):
    ward.do("import bdb")
    ward.do("class Debugger(bdb.Bdb):\n    def user_line(self, frame): pass")
    ward.do("def traced():\n    with treefall.guard(60, 'debugger') as g: return g.armed")
    assert ward.ask("Debugger().runcall(traced)") is True


def test_needs_no_folder_to_write_in(make_ward):
    nowhere = "/nowhere"
    ward = make_ward(XDG_RUNTIME_DIR=nowhere, HOME=nowhere)
    ward.do("import tempfile; tempfile.tempdir = '/proc'")
    assert ward.ask("treefall.guard(60).armed")


def test_a_full_disk(make_ward, tmp_path):
    """It is said at the start; one that fills up later costs the report, and nothing else."""
    full = tmp_path / "full"
    full.mkdir()
    mount = f'mount -t tmpfs -o size=64k none {full} && exec "$@"'
    ward = make_ward(*in_user_namespace(accounts.own(), "--mount"), "sh", "-c", mount, "sh")
    ward.do(f"full, report = {str(full)!r}, {str(full / 'fall.json')!r}")
    ward.do(
        "def fill():\n"
        "    try: open(full + '/zeros', 'wb', 0).write(bytes(99999)); return False\n"
        "    except OSError: return True"
    )
    ward.ask("fill() or fill()")
    answer = ward.answer("treefall.guard(report=report)")
    assert answer["error"] == "ReportError" and "No space left" in answer["text"]
    ward.do("os.remove(full + '/zeros'); g = treefall.guard(0.3, report=report)")
    child = ward.child()
    ward.ask("fill() or fill()")
    ward.tell("g.beat()")
    assert ward.falls()
    assert child.wait_gone(deadline.FALL_S)


def test_the_environment_names_the_sentinel(make_ward, site):
    ward = make_ward(TREEFALL_SENTINEL="/nowhere/treefall-sentinel")
    assert ward.answer("treefall.guard()")["error"] == "SentinelNotFound"
    own = site / "treefall/_bin/treefall-sentinel"
    assert ward.ask(f"treefall.guard(60, sentinel={str(own)!r}).armed")


POLITE = "echo up > up; trap 'echo > bye; exit' TERM; while :; do sleep 0.05; done"


@pytest.mark.parametrize("end", ["hangs", "is_killed"])
@pytest.mark.parametrize(
    ("options", "asked"), [("", True), (", exit_grace=0", False)], ids=["default", "zero"]
)
def test_what_a_ward_leaves_is_asked_before_it_is_killed(ward, tmp_path, end, options, asked):
    ward.do(f"g = treefall.guard(0.4{options})")
    ward.do(f"import subprocess; p = subprocess.Popen(['sh', '-c', {POLITE!r}])")
    child = Process.open(ward.ask("p.pid"))
    wait_until((tmp_path / "up").exists, deadline.ANSWER_S, "the child is up")
    if end == "is_killed":
        ward.process.send(signal.SIGKILL)
    else:
        ward.tell("g.beat()")
    assert child.wait_gone(deadline.FALL_S)
    assert (tmp_path / "bye").exists() is asked


BAD = [
    ("kill_delay=0", "OptionError", "kill_delay=0: use 0.05 seconds"),
    ("kill_delay='3'", "OptionError", "a number of seconds"),
    ("kill_delay=float('nan')", "OptionError", "kill_delay=nan"),
    ("kill_delay=True", "OptionError", "a number of seconds"),
    ("startup_grace=-1", "OptionError", "startup_grace=-1"),
    ("stop_budget=1e12", "OptionError", "stop_budget="),
    ("exit_grace=-1", "OptionError", "exit_grace=-1"),
    ("when='never'", "OptionError", '"always" or "debugger"'),
    ("sentinel='/nowhere'", "SentinelNotFound", "/nowhere: "),
    ("sentinel='/etc/passwd'", "SentinelNotFound", "/etc/passwd: "),
    ("sentinel='/bin/true'", "SentinelBroken", "/bin/true: "),
    ("report='fall.pdf'", "ReportError", "fall.pdf: "),
    ("report='/nowhere/fall.json'", "ReportError", "No such file or directory"),
    ("report='/proc/fall.json'", "ReportError", "/proc/fall.json: "),
]


@pytest.mark.parametrize(("options", "kind", "says"), BAD, ids=[bad[0] for bad in BAD])
def test_what_is_wrong_is_said(ward, sentinels, options, kind, says):
    answer = ward.answer(f"treefall.guard({options})")
    assert (answer["error"], says in answer["text"]) == (kind, True), answer
    assert ward.ask(f"issubclass(treefall.{kind}, treefall.Error)")
    wait_until(lambda: not sentinels(), deadline.ANSWER_S, "none is left")
    assert ward.ends() == 0


def test_no_descriptors_left_is_said(ward):
    ward.do("import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4096))")
    answer = ward.answer("treefall.guard(60)")
    assert answer["error"] == "SystemRefused" and "Too many open files" in answer["text"]
    ward.do("try: treefall.guard(60)\nexcept OSError as error: told = error.errno, error.winerror")
    assert ward.ask("told") == [errno.EMFILE, 0]
    assert ward.ask("isinstance(treefall.SystemRefused('x'), OSError)")
