"""Runs all tests, unit tests through Meson and system tests through pytest, and adds them up; those
of the Windows side under Wine at the same time, if build-windows is there.

Prints what failed and why anything was skipped; the last line is `N passed, N failed`, with
`, N skipped` where there are any. Exit status 1 when a test failed or none ran. A runner that
crashes, hangs or loses its results counts as a failure: silence is never success.

Arguments are handed to pytest: run_tests.py -k kill
"""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as xml
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE, WINDOWS = ROOT / "build", ROOT / "build-windows"
FOLDERS = {
    HERE: ["tests/library", "tests/python", "tests/debugger", "tests/system", "tests/scripts"],
    WINDOWS: ["tests/windows"],
}
NOTHING_SELECTED = 5  # pytest's own status

# Tests wait more than they compute, and wait for events: one worker more than there are processors.
WORKERS = {HERE: (os.cpu_count() or 1) + 1, WINDOWS: 0}  # those under Wine share one session

RUNNER_DEADLINE_S = 40 * 60
TEST_DEADLINE_S = 300
LAST_WORDS_S = 30

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True)
class Outcome:
    state: str
    name: str
    reason: str = ""


# ---- the runners ---------------------------------------------------------------------------


def main(arguments):
    leave_pid_1_to_a_reaper()
    as_from_a_terminal()
    with ThreadPoolExecutor() as pool:
        under_wine = pool.submit(outcomes_of, WINDOWS, arguments, WINDOWS / "tests.log")
        outcomes = outcomes_of(HERE, arguments)
        outcomes += under_wine.result()
    for line in summary(outcomes):
        print(line)
    count = Counter(outcome.state for outcome in outcomes)
    return 0 if count[PASSED] and not count[FAILED] else 1


def leave_pid_1_to_a_reaper():
    """The init of a container inherits every orphan, and a Python that waits for one child reaps no
    other: ten thousand zombies slow each look at /proc. So pid 1 only reaps, and a child goes on."""
    if os.getpid() != 1:
        return
    runner = os.fork()
    if runner != 0:
        signal.signal(signal.SIGTERM, lambda number, frame: os.kill(runner, number))
        signal.signal(signal.SIGINT, lambda number, frame: None)  # a terminal sends it to both
        sys.exit(reap_until_end_of(runner))


def reap_until_end_of(child):
    """Reaps every child; returns this one's status as a shell would."""
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def as_from_a_terminal():
    """A shell that starts us in the background may have these ignored, and all we start would, too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def outcomes_of(build, arguments, words=None):
    """Of one side. With a file for its words they are shown at its end: the other's come meanwhile."""
    if not (build / "build.ninja").exists():
        return []
    with open(words, "wb") if words else nullcontext() as output:
        with wineserver() if build == WINDOWS else nullcontext():
            outcomes = meson_outcomes(build, output)
        outcomes += pytest_outcomes(build, arguments, output)
    if words:
        print(words.read_text(errors="replace"), flush=True)
        outcomes = [replace(outcome, name=f"{build.name} {outcome.name}") for outcome in outcomes]
    return outcomes


@contextmanager
def wineserver():
    """One that stays. Else each program's own ends with it, and who comes just then is cut off.
    Windows' services start with the first program, and would hold the pipe of a test's."""

    def quietly(*words):
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        subprocess.run([ROOT / "scripts/with-wine", *words], timeout=RUNNER_DEADLINE_S, **quiet)

    with open(ROOT / ".wine/session", "w") as session:
        fcntl.flock(session, fcntl.LOCK_EX)  # of whoever runs tests there
        try:
            quietly("wineserver", "-p")  # returns when it listens
            quietly("wine", "cmd", "/c", "exit")
            yield
        finally:
            quietly("wineserver", "-k")


def meson_outcomes(build, output):
    log = build / "meson-logs/testlog.json"
    command = ["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs"]
    status = run(command, log, output)
    outcomes = read_log(log, from_meson_log)
    return outcomes + unexplained("meson test", status, outcomes)


def pytest_outcomes(build, arguments, output):
    log = build / "pytest.xml"
    folders = [folder for folder in FOLDERS[build] if (ROOT / folder).is_dir()]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-ra",
        f"--timeout={TEST_DEADLINE_S}",
        f"--numprocesses={WORKERS[build]}",
        f"--junitxml={log}",
        *arguments,
        *folders,
    ]
    status = run(command, log, output)
    if status == NOTHING_SELECTED and arguments:
        return []
    outcomes = read_log(log, from_junit)
    return outcomes + unexplained("pytest", status, outcomes)


