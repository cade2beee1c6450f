"""How late a hung ward is dead, after its last beat plus kill_delay."""

import time
from statistics import median

import contenders
import stats
import table

DELAY_MS = 200
RUNS, QUICK_RUNS = 101, 7
GOAL_P99_MS = 5.0
CLOCK_MONOTONIC_COARSE = 6
# A file's mtime is as coarse as the kernel's tick, so it may lie that much before the beat itself.
TICK_MS = time.clock_getres(CLOCK_MONOTONIC_COARSE) * 1000


def measure(lab, user, peers):
    """{name: samples}; a run in which the ward did not fall is counted as None."""
    options = ["--heartbeat", "auto", "--kill-delay", f"{DELAY_MS}ms"]
    ours = [contenders.treefall(lab.workshop, *options)]
    runs = QUICK_RUNS if lab.quick else RUNS
    return {
        contender.name: samples_of(lab, user, contender, runs) for contender in ours if contender
    }


def samples_of(lab, user, contender, runs):
    folder = lab.workshop.home(user)
    answer = lab.harness(user, "stale", runs, DELAY_MS, folder, *contender.words)
    return [None if line == "never" else int(line) for line in answer.splitlines()]


def show(results, user):
    head = [
        f"stale fall after {DELAY_MS} ms, {user.name}",
        "runs",
        "never",
        "earliest",
        "p50",
        "p99",
        "goal",
    ]
    return table.render(head, [row(name, samples) for name, samples in results.items()]) + (
        f"\nms late; goal: p99 at most {GOAL_P99_MS:g} ms, none earlier than a tick ({TICK_MS:g} ms)"
    )


def row(name, samples):
    fell = [sample for sample in samples if sample is not None]
    if not fell:
        return [name, len(samples), len(samples), "-", "-", "-", "missed"]
    late = stats.ms(stats.percentile(fell, 0.99))
    met = late <= GOAL_P99_MS and stats.ms(min(fell)) >= -TICK_MS and len(fell) == len(samples)
    return [
        name,
        len(samples),
        len(samples) - len(fell),
        f"{stats.ms(min(fell)):.2f}",
        f"{stats.ms(median(fell)):.2f}",
        f"{late:.2f}",
        "met" if met else "missed",
    ]
