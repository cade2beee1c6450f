"""What a wrapper adds to the start and end of `true`, beside a bare posix_spawn."""

from statistics import median

import contenders
import stats
import table

RUNS, QUICK_RUNS = 201, 21
BARE = "posix_spawn"
GOAL_MS = {"treefall": 1.2, "treefall (musl)": 0.6}


def measure(lab, user, peers):
    """{name: samples}, all interleaved in one harness."""
    ours = [
        contenders.treefall(lab.workshop),
        contenders.treefall(lab.workshop, build="static", name="treefall (musl)"),
    ]
    field = [contenders.Contender(BARE, ()), *filter(None, ours), *peers]
    commands = [word for contender in field for word in (":::", *contender.words, "true")]
    answer = lab.harness(user, "start", QUICK_RUNS if lab.quick else RUNS, *commands)
    lines = [list(map(int, line.split())) for line in answer.splitlines()]
    return {contender.name: samples for contender, samples in zip(field, lines)}


def show(results, user):
    rows = [row(name, samples, results[BARE]) for name, samples in results.items()]
    head = [f"run -- true, {user.name}", "ms", "extra ms", "goal", "extra at p10"]
    return table.render(head, rows) + (
        f"\nmedians of {len(results[BARE])} runs, and the 10th percentiles for a busy machine; "
        f"middle half of posix_spawn's own: {stats.spread(results[BARE]):.0%} of its median"
    )


def row(name, samples, bare):
    if 0 in samples:
        return [name, "fails", "-", "-", "-"]
    extra_ms = stats.ms(median(samples) - median(bare))
    least_ms = stats.ms(stats.percentile(samples, 0.1) - stats.percentile(bare, 0.1))
    goal = GOAL_MS.get(name)
    verdict = "" if goal is None else f"{goal} {'met' if extra_ms <= goal else 'missed'}"
    return [
        name,
        f"{stats.ms(median(samples)):.2f}",
        f"{extra_ms:+.2f}",
        verdict,
        f"{least_ms:+.2f}",
    ]
