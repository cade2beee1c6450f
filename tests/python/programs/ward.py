"""A Python ward that does as it is told: each line of its input is an expression or a statement.

It answers each with a line of JSON: {"value": ...} or {"error": the type's name, "text": ...}.
"""

import asyncio  # noqa: F401  what the orders use
import json
import os
import subprocess
import sys
import threading  # noqa: F401
import time  # noqa: F401

NAMES = globals()
SLEEPER = [sys.executable, "-c", "import time; time.sleep(3600)"]


def child():
    """A child in a session of its own, that outlives whoever does not fell it."""
    return subprocess.Popen(SLEEPER, start_new_session=True, stdout=subprocess.DEVNULL).pid


def orphan():
    """The same, without a living parent."""
    code = f"import subprocess; print(subprocess.Popen({SLEEPER!r}, stdout=subprocess.DEVNULL).pid)"
    return int(subprocess.check_output([sys.executable, "-c", code], start_new_session=True))


def resources():
    """How many descriptors, threads and children this process has."""
    with open("/proc/thread-self/children") as file:
        children = len(file.read().split())
    # listing a folder takes a descriptor, each time the same
    return [len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")), children]


def obey(order):
    try:
        code = compile(order, "order", "eval")
    except SyntaxError:
        exec(compile(order, "order", "exec"), NAMES)
        return None
    return eval(code, NAMES)


def answer(order):
    try:
        return {"value": obey(order)}
    except Exception as error:
        return {"error": type(error).__name__, "text": str(error)}


def main():
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line)), default=str), flush=True)


if __name__ == "__main__":
    main()
