"""Runs treefall with one system call of its processes made to fail: see programs/inject.c."""

import errno
import json
import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from support import deadline, errnos, leavings
from support.compiler import linked_with
from support.waiting import wait_until

EXIT_GRACE = "--exit-grace=20ms"  # hundreds of falls: none is to last a second

WORKERS = 3
REFUSED = 125
NOT_EXECUTED = (126, 127)
TREE = ("plain", "session", "stubborn", "daemon")


def _call_names():
    """The kernel's number of each call, as the compiler's headers have it."""
    words = [
        os.environ.get("CC", "cc"),
        "-E",
        "-dM",
        "-include",
        "sys/syscall.h",
        "-xc",
        "/dev/null",
    ]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return {int(number): name for name, number in re.findall(r"#define __NR_(\w+) (\d+)", text)}


@dataclass(frozen=True)
class Call:
    role: str
    phase: str
    name: str
    number: int
    nth: int
    detail: str = field(compare=False, default="")


@dataclass(frozen=True)
class Fault:
    call: Call
    errno_name: str

    def words(self):
        call = self.call
        return ["--fault", call.role, call.number, call.nth, getattr(errno, self.errno_name)]

    def __str__(self):
        call = self.call
        return (f"{call.role} {call.phase}: {call.name} {call.nth} = {self.errno_name}"
                f" ({call.detail})")  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """How treefall is started, and what pulls the trigger: see programs/inject.c.

    `ward`: how hostile.c is started before, where treefall does not start it.
    """

    name: str
    act: str
    words: tuple
    ward: tuple = ()
    library: bool = False


_COMMAND = ("--", "HOSTILE", "now", *TREE)
SCENARIOS = [
    Scenario("exit", "exit", ("run", *_COMMAND)),
    Scenario("term", "term", ("run", "--grace=100ms", *_COMMAND)),
    Scenario("timeout", "none", ("run", "--timeout=500ms", "--grace=100ms", *_COMMAND)),
    Scenario("stale", "none",
             ("run", "--heartbeat=auto", "--kill-delay=300ms", "--startup-grace=300ms", *_COMMAND)),
    Scenario("wrapper-killed", "wrapper", ("run", *_COMMAND)),
    Scenario("sentinel-killed", "sentinel", ("run", *_COMMAND)),
    Scenario("guards-killed", "guards", ("run", *_COMMAND)),
    Scenario("isolate", "exit", ("run", "--isolate", *_COMMAND)),
    Scenario("watch", "ward", ("watch", "--detach", "--pid", "WARD"), ward=("later", *TREE)),
    Scenario("kill", "none", ("kill", "--grace=100ms", "WARD"), ward=("now", *TREE[:3])),
    Scenario("library", "ward", ("guarded", *TREE), library=True),
]  # fmt: skip
RUNGS = {"default": (), "no-cgroup": ("cgroup",), "no-brand": ("cgroup", "brand")}
# Who is left there finds no orphans of a short life: the namespace has no fork events.
BLIND = {"no-brand": ("wrapper", "guards", "ward")}


FINDING_ORPHANS = {"pidns", "cgroup", "brand", "subreaper", "events"}


@dataclass
class Outcome:
    status: int  # as a shell tells it
    calls: list
    was_hit: bool
    lines: list  # of inject.c, without the calls
    stderr: str
    report: dict
    leaked: list

    def says(self, word):
        return [line.partition(" ")[2] for line in self.lines if line.split(" ")[0] == word]

    def left(self):
        return [line.split(" ")[1] for line in self.says("left")]

    def fallen(self):
        return {line["name"] for line in (self.report or {}).get("fallen", ())} - {"hostile"}

    def armed(self):
        return {route["route"] for route in self.report["guarantee"] if route["armed"]}

    def tells_of_survivors(self):
        report = self.report or {}
        told = report.get("survivors") or report.get("unseen")
        return bool(told) or report.get("exit_status") == REFUSED


