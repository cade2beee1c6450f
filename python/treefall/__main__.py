"""python -m treefall runs the command: it replaces this process, except on Windows, where a process
cannot be replaced and this one waits for it."""

import os
import signal
import subprocess
import sys


def take_place(command: str, words: "list[str]") -> int:
    if os.name != "nt":
        os.execv(command, ["treefall", *words])
    # Ctrl+C is the command's: it ends, and then we do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.call([command + ".exe", *words])


def main() -> None:
    command = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_bin", "treefall")
    try:
        sys.exit(take_place(command, sys.argv[1:]))
    except OSError as error:
        sys.stderr.write(f"treefall: cannot execute {command}: {error.strerror}\n")
        sys.exit(125)


if __name__ == "__main__":
    main()
