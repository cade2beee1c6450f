#!/usr/bin/env python3
"""What treefall costs, beside a floor and the peers. Every table is one interleaved run."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aims
import contenders
import fall
import idle
import kit
import stale
import start
import table

SECTIONS = {
    "fall": (fall.measure, fall.show),
    "first": (fall.measure_first, fall.show_first),
    "start": (start.measure, start.show),
    "memory": (idle.measure_memory, idle.show_memory),
    "wakeups": (idle.measure_wakeups, idle.show_wakeups),
    "stale": (stale.measure, stale.show),
}
ALIKE = ("memory", "wakeups", "stale")  # for every user nearly the same: --quick takes one
HARNESS_LIMIT_S = 600


class Lab:
    """Where the measures run: the programs, the log of what they say, and the harness."""

    def __init__(self, workshop, log, quick):
        self.workshop = workshop
        self.log = log
        self.quick = quick

    def harness(self, user, *words):
        """One run of the C harness: what it printed. It cleans up after a wrapper that fails."""
        done = subprocess.run(
            [*user.prefix, "harness", *map(str, words)],
            env=self.workshop.environment(user),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            cwd="/",
            timeout=HARNESS_LIMIT_S,
        )
        return done.stdout


def measure(lab, users, sections, peers):
    for name in sections:
        take, show = SECTIONS[name]
        for user in users[-1:] if lab.quick and name in ALIKE else users:
            results = take(lab, user, peers)
            if results:
                print(show(results, user), "\n", flush=True)
                yield {"section": name, "user": user.name, "results": results}


def stolen():
    """Jiffies that the host took from this machine."""
    return int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs, under a minute")
    parser.add_argument(
        "--only",
        default=",".join(SECTIONS),
        metavar="SECTION,...",
        help="of " + ", ".join(SECTIONS),
    )
    parser.add_argument("--user", choices=["root", "user"], help="only as this one")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    options.sections = options.only.split(",")
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"unknown section: {', '.join(unknown)}")
    return options


def run(options, log):
    with kit.Workshop() as workshop:
        peers = [] if options.no_peers else contenders.peers(workshop, build=not options.quick)
        users = [user for user in kit.users() if options.user in (None, user.name)]
        lab = Lab(workshop, log, options.quick)
        return list(measure(lab, users, options.sections, peers))


def main():
    options = arguments()
    started, stolen_before = time.monotonic(), stolen()
    with tempfile.TemporaryFile("w+") as log:
        try:
            tables = run(options, log)
        except Exception:
            log.seek(0)
            sys.stderr.write(log.read()[-4000:])
            raise
    steal = (stolen() - stolen_before) / os.sysconf("SC_CLK_TCK")
    caption = (
        f"bench/run.sh {' '.join(sys.argv[1:])}\n{table.machine()}; "
        f"{time.monotonic() - started:.0f} s, {steal:.1f} s of it stolen by the host"
    )
    print(aims.show(tables), "\n")
    print(caption)
    if options.json:
        options.json.write_text(json.dumps({"caption": caption, "tables": tables}) + "\n")


if __name__ == "__main__":
    main()
