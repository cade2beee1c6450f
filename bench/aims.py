"""One table at the end: every aim, what was measured, beside what floor, and whether it is met."""

from statistics import median

import fall
import idle
import stale
import start
import stats
import table

OURS = ("treefall", "treefall (musl)")
HEAD = ["aim", "as", "build", "measured", "floor", "ratio", "aim is", "met"]


def show(tables):
    rows = [line for one in tables for line in lines(one)]
    return table.render(HEAD, rows)


def lines(one):
    found = BY_SECTION[one["section"]](one["results"])
    return [[aim, one["user"], build, *rest] for aim, build, *rest in found]


def build_of(name):
    return "musl" if name.endswith("(musl)") else "glibc"


def yes(met):
    return "yes" if met else "NO"


def compared(samples, floor, limit_ms, goal):
    if isinstance(samples, str):
        return [samples, "-", "-", goal, yes(False)]
    took, bare = stats.ms(median(samples)), stats.ms(median(floor))
    return [
        f"{took:.2f} ms",
        f"{bare:.2f} ms",
        f"{took / bare:.2f}",
        goal,
        yes(took <= limit_ms(bare)),
    ]


def fall_lines(results):
    for count, by_name in results.items():
        for name in filter(by_name.get, OURS):
            yield (
                f"ward's death until none of {count} is alive",
                build_of(name),
                *compared(
                    by_name[name],
                    by_name[fall.FLOOR.name],
                    lambda bare: fall.GOAL_RATIO * bare + fall.GOAL_EXTRA_MS,
                    f"{fall.GOAL_RATIO} x + {fall.GOAL_EXTRA_MS} ms",
                ),
            )


def first_lines(results):
    for name in filter(results.get, OURS):
        yield (
            "ward's death until the first is dead",
            build_of(name),
            *compared(
                results[name],
                results[fall.FLOOR.name],
                lambda _: fall.GOAL_FIRST_MS,
                f"{fall.GOAL_FIRST_MS:g} ms",
            ),
        )


def start_lines(results):
    for name in filter(results.get, OURS):
        goal = start.GOAL_MS[name]
        for share, what in ((0.5, "median"), (0.1, "10th percentile")):
            took, bare = (
                stats.ms(stats.percentile(results[one], share)) for one in (name, start.BARE)
            )
            yield (
                f"run -- true, {what}",
                build_of(name),
                f"+{took - bare:.2f} ms",
                f"{bare:.2f} ms",
                f"{took / bare:.2f}",
                f"+{goal} ms",
                yes(took - bare <= goal),
            )


def memory_lines(results):
    for name in filter(results.get, OURS):
        processes, private, disk = results[name]
        goal = idle.MEMORY_GOAL_KB[name]
        yield (
            f"private memory, {processes} processes",
            build_of(name),
            f"{private} kB",
            "-",
            "-",
            f"{goal} kB",
            yes(private <= goal),
        )
        yield (
            "size on disk, stripped",
            build_of(name),
            f"{disk:.0f} KiB",
            "-",
            "-",
            f"{idle.SIZE_GOAL_KB} KiB",
            yes(disk <= idle.SIZE_GOAL_KB),
        )


def wakeup_lines(results):
    for name, found in results.items():
        count = max(count for _, count in found["counts"])
        goal = found["seconds"] // idle.DELAY_S + 1
        yield (
            f"wake-ups in {found['seconds']} s, {name}",
            "glibc",
            count,
            "-",
            "-",
            goal,
            yes(count <= goal),
        )


def stale_lines(results):
    for name, samples in results.items():
        fell = [sample for sample in samples if sample is not None]
        late = stats.ms(stats.percentile(fell, 0.99)) if fell else float("inf")
        yield (
            "lateness of a stale fall, p99",
            build_of(name),
            f"{late:.2f} ms",
            "-",
            "-",
            f"{stale.GOAL_P99_MS:g} ms",
            yes(late <= stale.GOAL_P99_MS and len(fell) == len(samples)),
        )


BY_SECTION = {
    "fall": fall_lines,
    "first": first_lines,
    "start": start_lines,
    "memory": memory_lines,
    "wakeups": wakeup_lines,
    "stale": stale_lines,
}
