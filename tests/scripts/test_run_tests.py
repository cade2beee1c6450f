"""The adder-up must never turn a crash, a hang or silence into a pass."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support import account as accounts
from support.machine import in_user_namespace

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import run_tests  # noqa: E402
from run_tests import FAILED, PASSED, SKIPPED, Outcome  # noqa: E402


def program(result, status, stdout):
    row = {"name": "unit", "result": result, "returncode": status, "stdout": stdout}
    return json.dumps(row)


def states(outcomes):
    return [outcome.state for outcome in outcomes]


@pytest.mark.parametrize(
    "result, status, stdout, expected",
    [
        ("OK", 0, "1..2\nok 1 - a\nok 2 - b\n", [PASSED, PASSED]),
        ("OK", 0, "no TAP at all", [PASSED]),
        ("OK", 0, "1..1\nok 1 - a\n1..1\nok 1 - b\n", [PASSED, PASSED]),
        ("ERROR", 1, "1..2\nok 1 - a\nnot ok 2 - b\n# 1 != 2\n", [PASSED, FAILED]),
        ("OK", 0, "1..2\nok 1 - a\nnot ok 2 # SKIP no gdb\n", [PASSED, SKIPPED]),
        ("ERROR", 0, "1..2\nok 1 - a\n", [PASSED, FAILED]),
        ("ERROR", -11, "1..2\nok 1 - a\nok 2 - b\n", [PASSED, PASSED, FAILED]),
        ("TIMEOUT", -9, "1..1\nok 1 - a\n", [PASSED, FAILED]),
        ("SKIP", 77, "needs a mouse", [SKIPPED]),
        ("SKIP", 0, "", [FAILED]),
        ("FAIL", 1, "", [FAILED]),
    ],
)
def test_a_meson_program_is_counted_case_by_case(result, status, stdout, expected):
    assert states(run_tests.from_meson_log(program(result, status, stdout))) == expected


def test_a_failed_case_keeps_its_reason():
    log = program("ERROR", 1, "1..1\nnot ok 1 - a\n# 0x1 != 0x2\n# t.c:7: error: Failure!\n")
    assert run_tests.from_meson_log(log) == [
        Outcome(FAILED, "unit: a", "0x1 != 0x2; t.c:7: error: Failure!")
    ]


def test_junit_is_counted():
    log = """<testsuites><testsuite>
        <testcase classname="tests.system.test_a" name="good"/>
        <testcase classname="tests.system.test_a" name="bad"><failure message="no"/></testcase>
        <testcase classname="tests.system.test_a" name="setup"><error message="oh"/></testcase>
        <testcase classname="tests.system.test_a" name="not"><skipped message="no gdb"/></testcase>
    </testsuite></testsuites>"""
    outcomes = run_tests.from_junit(log)
    assert states(outcomes) == [PASSED, FAILED, FAILED, SKIPPED]
    assert outcomes[3] == Outcome(SKIPPED, "system.test_a.not", "no gdb")


@pytest.mark.parametrize(
    "status, outcomes, more",
    [
        (0, [Outcome(PASSED, "a")], 0),
        (1, [Outcome(FAILED, "a")], 0),
        (0, [], 1),
        (5, [], 1),
        (1, [Outcome(PASSED, "a")], 1),
        (-11, [Outcome(FAILED, "a")], 1),
        ("did not end within 1 s", [Outcome(FAILED, "a")], 1),
    ],
)
def test_a_runner_that_ends_badly_is_a_failure(status, outcomes, more):
    assert len(run_tests.unexplained("runner", status, outcomes)) == more


def test_a_crashed_runner_leaves_no_old_results(tmp_path):
    log = tmp_path / "old.xml"
    log.write_text("<testsuite><testcase name='old'/></testsuite>")
    assert run_tests.run([sys.executable, "-c", "import os; os.abort()"], log) == -6
    assert run_tests.read_log(log, run_tests.from_junit) == []


def test_a_cut_off_log_is_no_result(tmp_path):
    log = tmp_path / "cut.xml"
    log.write_text("<testsuite><testcase name='a'/>")
    assert run_tests.read_log(log, run_tests.from_junit) == []


def test_a_hanging_runner_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(run_tests, "RUNNER_DEADLINE_S", 0.1)
    monkeypatch.setattr(run_tests, "LAST_WORDS_S", 0.1)
    deaf = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); signal.pause()"
    assert "did not end" in run_tests.run([sys.executable, "-c", deaf], tmp_path / "none.xml")


@pytest.mark.parametrize(
    "outcomes, line",
    [
        ([], "0 passed, 0 failed"),
        ([Outcome(PASSED, "a"), Outcome(FAILED, "b", "why")], "1 passed, 1 failed"),
        ([Outcome(PASSED, "a"), Outcome(SKIPPED, "b", "why")], "1 passed, 0 failed, 1 skipped"),
    ],
)
def test_the_last_line(outcomes, line):
    assert list(run_tests.summary(outcomes))[-1] == line


# ---- as the init of a container ------------------------------------------------------------

AS_PID_1 = f"""
import os, subprocess, sys
sys.path.insert(0, {str(ROOT / "scripts")!r})
import run_tests
run_tests.leave_pid_1_to_a_reaper()
subprocess.run(["sh", "-c", "for i in 1 2 3 4 5 6 7 8; do (sh -c 'echo $$' &); done"], check=True)
zombies = lambda: [line for line in os.popen("cat /proc/[0-9]*/stat") if ") Z 1 " in line]
while zombies():
    pass
sys.exit(7)
"""


def test_a_runner_that_is_pid_1_reaps_what_the_tests_orphan():
    """Without that this ends by its time limit: the zombies stay as long as the runner lives."""
    init = in_user_namespace(accounts.own(), "--pid", "--fork", "--mount-proc", "--kill-child")
    done = subprocess.run(
        [*init, sys.executable, "-c", AS_PID_1], timeout=60, stdout=subprocess.DEVNULL
    )
    assert done.returncode == 7