def run(command, log, output=None):
    """Runs one runner to its end. Returns its status, or why it has none."""
    log.unlink(missing_ok=True)  # never count the results of an earlier run
    print("+", *command, flush=True)
    try:
        runner = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    except OSError as error:
        return f"cannot start: {error}"
    try:
        return runner.wait(RUNNER_DEADLINE_S)
    except subprocess.TimeoutExpired:
        end(runner)
        return f"did not end within {RUNNER_DEADLINE_S} s"


def end(runner):
    """An interrupt first: both runners then still write their results."""
    runner.send_signal(signal.SIGINT)
    try:
        runner.wait(LAST_WORDS_S)
    except subprocess.TimeoutExpired:
        runner.kill()
        runner.wait()


def read_log(log, read):
    """The outcomes in a runner's log; none when it is missing or cut off."""
    try:
        return read(log.read_text(errors="replace"))
    except (OSError, ValueError, xml.ParseError):
        return []


def unexplained(runner, status, outcomes):
    """What a runner's end says beyond its results: at most one more failure."""
    if status == 0:
        return [] if outcomes else [Outcome(FAILED, runner, "left no results")]
    if isinstance(status, str):
        return [Outcome(FAILED, runner, status)]
    if status > 0 and any(outcome.state == FAILED for outcome in outcomes):
        return []
    how = f"killed by signal {-status}" if status < 0 else f"ended with status {status}"
    return [Outcome(FAILED, runner, how)]


# ---- reading what they left ----------------------------------------------------------------


def from_meson_log(text):
    """One JSON object a line and test program, with its output; cmocka's is TAP."""
    outcomes = []
    for line in text.splitlines():
        outcomes += program_outcomes(json.loads(line))
    return outcomes


def program_outcomes(program):
    name, result = program["name"], program["result"]
    cases, planned = from_tap(name, program.get("stdout", ""))
    good = result in ("OK", "EXPECTEDFAIL")
    if not cases and good:
        return [Outcome(PASSED, name)]
    if not cases and result == "SKIP" and program["returncode"] == 77:
        return [Outcome(SKIPPED, name, last_line(program.get("stdout", "")))]
    if planned > len(cases):
        return [*cases, Outcome(FAILED, name, f"{len(cases)} of {planned} cases ran ({result})")]
    if not good and not any(case.state == FAILED for case in cases):
        return [*cases, Outcome(FAILED, name, f"{result}, status {program['returncode']}")]
    return cases


TAP_CASE = re.compile(r"(not )?ok\s+(\d+)\s*-?\s*([^#]*)(?:#\s*(SKIP|TODO)\S*\s*(.*))?", re.I)


def from_tap(program, text):
    """The cases of one program, and how many it had planned."""
    outcomes, planned = [], 0
    for line in text.splitlines():
        if plan := re.match(r"1\.\.(\d+)", line):
            planned += int(plan[1])
        elif case := TAP_CASE.match(line):
            outcomes.append(tap_outcome(program, case))
        elif line.startswith("#") and outcomes and outcomes[-1].state == FAILED:
            outcomes[-1] = with_reason(outcomes[-1], line.lstrip("# "))
    return outcomes, planned


def tap_outcome(program, case):
    bad, number, title, directive, why = case.groups()
    name = f"{program}: {title.strip() or number}"
    if directive:
        return Outcome(SKIPPED, name, (why or directive).strip())
    return Outcome(FAILED if bad else PASSED, name)


def with_reason(outcome, line):
    return Outcome(outcome.state, outcome.name, "; ".join(filter(None, [outcome.reason, line])))


def from_junit(text):
    return [case_outcome(case) for case in xml.fromstring(text).iter("testcase")]


def case_outcome(case):
    name = f"{case.get('classname', '')}.{case.get('name')}".removeprefix("tests.")
    for tag, state in (("failure", FAILED), ("error", FAILED), ("skipped", SKIPPED)):
        found = case.find(tag)
        if found is not None:
            return Outcome(state, name, first_line(found.get("message") or found.text or ""))
    return Outcome(PASSED, name)


def first_line(text):
    return (text.strip().splitlines() or [""])[0]


def last_line(text):
    return (text.strip().splitlines() or ["no reason given"])[-1]


# ---- the end of the story ------------------------------------------------------------------


def summary(outcomes):
    for state in (SKIPPED, FAILED):
        for outcome in outcomes:
            if outcome.state == state:
                yield f"{state.upper():8}" + ": ".join(filter(None, [outcome.name, outcome.reason]))
    count = Counter(outcome.state for outcome in outcomes)
    line = f"{count[PASSED]} passed, {count[FAILED]} failed"
    yield line + (f", {count[SKIPPED]} skipped" if count[SKIPPED] else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
