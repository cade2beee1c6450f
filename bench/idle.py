"""What an idle wrapper costs, with its sentinel: private memory, size on disk, wake-ups."""

import ctypes
import os
import re
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import contenders
import kit
import table
from members import Roster, name_of, own_processes

SYS_KCMP, KCMP_VM = 312, 1
MEMORY_GOAL_KB = {"treefall": 120, "treefall (musl)": 64}
SIZE_GOAL_KB = 64
WINDOW_S, QUICK_WINDOW_S = 10, 3
DELAY_S = 1
WARM_UP_S, QUICK_WARM_UP_S = 3, 1  # the start is not idle


@contextmanager
def guarded(lab, user, contender, *ward):
    """Starts the ward under the wrapper; gives the wrapper's own processes, itself first."""
    with Roster(lab.workshop.home(user)) as roster:
        words = [roster.path if word is Roster else word for word in ward]
        wrapper = subprocess.Popen(
            [*user.prefix, *contender.words, *words],
            env=lab.workshop.environment(user),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=lab.log,
            stderr=lab.log,
        )
        try:
            if not roster.gather(1):
                raise RuntimeError(f"{contender.name}: its ward did not settle")
            members = [member.pid for member in roster.members]
            yield settled(lambda: tuple(own_processes(wrapper.pid, members)))
        finally:
            wrapper.terminate()
            end(wrapper)


def end(wrapper):
    try:
        wrapper.wait(10)
    except subprocess.TimeoutExpired:
        wrapper.kill()
        wrapper.wait()


# ---- memory and size -----------------------------------------------------------------------


def measure_memory(lab, user, peers):
    """{name: (processes, private kB, stripped kB)}"""
    ours = [
        contenders.treefall(lab.workshop),
        contenders.treefall(lab.workshop, build="static", name="treefall (musl)"),
    ]
    try:
        return {
            contender.name: memory_of(lab, user, contender)
            for contender in [*filter(None, ours), *peers]
        }
    except PermissionError as error:
        kit.explain(f"the memory of {user.name}'s processes is left out: {error}")
        return {}


def memory_of(lab, user, contender):
    with guarded(lab, user, contender, "bench-tree", Roster, "0") as pids:
        return len(pids), settled(lambda: private_kb(pids)), round(disk_bytes(pids) / 1024, 1)


def settled(read, tries=30):
    """A reading that has been the same three times in a row."""
    seen = []
    while len(seen) < tries and (len(seen) < 3 or len(set(seen[-3:])) > 1):
        time.sleep(0.1)
        seen.append(read())
    return seen[-1]


def private_kb(pids):
    """Processes that share one address space (CLONE_VM) are counted once."""
    spaces = []
    for pid in pids:
        if not any(same_memory(pid, other) for other in spaces):
            spaces.append(pid)
    return sum(
        int(kb)
        for pid in spaces
        for kb in re.findall(r"Private_(?:Clean|Dirty):\s+(\d+)", rollup(pid))
    )


def rollup(pid):
    """Empty for a process that has gone."""
    try:
        return Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def same_memory(one, other):
    return ctypes.CDLL(None).syscall(SYS_KCMP, one, other, KCMP_VM, 0, 0) == 0


def disk_bytes(pids):
    return sum(stripped_size(path) for path in {program(pid) for pid in pids} - {None})


def program(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except (FileNotFoundError, ProcessLookupError):
        return None


def stripped_size(path):
    with tempfile.NamedTemporaryFile() as copy:
        done = subprocess.run(["strip", "-o", copy.name, path], capture_output=True)
        return os.path.getsize(copy.name if done.returncode == 0 else path)


def show_memory(results, user):
    head = [f"idle, {user.name}", "processes", "private kB", "goal", "stripped KiB", "goal"]
    return table.render(head, [memory_row(name, *found) for name, found in results.items()])


def memory_row(name, processes, private, disk):
    goal = MEMORY_GOAL_KB.get(name)
    return [
        name,
        processes,
        private,
        verdict(private, goal),
        f"{disk:.0f}",
        verdict(disk, SIZE_GOAL_KB if goal else None),
    ]


def verdict(value, goal):
    return "" if goal is None else f"{goal} {'met' if value <= goal else 'missed'}"


# ---- wake-ups ------------------------------------------------------------------------------


def measure_wakeups(lab, user, peers):
    """{name: Wakeups}"""
    delay = ["--kill-delay", f"{DELAY_S}s"]
    quiet = contenders.treefall(lab.workshop, *delay)
    beating = contenders.treefall(lab.workshop, "--heartbeat", "auto", *delay)
    if not quiet:
        return {}
    return {
        "no heartbeat": wakeups_of(lab, user, quiet, "bench-tree", Roster, "0"),
        "a beat each 100 ms": wakeups_of(lab, user, beating, "bench-beater", Roster, "100", "0"),
    }


def wakeups_of(lab, user, contender, *ward):
    """Voluntary context switches, as the kernel counts them, in a stretch without any event."""
    window_s = QUICK_WINDOW_S if lab.quick else WINDOW_S
    with guarded(lab, user, contender, *ward) as pids:
        time.sleep(QUICK_WARM_UP_S if lab.quick else WARM_UP_S)
        forks, before = forks_so_far(), {pid: switches(pid) for pid in pids}
        time.sleep(window_s)
        counts = [(name_of(pid), switches(pid) - before[pid]) for pid in pids]
        return {"seconds": window_s, "counts": counts, "forks": forks_so_far() - forks}


def switches(pid):
    texts = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(
        int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M)[1]) for text in texts
    )


def forks_so_far():
    """Of the whole machine: whoever listens to process events wakes with each."""
    return int(re.search(r"^processes (\d+)", Path("/proc/stat").read_text(), re.M)[1])


def show_wakeups(results, user):
    head = [
        f"wake-ups when idle, {user.name}",
        "seconds",
        "process",
        "wake-ups",
        "goal",
        "forks meanwhile",
    ]
    rows = [
        [
            name,
            found["seconds"],
            process,
            count,
            verdict(count, found["seconds"] // DELAY_S + 1),
            found["forks"],
        ]
        for name, found in results.items()
        for process, count in found["counts"]
    ]
    return table.render(head, rows) + (
        f"\ngoal: one for each kill_delay of {DELAY_S} s; the forks are those of the whole machine, "
        "and a new session anywhere wakes the sentinel once"
    )
