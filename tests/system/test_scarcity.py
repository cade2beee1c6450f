"""Where a limit, a filter or a full disk takes something away, a guard guards all the same, or it
says in one line why it cannot, before anything runs that it was to guard. It never hangs, and it
never guards by halves.

Each way to guard is one test; all that can be taken away is tried side by side.
"""

import itertools
import json
import os
import select
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import deadline, needs
from support.family import Family
from support.machine import denied, limited, mounted
from support.process import Process
from support.waiting import wait_until

FAILURE = 125
OWN_STATUS = 3
AT_ONCE = 8
GUARDS, REFUSES, KILLED = "guards", "refuses", "is killed by the kernel"
MEMBERS = ("plain", "session", "daemon")
NEVER_MS = 3_600_000
LATER = ["sh", "-c", 'read -r go && exec "$@"', "sh"]

LIMITS = {
    "nofile": (64, 19, 12, 4),
    "nproc": (0,),
    "fsize": (4096, 0),
    "as": (16_000_000, 0),
    "cpu": (1, 0),
    "stack": (131_072, 0),
    "memlock": (0,),
    "sigpending": (1, 0),
    "msgqueue": (0,),
    "data": (4_000_000, 0),
    "rttime": (1, 0),
}
FILTERS = (
    "pidfd_open=EPERM", "pidfd_send_signal=EPERM", "clone3=ENOSYS", "prlimit64=EPERM",
    "openat2=EPERM", "statx=EPERM", "socket=EPERM", "timerfd_create=EPERM", "futex=EPERM",
    "prctl=EPERM", "setrlimit=EPERM", "ppoll=EPERM", "ppoll=EPERM pselect6=EPERM",
)  # fmt: skip
FULL = (
    "for at in home tmp runtime; do mount -t tmpfs -o size=4k,nr_inodes=1,mode=777 none $at; done"
)

# The kernel executes no program there, or ends it at its first tick.
DEADLY = {"as=0", "data=0", "stack=0"}
NO_FILES = {"nofile=4", "pidfd_open=EPERM"}
ALL = NO_FILES | {"cpu=0", "ppoll=EPERM pselect6=EPERM", "fsize=0"}
SIGNALS = {"pidfd_send_signal=EPERM"}
REFUSED = {
    "run_ends": ALL | SIGNALS,
    "run_killed": ALL | SIGNALS,
    "watch": ALL | SIGNALS,
    "kill": NO_FILES | SIGNALS,
    "library": ALL | SIGNALS | {"timerfd_create=EPERM"},
}
# Where the report says that none of these is armed, it says that it misses a daemon that is born
# between two looks of a guard.
FIND_ORPHANS = {"cgroup", "brand", "events"}
OF_A_USER = {
    "run_ends",
    "run_killed",
    "watch",
}  # of the first namespace's root no processes are counted
SAYS_NOTHING = {"library": {"nproc=0", "data=4000000"}}  # the program itself cannot start a thread


def cases(programs, account):
    """What is taken away, by name: the words in front of treefall's."""
    found = {f"{name}={n}": limited(**{name: n}) for name, ns in LIMITS.items() for n in ns}
    found |= {words: denied(programs, *words.split()) for words in FILTERS}
    found["umask 0777"] = ["sh", "-c", 'umask 0777; exec "$@"', "sh"]
    found["full disk"] = mounted(account, FULL)
    return found


def expected(name, way, account):
    is_counted = account.uid != 0 or not needs.in_first_user_namespace()
    if way in OF_A_USER and name == "nproc=0" and is_counted:
        return {REFUSES}
    if name == "cpu=0":
        return {REFUSES, KILLED, GUARDS} if way == "kill" else {REFUSES, KILLED}
    if name in ("nofile=19", "nofile=12"):
        return {REFUSES, GUARDS}
    if name in DEADLY:
        return {KILLED}
    return {REFUSES} if name in REFUSED[way] else {GUARDS}


def heard_from(popen):
    """What an ended program said on stderr."""
    return (popen.stderr.read() or b"").decode()


def is_killed(status):
    """As by the kernel, which counts processor time at its ticks: at any moment, or not at all."""
    return status == -signal.SIGKILL


