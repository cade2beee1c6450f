"""A server that ends in order when it is asked: server.py ROSTER [SECONDS]

It reports `server PID`; asked by SIGTERM it takes SECONDS, then reports `bye PID` and ends."""

import os
import signal
import sys
import time


def report(word):
    with open(sys.argv[1], "w") as roster:
        roster.write(f"{word} {os.getpid()}\n")


def end_in_order(number, frame):
    time.sleep(float(sys.argv[2]) if len(sys.argv) > 2 else 0.3)
    report("bye")
    os._exit(0)


signal.signal(signal.SIGTERM, end_in_order)
report("server")
while True:
    signal.pause()
