"""An IDE as a process of its own: python -m ide.pydevd_host LOG COMMAND...

Starts the command, a python's, under its debugger. Prints its pid, and "paused" after each
line that is read.
"""

import subprocess
import sys

from ide.pydevd_ide import PydevdIde

DEADLINE_S = 60.0


def main(log, python, *program):
    with PydevdIde() as ide, open(log, "wb") as output:
        ward = subprocess.Popen(
            [python, *ide.words(), *program], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        print(ward.pid, flush=True)
        for _ in sys.stdin:
            ide.pause_main(DEADLINE_S)
            print("paused", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
