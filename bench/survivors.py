#!/usr/bin/env python3
"""The table of survivors: what is left of a ward's tree when a wrapper, or its guard, is struck.

The ward (ward.c) has a plain child, a setsid child, a daemon with an empty environment and closed
descriptors, and one that ignores SIGTERM. A cell is the most that were left in any run.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import contenders
import kit
import table
from members import Roster, is_dead, send, stat_fields

MEMBERS = 5
WRAPPER_LIMIT_S = 5.0  # until the struck wrapper has gone
SETTLE_LIMIT_S = 2.0   # then until nothing is left

COLUMNS = ["ward exits", "TERM wrapper", "KILL wrapper", "KILL sentinel", "KILL both"]
NEED_SENTINEL = ("KILL sentinel", "KILL both")


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
            self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, process_group=0, cwd="/")
        self.pidfds = {"wrapper": os.pidfd_open(self.wrapper.pid)}
        return self

    def __exit__(self, *_):
        send(self.pidfds["wrapper"], signal.SIGKILL)
        self.wrapper.wait()
        for pidfd in self.pidfds.values():
            os.close(pidfd)
        self.roster.__exit__()

    def settle(self):
        if not self.roster.gather(MEMBERS):
            raise RuntimeError(f"only {self.roster.members} settled under {self.command}")
        if self.has_sentinel:
            self.pidfds["sentinel"] = os.pidfd_open(find_sentinel(self.wrapper.pid))

    def strike(self, column, number):
        if column == "ward exits":
            send(self.roster.find("ward").pidfd, signal.SIGUSR1)
        elif column == "TERM wrapper":
            send(self.pidfds["wrapper"], signal.SIGTERM)
        elif column == "KILL both":
            self.kill_both(number)
        else:
            send(self.pidfds[column.split()[1]], signal.SIGKILL)

    def kill_both(self, number):
        """Two system calls with nothing between them, in an order that alternates."""
        first, second = self.pidfds["wrapper"], self.pidfds["sentinel"]
        if number % 2:
            first, second = second, first
        kill, dead = signal.pidfd_send_signal, signal.SIGKILL
        kill(first, dead)
        kill(second, dead)

    def survivors(self):
        gone = is_dead(self.pidfds["wrapper"], time.monotonic() + WRAPPER_LIMIT_S)
        left = [member.role for member in self.roster.wait_gone(SETTLE_LIMIT_S)]
        return left if gone else [*left, "wrapper"]


def find_sentinel(wrapper):
    for entry in Path("/proc").iterdir():
        fields = stat_fields(entry.name) if entry.name.isdigit() else None
        if fields and int(fields[1]) == wrapper and name_of(entry).startswith("treefall-sent"):
            return int(entry.name)
    raise RuntimeError(f"wrapper {wrapper} has no sentinel")


def name_of(entry):
    try:
        return (entry / "comm").read_text().strip()
    except OSError:
        return ""


def run_once(workshop, contender, user, column, number):
    """The roles that were left, and the wrapper's pid."""
    with open(workshop.folder / "log", "w+") as log:
        with Trial(workshop, contender, user, log) as trial:
            try:
                trial.settle()
            except RuntimeError:
                sys.stderr.write((workshop.folder / "log").read_text())
                raise
            trial.strike(column, number)
            return trial.survivors(), trial.wrapper.pid


# ---- what must not be touched, and what must not stay behind ---------------------------------


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


def cgroup_folders(pids):
    """Control groups that carry one of these pids in their name."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    roots = [Path(fields[1]) for fields in mounts if fields[2] == "cgroup2"]
    words = {str(pid) for pid in pids}
    return [folder for root in roots for folder in root.glob("**/")
            if words & set(re.split(r"\D+", folder.name))]


def remove_cgroup(folder):
    for inner in sorted(folder.glob("**/"), key=lambda path: len(path.parts), reverse=True):
        inner.rmdir()


# ---- the table -------------------------------------------------------------------------------


def measure(workshop, contender, user, runs):
    """One row: for every column the survivors of each run."""
    row, pids = {}, []
    with bystander(workshop, user) as innocents:
        for column in COLUMNS:
            if column in NEED_SENTINEL and not contender.has_sentinel:
                continue
            outcomes = [run_once(workshop, contender, user, column, i) for i in range(runs)]
            row[column] = [left for left, _ in outcomes]
            pids += [pid for _, pid in outcomes]
        harmed = MEMBERS - len(innocents.wait_gone(0))
    folders = cgroup_folders(pids)
    for folder in folders:
        remove_cgroup(folder)
    return {"name": contender.title, "user": user.name, "runs": runs, "survivors": row,
            "innocents_harmed": harmed, "cgroups_left": len(folders)}


def cell(outcomes):
    if outcomes is None:
        return "-"
    hit = [left for left in outcomes if left]
    worst = max((len(left) for left in hit), default=0)
    return str(worst) if len(hit) in (0, len(outcomes)) else f"{worst} ({len(hit)} runs)"


def show(rows):
    head = ["survivors", "as", "runs", *COLUMNS, "innocents", "cgroups left"]
    lines = [[row["name"], row["user"], row["runs"],
              *(cell(row["survivors"].get(column)) for column in COLUMNS),
              row["innocents_harmed"], row["cgroups_left"]] for row in rows]
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
    rows = []
    with kit.Workshop() as workshop:
        found = [*contenders.peers(workshop), contenders.treefall(workshop),
                 contenders.treefall(workshop, build="static", name="treefall (musl)")]
        for contender in filter(None, found):
            if options.only and contender.name not in options.only.split(","):
                continue
            runs = options.runs if contender.has_sentinel else options.peer_runs
            rows += [measure(workshop, contender, user, runs) for user in kit.users()]
    caption = f"{command}; {MEMBERS} processes; {table.machine()}"
    print(show(rows), caption, sep="\n")
    if options.json:
        options.json.write_text(json.dumps({"caption": caption, "rows": rows}, indent=1) + "\n")
    return any(left for row in rows if row["name"].startswith("treefall")
               for outcomes in row["survivors"].values() for left in outcomes)


if __name__ == "__main__":
    sys.exit(main())
