"""From the ward's death until nothing is alive, and until the first is dead, beside the floor: a
bare loop of kill(2) over the known list in the same harness, in the same interleaved run.

The clock starts when the ward calls _exit, for whoever waits for its death may get to run only
when the fall is over. What the ward's own end takes (median, seen in the floor's runs) is taken
off again, so that it does not soften the ratios. treefall kills at once here, as its peers do
(--exit-grace 0); what its default costs is a row of its own."""

import random
from statistics import median

import contenders
import stats
import table
from contenders import Contender

FLOOR = Contender("kill(2) loop", ())
AT_ONCE = ["--exit-grace", "0"]
RUNGS = {
    "treefall": AT_ONCE,
    "treefall -cgroup": [*AT_ONCE, "--without", "cgroup"],
    "treefall -cgroup,brand": [*AT_ONCE, "--without", "cgroup,brand"],
    "treefall -cgroup,brand,subreaper": [*AT_ONCE, "--without", "cgroup,brand,subreaper"],
    "treefall --isolate": [*AT_ONCE, "--isolate"],
}
ASKING = "asking first (default)"  # 200 ms of quiet, then SIGTERM: no goal, it is what people wait
CONTAINING_PEERS = ("bubblewrap", "bun run", "processkit")
ROUNDS = {10: 41, 100: 21, 1000: 11}
QUICK_ROUNDS = {10: 5, 100: 3, 1000: 1}
FIRST_COUNT = 10

GOAL_RATIO, GOAL_EXTRA_MS = 1.2, 0.2
GOAL_FIRST_MS = 1.0


def rungs(workshop):
    found = [contenders.treefall(workshop, *options, name=name) for name, options in RUNGS.items()]
    found.append(contenders.treefall(workshop, *AT_ONCE, build="static", name="treefall (musl)"))
    found.append(contenders.treefall(workshop, name=ASKING))
    return [contender for contender in found if contender]


def measure(lab, user, peers):
    """{count: {name: samples}}; a contender that leaves survivors has their number instead, and is
    not tried with more."""
    others = [peer for peer in peers if peer.name in CONTAINING_PEERS]
    field = [FLOOR, *rungs(lab.workshop), *others]
    rounds = QUICK_ROUNDS if lab.quick else ROUNDS
    results = {}
    for count in rounds:
        results[count] = interleave(lab, user, field, "fall", count, rounds[count])
        field = [one for one in field if not isinstance(results[count][one.name], str)]
    return results


def measure_first(lab, user, peers):
    field = [FLOOR, *rungs(lab.workshop)]
    rounds = (QUICK_ROUNDS if lab.quick else ROUNDS)[FIRST_COUNT]
    return interleave(lab, user, field, "first", FIRST_COUNT, rounds)


def interleave(lab, user, field, measure_name, count, rounds):
    samples = {contender.name: [] for contender in field}
    for number in range(0 if lab.quick else -1, rounds):  # round -1 warms up, it is not counted
        for contender in random.sample(field, len(field)):
            if isinstance(samples[contender.name], str):
                continue
            outcome = fall_once(lab, user, contender, measure_name, count)
            if isinstance(outcome, str):
                samples[contender.name] = outcome
            elif number >= 0:
                samples[contender.name].append(outcome)
    return without_ward(samples)


def fall_once(lab, user, contender, measure_name, count):
    """(nanoseconds, of which the ward's own end), or what went wrong."""
    folder = lab.workshop.home(user)
    answer = lab.harness(user, measure_name, count, folder, *contender.words).split()
    if len(answer) != 3:
        return "fails"
    took_ns, ward_ns, left = map(int, answer)
    return f"leaves {left}" if left or not took_ns else (took_ns, ward_ns)


def without_ward(samples):
    ward_ns = median(ward_ns for _, ward_ns in samples[FLOOR.name])
    return {
        name: taken if isinstance(taken, str) else [took_ns - ward_ns for took_ns, _ in taken]
        for name, taken in samples.items()
    }


# ---- as tables -----------------------------------------------------------------------------


def show(results, user):
    counts = list(results)
    head = [f"ward's death until none is alive, {user.name}"]
    for count in counts:
        head += [f"{count}: ms", "x floor", "goal"]
    rows = [row(results, counts, name) for name in next(iter(results.values()))]
    noise = ", ".join(f"{stats.spread(by_name[FLOOR.name]):.0%}" for by_name in results.values())
    return table.render(head, rows) + (
        f"\nmedians; goal: at most {GOAL_RATIO} x floor + {GOAL_EXTRA_MS} ms; "
        f"middle half of the floor's own samples: {noise} of its median"
    )


def row(results, counts, name):
    cells = [name]
    for count in counts:
        cells += compared(name, results[count].get(name, "-"), median(results[count][FLOOR.name]))
    return cells


def compared(name, samples, floor_ns):
    if isinstance(samples, str):
        return [samples, "-", "-"]
    took_ns = median(samples)
    limit_ns = GOAL_RATIO * floor_ns + GOAL_EXTRA_MS * 1e6
    verdict = "met" if took_ns <= limit_ns else f"+{stats.ms(took_ns - limit_ns):.2f} ms"
    return [
        f"{stats.ms(took_ns):.2f}",
        f"{took_ns / floor_ns:.2f}",
        verdict if name.startswith("treefall") else "",
    ]


def show_first(results, user):
    head = [
        f"ward's death until the first of {FIRST_COUNT} is dead, {user.name}",
        "ms",
        "over floor",
        "p99",
        "goal",
    ]
    floor_ns = median(results[FLOOR.name])
    rows = []
    for name, samples in results.items():
        if isinstance(samples, str):
            rows.append([name, samples, "-", "-", "-"])
            continue
        took_ns = median(samples)
        met = "met" if stats.ms(took_ns) <= GOAL_FIRST_MS else "missed"
        rows.append(
            [
                name,
                f"{stats.ms(took_ns):.3f}",
                f"{stats.ms(took_ns - floor_ns):+.3f}",
                f"{stats.ms(stats.percentile(samples, 0.99)):.3f}",
                met,
            ]
        )
    return table.render(head, rows) + (
        f"\nan upper bound for the first kill sent (the victim's own end is in it); "
        f"goal: {GOAL_FIRST_MS:g} ms"
    )