class Injector:
    def __init__(self, programs, treefall, place, account):
        self.program = programs["inject"]
        self.treefall = treefall
        self.hostile = programs["hostile"]
        self.place = place
        self.account = account
        self.names = _call_names()

    def guarded(self, programs):
        """hostile.c with libtreefall, beside the sentinel that the library looks for."""
        folder = self.treefall.parent
        made = programs.make("hostile", ["-DGUARDED", *linked_with(folder)], "guarded-hostile")
        return Path(shutil.copy(made, folder / "guarded-hostile"))

    def run(self, scenario, rung, fault=None):
        folder = Path(tempfile.mkdtemp(prefix="fault-", dir=self.place))
        self.account.make_folder(folder)
        cgroup = _make_cgroup(self.account)
        try:
            words = self._words(scenario, rung, folder, cgroup, fault)
            environment = self.account.environment(folder) | {"REPORT": str(folder / "report.json")}
            with open(folder / "stderr", "wb") as stderr:
                ended = subprocess.run(words, cwd=folder, env=environment, stderr=stderr,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                       timeout=deadline.START_S)  # fmt: skip
            assert ended.returncode == 0, ended.stdout[-500:] + (folder / "stderr").read_text()
            return self._outcome(ended.stdout.splitlines(), folder, cgroup)
        finally:
            _remove_cgroup(cgroup)
            shutil.rmtree(folder)

    def run_all(self, scenario, rung, faults):
        """Pairs of a fault and its outcome."""
        with ThreadPoolExecutor(WORKERS) as pool:
            outcomes = pool.map(lambda fault: self.run(scenario, rung, fault), faults)
            return list(zip(faults, outcomes))

    def record(self, scenario, rung):
        """An outcome without a fault, and all its calls."""
        outcome = self.run(scenario, rung)
        unknown = {call.name for call in outcome.calls} - errnos.ERRNOS.keys() - errnos.FAULTLESS
        assert not unknown, f"no errnos for {unknown}"
        return outcome

    def _words(self, scenario, rung, folder, cgroup, fault):
        words = [self.program, "--act", scenario.act]
        if self.account.uid != os.getuid():
            words += ["--uid", self.account.uid]
        if cgroup:
            words += ["--cgroup", cgroup]
        if scenario.ward:
            words += ["--ward", self.hostile, *_roles(scenario, rung, scenario.ward), ";"]
        words += fault.words() if fault else ["--record"]
        words += ["--", *self._command(scenario, rung, folder)]
        return [os.fspath(word) if isinstance(word, Path) else str(word) for word in words]

    def _command(self, scenario, rung, folder):
        if scenario.library:
            return [self.treefall.parent / "guarded-hostile", *scenario.words]
        subcommand, *words = scenario.words
        options = [f"--report={folder / 'report.json'}"]
        if RUNGS[rung] and subcommand != "kill":
            options.append("--without=" + ",".join(RUNGS[rung]))
        words = [
            self.hostile if word == "HOSTILE" else word for word in _roles(scenario, rung, words)
        ]
        if subcommand in ("run", "watch"):
            options = [*options, EXIT_GRACE]
        return [self.treefall, subcommand, *options, *words]

    def _outcome(self, lines, folder, cgroup):
        said = [line for line in lines if not line.startswith("call ")]
        status = next(int(line.split(" ")[1]) for line in said if line.startswith("status "))
        return Outcome(
            status=128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status),
            calls=[self._call(line) for line in lines if line.startswith("call ")],
            was_hit=any(line.startswith("fault ") for line in said),
            lines=said,
            stderr=(folder / "stderr").read_text(errors="replace"),
            report=_report(folder / "report.json"),
            leaked=_leaked(folder, cgroup),
        )

    def _call(self, line):
        _, role, phase, number, nth, *detail = line.split(" ")
        name = self.names.get(int(number), number)
        return Call(role, phase, name, int(number), int(nth), " ".join(detail))


def _roles(scenario, rung, words):
    blind = scenario.act in BLIND.get(rung, ())
    return [word for word in words if word != "daemon" or not blind]


