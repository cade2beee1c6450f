"""recycled.py SCENARIO TREEFALL RENUMBER RECYCLE [option...]: numbers that pass to others, forced.

Runs in a pid namespace of its own and prints what became of them as JSON. `stranger` and `member`
have the number that another process had before.
"""

import json
import os
import signal
import subprocess
import sys
import time

LIMIT_S = 60
MEMBER_WARD = 'echo ready; read number; "$0" "$number" sleep 1000; echo started; read end; exit 7'


def rows():
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as stat:
                head, _, tail = stat.read().rpartition(")")
        except OSError:
            continue
        state, parent = tail.split()[:2]
        if state != "Z":
            found[int(name)] = (int(parent), head.partition("(")[2], int(tail.split()[19]))
    return found


def wait_until(condition):
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.002)
    raise SystemExit(f"{sys.argv[1]}: waited in vain; {rows()}")


def sentinels(parent=None):
    return [
        pid
        for pid, (above, name, _) in rows().items()
        if name.startswith("treefall-sent") and parent in (None, above)
    ]


def alive(pid):
    return pid in rows()


def shell(script, *words):
    return subprocess.Popen(
        ["sh", "-c", script, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def tell(popen, line):
    popen.stdin.write(f"{line}\n")
    popen.stdin.flush()


def has_serials():
    """Linux 6.9 and later number all processes, in the inode of a pidfd."""
    inodes = {os.fstat(os.pidfd_open(pid)).st_ino for pid in (1, os.getpid())}
    return len(inodes) == 2


def pass_a_tick(pid):
    """Without serials, what starts from now on has to have started later than this living process,
    by a clock that ticks a hundred times a second."""
    if has_serials():
        return

    def later():
        with subprocess.Popen(["sleep", "1000"]) as probe:
            started = rows()[probe.pid][2]
            probe.kill()
        return started > rows()[pid][2]

    wait_until(later)


def give_number(ward, number):
    """A member of the ward's tree gets it."""
    tell(ward, number)
    assert ward.stdout.readline() == "started\n"
    await_sleep(number)


def await_sleep(number):
    wait_until(lambda: rows().get(number, (0, ""))[1] == "sleep")


def take_number(number):
    subprocess.run([RENUMBER, str(number), "sleep", "1000"], check=True)
    await_sleep(number)


def survivors():
    with open("fall.json") as report:
        return len(json.load(report)["survivors"])


def lost_sentinel():
    """A member gets the number of a sentinel that was lost and replaced."""
    run = subprocess.Popen(
        [
            TREEFALL,
            "run",
            "--on-sentinel-loss",
            "replace",
            "--report",
            "fall.json",
            *OPTIONS,
            "--",
            "sh",
            "-c",
            MEMBER_WARD,
            RENUMBER,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout.readline() == "ready\n"
    [lost] = wait_until(lambda: sentinels(run.pid))
    pass_a_tick(lost)
    os.kill(lost, signal.SIGKILL)
    wait_until(lambda: sentinels(run.pid) not in ([], [lost]))
    give_number(run, lost)
    tell(run, "end")
    return {"status": run.wait(), "member": alive(lost), "survivors": survivors()}


def launcher():
    """A member gets the number of the shell that started the watch."""
    ward = shell(MEMBER_WARD, RENUMBER)
    assert ward.stdout.readline() == "ready\n"
    start = '"$0" watch --pid "$1" --detach --report fall.json && read end'
    started = shell(start, TREEFALL, ward.pid)
    started.stdout.readline()
    pass_a_tick(started.pid)
    tell(started, "end")
    assert started.wait() == 0
    give_number(ward, started.pid)
    ward.kill()
    wait_until(lambda: not sentinels())
    return {"member": alive(started.pid), "survivors": survivors()}


def lost_primary():
    """A member gets the number of the first of a pair of sentinels, which was lost and replaced."""
    ward = shell(MEMBER_WARD, RENUMBER)
    assert ward.stdout.readline() == "ready\n"
    watch = subprocess.Popen([TREEFALL, "watch", "--pid", str(ward.pid), "--report", "fall.json"])
    [partner] = wait_until(lambda: sentinels(watch.pid))
    pass_a_tick(watch.pid)
    watch.kill()
    watch.wait()
    wait_until(lambda: sentinels(partner))
    give_number(ward, watch.pid)
    ward.kill()
    wait_until(lambda: not sentinels())
    return {"member": alive(watch.pid), "survivors": survivors()}


def dead_ward():
    """A stranger gets the number of a ward whose daemon lives on."""
    script = "setsid sleep 1000 & echo $$ $!; read end; exit 0"
    run = subprocess.Popen(
        [
            TREEFALL,
            "run",
            "--no-fall-on-exit",
            "--report",
            "fall.json",
            *OPTIONS,
            "--",
            "sh",
            "-c",
            script,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    ward, daemon = map(int, run.stdout.readline().split())
    pass_a_tick(ward)
    tell(run, "end")
    wait_until(lambda: not alive(ward))
    take_number(ward)
    run.terminate()
    run.wait()
    return {"stranger": alive(ward), "member": alive(daemon), "survivors": survivors()}


def before_the_brand():
    """A stranger gets the number of a member just before that one is branded."""
    ward = shell("sleep 1000 & echo $!; wait; read end", "sh")
    member = int(ward.stdout.readline())
    await_sleep(member)
    pass_a_tick(member)
    environment = {
        **os.environ,
        "LD_PRELOAD": RECYCLE,
        "RECYCLE": str(member),
        "RENUMBER": RENUMBER,
    }
    watch = subprocess.Popen(
        [TREEFALL, "watch", "--pid", str(ward.pid), "--json", "--report", "fall.json"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert '"brand"' in watch.stdout.readline()
    await_sleep(member)
    hard = open(f"/proc/{member}/limits").read().partition("Max file locks")[2].split()[1]
    ward.kill()
    status = watch.wait()
    branded = hard != "unlimited" and int(hard) >> 62 == 1
    return {
        "stranger": alive(member),
        "branded": branded,
        "status": status,
        "survivors": survivors(),
    }


def environment_of_a_dead_ward():
    """A stranger's environment names a ward that had the number before the one that is killed."""
    ward = subprocess.Popen(["sleep", "1000"])
    claim = f"{ward.pid}:{rows()[ward.pid][2] - 1}:{TAG}"
    stranger = subprocess.Popen(
        ["prlimit", f"--locks={SOFT}:{HARD}", "sleep", "1000"],
        env={**os.environ, "TREEFALL_WARD": claim},
    )
    await_sleep(stranger.pid)
    status = subprocess.run([TREEFALL, "kill", str(ward.pid)], stdout=subprocess.DEVNULL).returncode
    return {"stranger": alive(stranger.pid), "member": alive(ward.pid), "status": status}


def last_ward_of_a_number():
    """Two wards had the number, one after the other; both are dead and have left an orphan."""
    orphans = []
    for start, salt in ((100, 1), (200, 2)):
        hard = HARD & ~(255 << 22) | salt << 22
        claim = f"9999:{start}:{hard:016x}.{SOFT:016x}.1"
        orphans.append(
            subprocess.Popen(
                ["prlimit", f"--locks={SOFT}:{hard}", "sleep", "1000"],
                env={**os.environ, "TREEFALL_WARD": claim},
            ).pid
        )
        await_sleep(orphans[-1])
    status = subprocess.run([TREEFALL, "kill", "9999"], stdout=subprocess.DEVNULL).returncode
    return {"stranger": alive(orphans[0]), "member": alive(orphans[1]), "status": status}


SCENARIO, TREEFALL, RENUMBER, RECYCLE, *OPTIONS = sys.argv[1:]
SOFT, HARD = (1 << 60) - 1, 1 << 62 | 12345 << 22 | (1 << 22) - 1
TAG = f"{HARD:016x}.{SOFT:016x}.1"
print(json.dumps(globals()[SCENARIO]()))
