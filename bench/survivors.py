#!/usr/bin/env python3
"""The table of survivors: what is left of a ward's tree when a wrapper, or its guard, is struck.

The ward (ward.c) has a plain child, a setsid child, a daemon with an empty environment and closed
descriptors, and one that ignores SIGTERM. A cell is the most that were left in any run, of the
ward's tree and of the wrapper's own processes; "both" are wrapper and sentinel, "all" whatever
the wrapper has beside them too, each killed back to back in an order that turns.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import contenders
import kit
import stats
import table
from members import Roster, is_dead, name_of, own_processes, send

MEMBERS = 5
WRAPPER_LIMIT_S = 5.0  # until the struck wrapper has gone
SETTLE_LIMIT_S = 2.0  # then until nothing is left

COLUMNS = ["ward exits", "TERM wrapper", "KILL wrapper", "KILL sentinel", "KILL both", "KILL all"]
# Where all guards die at once, the kernel kills what their last look saw. A container's guards hear of
# no new session, so they may not have looked yet.
BOUNDED = ("KILL all",)
NEED_SENTINEL = ("KILL sentinel", "KILL both", "KILL all")
CGROUP_MOUNTS = [
    Path(fields[1])
    for fields in map(str.split, open("/proc/self/mounts"))
    if fields[2] == "cgroup2"
]


class Trial:
    """One tree under one wrapper."""

    def __init__(self, workshop, contender, user, log):
        self.roster = Roster(workshop.home(user))
        self.command = [*user.prefix, *contender.words, "bench-ward", self.roster.path]
        self.environment = workshop.environment(user)
        self.has_sentinel = contender.has_sentinel
        self.log = log

    def __enter__(self):
        self.roster.__enter__()
        self.wrapper = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            process_group=0,
            cwd="/",
        )
        self.guards = [Guard(self.wrapper.pid)]
        return self

    def __exit__(self, *_):
        for guard in self.guards:
            send(guard.pidfd, signal.SIGKILL)
            os.close(guard.pidfd)
        self.wrapper.wait()
        self.roster.__exit__()

    def settle(self):
        if not self.roster.gather(MEMBERS):
            raise RuntimeError(f"only {self.roster.members} settled under {self.command}")
        members = [member.pid for member in self.roster.members]
        for pid in own_processes(self.wrapper.pid, members)[1:]:
            try:
                self.guards.append(Guard(pid))
            except (
                ProcessLookupError
            ):  # a short-lived helper, such as treefall's own test of its wire
                continue
        self.cgroup = cgroup_made_for(self.roster.find("ward").pid)

    def strike(self, column, number):
        if column == "ward exits":
            send(self.roster.find("ward").pidfd, signal.SIGUSR1)
        elif column == "TERM wrapper":
            send(self.guards[0].pidfd, signal.SIGTERM)
        else:
            self.kill(self.struck(column), number)

    def struck(self, column):
        if column == "KILL wrapper":
            return self.guards[:1]
        if column == "KILL all":
            return self.guards
        sentinel = next(guard for guard in self.guards if guard.name.startswith("treefall-sent"))
        return [sentinel] if column == "KILL sentinel" else [self.guards[0], sentinel]

    def kill(self, guards, number):
        """One right after the other; `send` does nothing but the system call."""
        for pidfd in [guard.pidfd for guard in stats.turned(guards, number)]:
            send(pidfd, signal.SIGKILL)

    def left(self):
        """What is still alive, and whether the control group that was made is still there."""
        is_dead(self.guards[0].pidfd, time.monotonic() + WRAPPER_LIMIT_S)
        deadline = time.monotonic() + SETTLE_LIMIT_S
        members = [member.role for member in self.roster.wait_gone(SETTLE_LIMIT_S)]
        guards = [guard.name for guard in self.guards if not is_dead(guard.pidfd, deadline)]
        return members + guards, bool(self.cgroup and self.cgroup.exists())


class Guard:
    def __init__(self, pid):
        self.pidfd = os.pidfd_open(pid)
        self.name = name_of(pid)


def cgroup_made_for(pid):
    """The topmost control group below our own that this process is in, or None."""
    ours, theirs = cgroup_of("self"), cgroup_of(pid)
    if not CGROUP_MOUNTS or theirs == ours or ours not in theirs.parents:
        return None
    return CGROUP_MOUNTS[0] / (ours / theirs.relative_to(ours).parts[0]).relative_to("/")


def cgroup_of(pid):
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    return Path(next((line[3:] for line in lines if line.startswith("0::")), "/"))


def remove_cgroup(folder):
    for inner in sorted(folder.glob("**/"), key=lambda path: len(path.parts), reverse=True):
        inner.rmdir()


def run_once(workshop, contender, user, column, number):
    """What was left: names, and whether a control group was."""
    with open(workshop.folder / "log", "w+") as log:
        with Trial(workshop, contender, user, log) as trial:
            try:
                trial.settle()
            except (RuntimeError, OSError):
                sys.stderr.write((workshop.folder / "log").read_text())
                raise
            trial.strike(column, number)
            left, folder_left = trial.left()
        if folder_left:
            remove_cgroup(trial.cgroup)
        return left, folder_left


# ---- the table -------------------------------------------------------------------------------


@contextmanager
def bystander(workshop, user):
    """The same tree, started outside; all of it must live through the trials."""
    folder = workshop.home(user) / "bystander"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    with Roster(folder) as roster:
        command = [*user.prefix, "bench-ward", roster.path]
        ward = subprocess.Popen(command, env=workshop.environment(user), stdin=subprocess.DEVNULL)
        if not roster.gather(MEMBERS):
            raise RuntimeError("the bystander did not settle")
        yield roster
    ward.wait()


def measure(workshop, contender, user, runs):
    """One row: for every column what was left in each run."""
    survivors, folders = {}, {}
    with bystander(workshop, user) as innocents:
        for column in COLUMNS:
            if column in NEED_SENTINEL and not contender.has_sentinel:
                continue
            outcomes = [run_once(workshop, contender, user, column, i) for i in range(runs)]
            survivors[column] = [left for left, _ in outcomes]
            folders[column] = sum(folder_left for _, folder_left in outcomes)
        harmed = MEMBERS - len(innocents.wait_gone(0))
    return {
        "name": contender.title,
        "user": user.name,
        "runs": runs,
        "survivors": survivors,
        "innocents_harmed": harmed,
        "cgroups_left": folders,
    }


def cell(outcomes):
    if outcomes is None:
        return "-"
    hit = [left for left in outcomes if left]
    worst = max((len(left) for left in hit), default=0)
    return str(worst) if len(hit) in (0, len(outcomes)) else f"{worst} ({len(hit)} runs)"


def show(rows):
    head = ["survivors", "as", "runs", *COLUMNS, "innocents", "cgroups left"]
    lines = [
        [
            row["name"],
            row["user"],
            row["runs"],
            *(cell(row["survivors"].get(column)) for column in COLUMNS),
            row["innocents_harmed"],
            sum(row["cgroups_left"].values()),
        ]
        for row in rows
    ]
    return table.render(head, lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="of treefall, in each column")
    parser.add_argument("--peer-runs", type=int, default=3, help="of each peer, in each column")
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def main():
    options = arguments()
    command = " ".join(["bench/survivors.py", *sys.argv[1:]])
    rows, only = [], set(filter(None, (options.only or "").split(",")))
    with kit.Workshop() as workshop:
        build = not only or bool(only & contenders.FETCHED)
        found = [
            *contenders.peers(workshop, build),
            contenders.treefall(workshop),
            contenders.treefall(workshop, build="static", name="treefall (musl)"),
        ]
        for contender in filter(None, found):
            if only and contender.name not in only:
                continue
            runs = options.runs if contender.has_sentinel else options.peer_runs
            rows += [measure(workshop, contender, user, runs) for user in kit.users()]
    caption = f"{command}; {MEMBERS} processes; {table.machine()}"
    print(show(rows), caption, sep="\n")
    if options.json:
        options.json.write_text(json.dumps({"caption": caption, "rows": rows}, indent=1) + "\n")
    return any(
        left
        for row in rows
        if row["name"].startswith("treefall")
        for column, outcomes in row["survivors"].items()
        if column not in BOUNDED
        for left in outcomes
    )


if __name__ == "__main__":
    sys.exit(main())
