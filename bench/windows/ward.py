"""A Windows program under one guard or the other, with five members. Orders come by the standard
input: `quiet` stops its beats. Says `armed MS`, then `ready`.

    python ward.py treefall|seed HEARTBEAT KILL_DELAY_S
"""

import os
import subprocess
import sys
import threading
import time

MEMBERS = 5
quiet = threading.Event()


def guard_by_treefall(heartbeat, kill_delay_s):
    import treefall

    began = time.perf_counter()
    guard = treefall.guard(
        kill_delay_s, report=os.path.join(os.path.dirname(heartbeat), "fall.json")
    )
    guard.__enter__()
    return began, guard.beat


def guard_by_seed(heartbeat, kill_delay_s):
    sentinel = os.path.join(os.path.dirname(__file__), "seed_sentinel.py")
    open(heartbeat, "w").close()
    began = time.perf_counter()
    started = subprocess.Popen(
        [sys.executable, sentinel, str(os.getpid()), heartbeat, str(kill_delay_s)],
        stdout=subprocess.PIPE,
        creationflags=subprocess.DETACHED_PROCESS,
    )
    assert started.stdout.readline().strip() == b"armed"
    return began, lambda: os.utime(heartbeat)


def main(kind, heartbeat, kill_delay_s):
    by = {"treefall": guard_by_treefall, "seed": guard_by_seed}[kind]
    began, beat = by(heartbeat, kill_delay_s)
    print("armed", 1000 * (time.perf_counter() - began), flush=True)
    for _ in range(MEMBERS):
        subprocess.Popen(["ping", "-n", "1000", "127.0.0.1"], stdout=subprocess.DEVNULL)
    threading.Thread(target=hear, daemon=True).start()
    print("ready", flush=True)
    while True:
        if not quiet.is_set():
            beat()
        time.sleep(0.02)


def hear():
    for line in sys.stdin:
        if line.strip() == "quiet":
            quiet.set()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
