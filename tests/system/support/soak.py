"""One trial of a soak: a random tree, guarded in a random way, and random blows at the guards.

All that is random in a trial comes from its seed, but for the moments at which the machine lets
things happen. `Trial(...).run()` returns the complaints, none if nothing survived, nothing innocent
was hurt, one report was written and the status makes sense."""

import ctypes
import json
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

from support import proc
from support.process import Gone, Process

LIMIT_S = 120
LATE = "it was killed but has not exited yet"  # true on a machine that is busy enough
RUNS = "run"
WARD_STATUS = 7
NPROC = 6000
SIGNALS = ("TERM", "INT", "HUP", "QUIT")
STATUSES = {
    0,
    WARD_STATUS,
    124,
    *(128 + getattr(signal, f"SIG{name}") for name in (*SIGNALS, "KILL")),
}


PR_SET_CHILD_SUBREAPER = 36
REAP_S = 0.05
EMPTY_PASSES = 3


class Nursery:
    """All that is orphaned becomes ours and is reaped: a container's init may be slow at it, and
    then each look of each guard at the dead takes its time. What threads start is told apart, as
    the kernel gives orphans to the first thread."""

    def __init__(self):
        self.over = threading.Event()
        self.spared = set()
        self.children = Path(f"/proc/self/task/{os.getpid()}/children")
        self.thread = threading.Thread(target=self._reap)
        _adopt(1)
        self.thread.start()

    def _reap(self):
        while not self.over.wait(REAP_S):
            for pid in map(int, self.children.read_text().split()):
                if pid not in self.spared:
                    self._reap_one(pid)

    def _reap_one(self, pid):
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            pass

    def end(self):
        self.over.set()
        self.thread.join()
        _adopt(0)


def _adopt(on):
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, on, 0, 0, 0)