def every_fault(calls):
    """Each call that was recorded, with each errno that it may have."""
    return [Fault(call, name) for call in calls for name in errnos.of(call)]


def likely_faults(calls, known):
    """Of each call of a role that is not in `known`, the first and the last one, with its likeliest
    errno."""
    first, last = {}, {}
    for call in calls:
        key = (call.role, call.name)
        if errnos.of(call) and key not in known:
            first.setdefault(key, call)
            last[key] = call
    known.update(first)
    chosen = dict.fromkeys([*first.values(), *last.values()])
    return [Fault(call, errnos.of(call)[0]) for call in chosen]


def silent_failure(scenario, healthy, outcome):
    """What went wrong unsaid; None when the tree is gone as ever, or what is not was said."""
    for word in ("hang", "crash", "innocent"):
        if any(line.split(" ")[0] == word for line in outcome.lines):
            return ", ".join(line for line in outcome.lines if not line.startswith("fault"))
    if outcome.leaked:
        return f"leaked: {outcome.leaked}"
    if [name for name in outcome.left() if name.startswith("treefall")]:
        return f"a guard is left: {outcome.left()}"
    said = outcome.status not in (0, healthy.status) and "treefall: " in outcome.stderr
    said |= scenario.library and outcome.status == REFUSED and "hostile: " in outcome.stderr
    if outcome.status in (REFUSED, *NOT_EXECUTED) and said and not outcome.says("acted"):
        return None  # refused, or fallen early
    if outcome.status == REFUSED and said:
        return None
    orphans = outcome.left() == ["daemon"] or scenario.name == "watch"
    if orphans and outcome.report and not outcome.armed() & FINDING_ORPHANS:
        return None  # and the report says that nothing found those
    if outcome.left():
        return (
            None
            if outcome.tells_of_survivors() and healthy.status != 0
            else f"left: {outcome.left()}"
        )
    return _untrue(healthy, outcome)


def _untrue(healthy, outcome):
    """The tree is gone; what is not true of the status and the report."""
    if outcome.status != healthy.status and not _is_true(outcome):
        return f"status {outcome.status}, not {healthy.status}; {outcome.stderr}"
    if not outcome.report:
        return None if "cannot " in outcome.stderr else "no report, and not a word"
    if not outcome.says("ready"):
        return None  # it fell before all members were there
    missing = healthy.fallen() - outcome.fallen()
    nameless = [line for line in outcome.report["fallen"] if not line["name"]]
    if (
        len(missing) > len(nameless)
        and not outcome.report["lines_dropped"]
        and not outcome.tells_of_survivors()
    ):
        return f"the report does not list {sorted(missing)}"
    return None


def _is_true(outcome):
    """The command ended otherwise, as it was forced where it was to be asked."""
    return outcome.report and outcome.report["ward"]["status"] == outcome.status == 137


def _report(path):
    return json.loads(path.read_text()) if path.exists() else None


# ---- a cgroup of the run's own, so that what is left in it is known ------------------------------


def _make_cgroup(account):
    if os.getuid() != 0 or not leavings.has_cgroups():
        return None
    folder = Path(tempfile.mkdtemp(prefix="fault-", dir=leavings.own_cgroup()))
    folder.chmod(0o755)
    for path in (
        folder,
        *(folder / f"cgroup.{name}" for name in ("procs", "subtree_control", "threads")),
    ):
        account.take(path)
    return folder


def _remove_cgroup(folder):
    if not folder:
        return
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        path.rmdir()
    wait_until(lambda: folder.rmdir() is None, deadline.ANSWER_S, f"{folder} empty")


def _leaked(folder, cgroup):
    expected = {"home", "tmp", "runtime", "stderr", "stdout", "report.json"}
    files = [str(path) for path in folder.rglob("*") if path.name not in expected]
    groups = [path.name for path in cgroup.iterdir() if path.is_dir()] if cgroup else []
    return files + groups