class Trial:
    """One case: a tree of its own in a folder of its own."""

    def __init__(self, treefall, made, account, folder, prefix):
        self.treefall = treefall
        self.account = account
        self.folder = account.make_folder(folder)
        self.prefix = prefix
        self.report = self.folder / "fall.json"
        self.family = Family(made[0], account, self.folder)
        self.guarded = made[1]
        self.started = []

    def start(self, words):
        popen = subprocess.Popen(
            self.account.command(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=self.account.environment(self.folder),
        )
        os.set_blocking(popen.stderr.fileno(), False)
        self.started.append(popen)
        return popen

    def speaks(self, popen):
        """True once a member reports; False if the program ends before."""
        process = Process.of_child(popen.pid)
        fds = [self.family.fd, process.pidfd]
        ready, _, _ = select.select(fds, [], [], deadline.FALL_S)
        process.close()
        assert ready, "it hangs"
        return self.family.fd in ready

    def refusal(self, popen):
        """It ended with one line and 125, and nothing reported."""
        status = popen.wait(deadline.FALL_S)
        said = heard_from(popen)
        assert not select.select([self.family.fd], [], [], 0)[0], "it refuses after the start"
        if (
            said.startswith(("prlimit:", "setpriv:"))
            or is_killed(status)
            or (not said and status < 0)
        ):
            return KILLED
        assert status == FAILURE and said.count("\n") == 1, (status, said)
        return REFUSES

    def fallen(self, adopted=False):
        told = json.loads(wait_until(self.read_report, deadline.FALL_S, "a report"))
        armed = {row["route"] for row in told["guarantee"] if row["armed"]}
        if adopted or armed & FIND_ORPHANS:
            left = self.family.left()
            assert not left, left
        assert (told["survivors"], told["unseen"]) == ([], [])
        return told

    def read_report(self):
        """As its owner: an umask may have left it without any permission."""
        self.report.chmod(0o600)
        return self.report.read_text()

    def run(self, killed):
        command = self.family.command(*MEMBERS)
        words = [
            *self.prefix,
            self.treefall,
            "run",
            "--exit-grace=0",
            "--report",
            self.report,
            "--",
            *command,
        ]
        popen = self.start(words)
        if not self.speaks(popen):
            return self.refusal(popen)
        self.family.gather(*MEMBERS)
        if killed:
            popen.kill()
            popen.wait()
        else:
            popen.stdin.write(b"exit 3\n")
            popen.stdin.flush()
            status = popen.wait(deadline.FALL_S)
            assert (status, heard_from(popen)) == (OWN_STATUS, "")
        self.fallen(adopted=not killed)
        return GUARDS

    def run_ends(self):
        return self.run(False)

    def run_killed(self):
        return self.run(True)

    def watch(self):
        ward = self.start([*LATER, *self.family.command(*MEMBERS)])
        self.account.await_process(ward.pid)
        words = ["watch", "--pid", str(ward.pid), "--detach", "--report", self.report]
        popen = self.start([*self.prefix, self.treefall, *words])
        status = popen.wait(deadline.FALL_S)
        if status != 0:
            assert ward.poll() is None
            return self.refusal(popen)
        ward.stdin.write(b"go\n")
        ward.stdin.flush()
        self.family.gather(*MEMBERS)
        self.family.ward.send(signal.SIGKILL)
        assert self.fallen()["exit_status"] == 0
        return GUARDS

    def kill(self):
        members = ("plain", "session", "stubborn")
        self.start(self.family.command(*members))
        self.family.gather(*members)
        popen = self.start(
            [*self.prefix, self.treefall, "kill", "--grace=0", str(self.family.ward.pid)]
        )
        status = popen.wait(deadline.FALL_S)
        if is_killed(status):
            return KILLED
        if status != 0:
            assert len(self.family.living()) == 4
            return self.refusal(popen)
        assert not self.family.left(0)
        return GUARDS

    def library(self):
        ward = self.start([*self.prefix, self.guarded, self.family.roster])
        if not self.speaks(ward):
            return self.refusal(ward)
        self.family.gather()
        ward.stdin.write(f"start {NEVER_MS} {NEVER_MS} {self.report}\n".encode())
        ward.stdin.flush()
        if not self.speaks(ward):
            return KILLED if is_killed(ward.wait()) else f"the program is dead: {ward.wait()}"
        word, answer = self.family.hear()
        assert word == "start"
        if answer != 0:
            assert ward.poll() is None
            return REFUSES
        for role in ("child", "far"):
            ward.stdin.write(f"{role}\n".encode())
            ward.stdin.flush()
            self.family.take(role)
        ward.kill()
        ward.wait()
        self.fallen()
        return GUARDS

    def end(self):
        for process in self.family.processes:
            process.send(signal.SIGKILL)
        for popen in self.started:
            popen.kill()
            popen.stdin.close()
            popen.stderr.close()
            popen.wait()
        self.family.close()


@pytest.fixture
def attempt(treefall, programs, guarded_program, account, folder, tree):
    """What became of one case."""
    made = [programs["family"], guarded_program, programs["deny"]]
    numbers = itertools.count()

    def start(way, prefix):
        trial = Trial(treefall, made, account, folder / f"case{next(numbers)}", prefix)
        try:
            return getattr(trial, way)()
        except (AssertionError, subprocess.TimeoutExpired) as error:
            return f"neither: {error}"
        finally:
            trial.end()

    return start


@pytest.mark.parametrize("way", REFUSED)
def test_it_guards_or_says_why_not(attempt, programs, account, tree, way):
    tried = cases(programs, account)
    for name in SAYS_NOTHING.get(way, ()):
        del tried[name]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda prefix: attempt(way, prefix), tried.values()))
    wrong = {
        name: answer
        for name, answer in zip(tried, answers)
        if answer not in expected(name, way, account)
    }
    assert not wrong
    assert not tree.wait_gone()