class Bed:
    """What the trials share: programs, an account, a folder, and a group with innocents in it."""

    def __init__(self, treefall, grove, guarded, account, folder, most):
        self.treefall, self.grove, self.guarded = treefall, grove, guarded
        self.account, self.folder, self.most = account, folder, most
        self.nursery = Nursery()
        self.nursery.spared.update(map(int, self.nursery.children.read_text().split()))
        self.late = (
            0  # trials in which a killed process had not ended when the guard's patience had
        )
        starter = threading.Thread(target=self._start_canaries)
        starter.start()
        starter.join()

    def _start_canaries(self):
        leader = self._canary(process_group=0)
        self.group = leader.pid
        self.canaries = [leader, self._canary(start_new_session=True)]
        self.canaries += [self._canary(process_group=self.group) for _ in range(2)]

    def start(self, words, cwd=None, stderr=subprocess.DEVNULL, **settings):
        """Not from the main thread: see Nursery."""
        return subprocess.Popen(
            ["prlimit", f"--nproc={NPROC}", *self.account.command(words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            cwd=cwd or self.folder,
            env=self.account.environment(self.folder),
            **settings,
        )

    def _canary(self, **settings):
        popen = self.start([self.grove, "canary"], **settings)
        self.nursery.spared.add(popen.pid)
        return Process.of_child(popen.pid)

    def hurt(self):
        """The canaries that are dead, stopped, or carry a tag."""
        return [canary for canary in self.canaries if not _is_well(canary)]

    def end(self):
        for canary in self.canaries:
            canary.send(signal.SIGKILL)
            canary.wait_gone(LIMIT_S)
            os.waitpid(canary.pid, 0)
            canary.close()
        self.nursery.end()


def _is_well(canary):
    row = proc.row(canary.pid)
    limits = Path(f"/proc/{canary.pid}/limits").read_text() if row else ""
    locks = next((line for line in limits.splitlines() if line.startswith("Max file locks")), "")
    return (
        canary.is_alive()
        and row.state not in "TtZ"
        and locks.split()[3:5] == ["unlimited", "unlimited"]
    )


class Trial:
    def __init__(self, bed, seed):
        self.bed, self.seed = bed, seed
        self.random = random.Random(seed)
        self.folder = bed.account.make_folder(bed.folder / f"s{seed}")
        self.mark = os.fsencode(self.folder) + b"\0"
        self.report = self.folder / "report.json"
        self.size = int(bed.most ** self.random.random()) + 1
        self.mode = self.random.choice([RUNS] * 6 + ["watch", "watch", "kill", "library"])
        self.end_name = self.random.choice(ENDS[self.mode])
        self.stopped = []
        self.popens = []
        self.held = []
        self.story = []

    def run(self):
        try:
            getattr(self, f"_{self.mode}")()
            complaints = self._judge()
        finally:
            self._clear()
        return [f"seed {self.seed}: {self.story}: {complaint}" for complaint in complaints]

    # ---- the ways ----

    def _run(self):
        without = self.random.choice(
            [
                "",
                "",
                "",
                "cgroup",
                "cgroup",
                "cgroup,subreaper",
                "cgroup,brand",
                "brand",
                "events",
                "cgroup,wire",
            ]
        )
        ends_by_wrapper = self.end_name in ("ward_ends", "ward_killed", "asked", "timeout")
        if without == "cgroup,brand" and not ends_by_wrapper:
            without = "cgroup"
        grove = ["life=300"] if self.end_name == "ward_ends" else []
        grove += ["no-hops"] if without == "cgroup,brand" else []
        options = ["--without", without] if without else []
        if self.random.random() < 0.1 and not without:
            options += ["--isolate"]
        if self.end_name == "timeout":
            options += ["--timeout", f"{self._ms(50, 800)}ms"]
        if self.end_name == "stale":
            options += ["--heartbeat", "auto", "--kill-delay", "500ms"]
            grove += [f"beats={self._ms(0, 600)}"]
        if self.random.random() < 0.3:
            options += ["--on-sentinel-loss", "replace"]
        options += ["--grace", f"{self._ms(0, 600)}ms", "--report", self.report]
        self.wrapper = self._start(
            [self.bed.treefall, "run", *options, "--", *self._grove(*grove)],
            by_a_caller=self.end_name == "caller_dies",
        )
        self._rest(0, 900)
        self._blow()
        self._rest(0, 300)
        self._pull()

    def _watch(self):
        ward = self._start(self._grove("wait"), program="grove")
        guard = [self.bed.treefall, "watch", "--pid", str(ward.pid), "--report", self.report]
        if self.random.random() < 0.3:
            guard += ["--grace", "200ms"]
        detached = self._start([*guard, "--detach"])
        self._await(lambda: not detached.is_alive(), "the watch is attested")
        ward.send(signal.SIGUSR1)
        self._rest(0, 900)
        if self.end_name == "primary_killed":
            self._strike(self._guards()[:1], signal.SIGKILL)
            self._rest(100, 600)
        ward.send(signal.SIGKILL)

    def _kill(self):
        ward = self._start(self._grove("no-orphans", "no-hops"), program="grove")
        self._rest(100, 900)
        self._start(
            [
                self.bed.treefall,
                "kill",
                str(ward.pid),
                "--grace",
                f"{self._ms(0, 200)}ms",
                "--report",
                self.report,
            ]
        )

    def _library(self):
        ward = self._start(self._grove("guard", program=self.bed.guarded), program="grove-guarded")
        self._rest(100, 900)
        ward.send(signal.SIGKILL)

    # ---- steps ----

    def _ms(self, low, high):
        return self.random.randint(low, high)

    def _rest(self, low, high):
        time.sleep(self._ms(low, high) / 1000)

    def _grove(self, *words, program=None):
        return [program or self.bed.grove, self.folder, str(self.size), str(self.seed), *words]

    def _start(self, words, program="treefall", by_a_caller=False):
        words = [os.fspath(word) for word in words]
        self.story.append(" ".join(Path(word).name if "/" in word else word for word in words))
        prefix = ["sh", "-c", '"$@" & echo $! > caller; wait', "sh"] if by_a_caller else []
        with open(self.folder / "stderr", "ab") as stderr:
            popen = self.bed.start(
                [*prefix, *words], cwd=self.folder, stderr=stderr, process_group=self.bed.group
            )
        self.popens.append(popen)
        if by_a_caller:
            self.caller = self._hold(Process.of_child(popen.pid))
            number = self.folder / "caller"
            self._await(
                lambda: number.exists() and number.read_text().strip(), "the caller has a child"
            )
            return self._hold(Process.open(int(number.read_text())))
        process = self._hold(Process.of_child(popen.pid))
        self._await(lambda: _name_of(popen.pid) == program or not process.is_alive(), "it runs")
        return process

    def _hold(self, process):
        self.held.append(process)
        return process

    def _await(self, predicate, what):
        end = time.monotonic() + LIMIT_S
        while not predicate():
            if time.monotonic() > end:
                raise AssertionError(
                    f"seed {self.seed}: {self.story}: not within {LIMIT_S} s: {what}"
                )
            time.sleep(0.005)

    def _marked(self):
        """The pids that show the mark, as (members, guards)."""
        members, guards = [], []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    shows = self.mark in file.read() + b"\0"
            except OSError:
                continue
            program = _name_of(name) if shows else ""
            if program.startswith("treefall"):
                guards.append(int(name))
            elif program.startswith("grove"):
                members.append(int(name))
        return members, guards

    def _guards(self):
        """Those of now: the wrapper or the elder of a pair first, the reserve last."""
        marked = set(self._marked()[1]) | self._watchers()
        found = []
        for pid in sorted(marked):
            try:
                found.append(self._hold(Process.open(pid)))
            except Gone:
                pass
        names = ["treefall", "treefall-sentin", "treefall-reserv"]
        order = {name: at for at, name in enumerate(names)}
        return sorted(found, key=lambda guard: order.get(guard.name, 9))

    def _watchers(self):
        report = os.fsencode(self.report)
        found = set()
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if report in words and b"treefall" in os.path.basename(words[0]):
                found.add(int(name))
        return found

    def _strike(self, processes, number):
        for process in processes:
            self.story.append(f"{signal.Signals(number).name} {process.name} {process.pid}")
            process.send(number)

    def _blow(self):
        """Something that the guards must bear."""
        guards = self._guards()
        kind = self.random.choice(["none", "none", "stop", "stop", "stop_for_ever", "reserve"])
        victims = [
            g for g in guards if g.name in ("treefall", "treefall-sentin", "treefall-reserv")
        ]
        if self.end_name == "two_killed" and kind == "reserve":
            return  # three lost at once: the wire knows only what the last look saw
        if kind == "stop_for_ever" and self.end_name == "two_killed":
            victims = [g for g in victims if g.name != "treefall-reserv"]  # the last one is to act
        if kind == "stop_for_ever" and self.end_name in HEARD_BY_THE_WRAPPER:
            victims = [g for g in victims if g.pid != self.wrapper.pid]
        if kind == "reserve":
            self._strike([g for g in guards if g.name == "treefall-reserv"], signal.SIGKILL)
        elif kind != "none" and victims:
            victim = self.random.choice(victims)
            self._strike([victim], signal.SIGSTOP)
            if kind == "stop_for_ever":
                self.stopped.append(victim)
                return
            self._rest(0, 400)
            self._strike([victim], signal.SIGCONT)

    def _pull(self):
        getattr(self, f"_end_{self.end_name}")()

    def _end_ward_ends(self):
        pass

    _end_timeout = _end_stale = _end_ward_ends

    def _end_ward_killed(self):
        """The kernel's list of children may leave one out while others come and go."""
        self._await(lambda: self._wards() or not self.wrapper.is_alive(), "the wrapper has a ward")
        for pid in self._wards():
            self.story.append(f"ward {pid} killed")
            _kill_exactly(pid)

    def _wards(self):
        rows = [proc.row(pid) for pid in self._children(self.wrapper.pid)]
        return [row.pid for row in rows if row and not row.name.startswith("treefall-sent")]

    def _end_asked(self):
        self._strike([self.wrapper], getattr(signal, f"SIG{self.random.choice(SIGNALS)}"))
        self._rest(0, 300)
        self._strike([self.wrapper], signal.SIGTERM)

    def _end_caller_dies(self):
        self.story.append("the caller is killed")
        self.caller.send(signal.SIGKILL)

    def _end_wrapper_killed(self):
        self._strike([self.wrapper], signal.SIGKILL)

    def _end_sentinel_killed(self):
        self._strike([g for g in self._guards() if g.name == "treefall-sentin"], signal.SIGKILL)
        self._rest(0, 200)
        self._strike([self.wrapper], signal.SIGTERM)

    def _end_two_killed(self):
        guards = [g for g in self._guards() if g.name in ("treefall", "treefall-sentin")]
        self.random.shuffle(guards)
        self._strike(guards, signal.SIGKILL)

    def _children(self, pid):
        try:
            return [
                int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            ]
        except OSError:
            return []

    # ---- the end ----

    def _judge(self):
        complaints = []
        if not self._gone(lambda: self._marked()[0]):
            complaints.append(f"{len(self._marked()[0])} survive")
            complaints += self._wake("the tree")
        for guard in self.stopped:
            guard.send(signal.SIGCONT)
        if not self._gone(lambda: self._marked()[1] or self._watchers()):
            complaints.append(f"guards are left: {[proc.row(g) for g in self._marked()[1]]}")
        if hurt := self.bed.hurt():
            complaints.append(
                f"innocents are hurt: {[(canary, proc.row(canary.pid)) for canary in hurt]}"
            )
        return complaints + self._judge_report() + self._judge_status()

    def _wake(self, what):
        for guard in self.stopped:
            guard.send(signal.SIGCONT)
        return (
            [f"{what} is gone when the stopped guard wakes"]
            if self.stopped and self._gone(lambda: self._marked()[0])
            else []
        )

    def _gone(self, left):
        """One pass may miss a process that goes on in a child of its own just then."""
        end = time.monotonic() + LIMIT_S
        empty = 0
        while empty < EMPTY_PASSES:
            if time.monotonic() > end:
                return False
            empty = 0 if left() else empty + 1
            time.sleep(0.02)
        return True

    def _judge_report(self):
        if self.mode == "library":
            return []
        names = sorted(
            path.name for path in self.folder.iterdir() if path.name.startswith("report")
        )
        if names != ["report.json"]:
            return [f"reports: {names}; {self._stderr()}"]
        survivors = self._survivors()
        self.bed.late += bool(survivors)
        wrong = [line for line in survivors if line["reason"] != LATE]
        return [f"reported as survivors: {wrong}"] if wrong else []

    def _survivors(self):
        return json.loads(self.report.read_text())["survivors"] if self.report.exists() else []

    def _judge_status(self):
        statuses = [
            128 - code if code < 0 else code for code in (popen.wait() for popen in self.popens)
        ]
        sensible = STATUSES | ({125} if self._survivors() else set())
        wrong = [status for status in statuses if status not in sensible]
        if not wrong:
            return []
        report = self.report.read_text() if self.report.exists() else "none"
        return [f"status {wrong}; {self._stderr()}; report: {report[:3000]}"]

    def _stderr(self):
        return (self.folder / "stderr").read_text(errors="replace")[-400:]

    def _clear(self):
        """End what is left, by its mark."""
        for _ in range(200):
            members, guards = self._marked()
            left = members + guards + sorted(self._watchers())
            for pid in left:
                _kill_exactly(pid)
            if not left:
                break
            time.sleep(0.01)
        for popen in self.popens:
            popen.kill()
            popen.wait()
        for process in self.held:
            process.close()


# A stopped process hears no signal.
HEARD_BY_THE_WRAPPER = ("asked", "sentinel_killed")
ENDS = {
    RUNS: [
        "ward_ends",
        "ward_killed",
        "asked",
        "timeout",
        "stale",
        "caller_dies",
        "wrapper_killed",
        "sentinel_killed",
        "two_killed",
    ],
    "watch": ["ward_killed", "primary_killed"],
    "kill": ["killed"],
    "library": ["ward_killed"],
}


def _name_of(pid):
    """Every user may read it; which file a process executes is shown only to one that may trace it."""
    row = proc.row(pid)
    return row.name if row else ""


def _kill_exactly(pid):
    try:
        process = Process.open(pid)
    except Gone:
        return
    process.send(signal.SIGKILL)
    process.close()
