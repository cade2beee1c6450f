"""python -m treefall: the command, which takes this process's place."""

import os
import sys


def main() -> None:
    command = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_bin", "treefall")
    try:
        os.execv(command, ["treefall", *sys.argv[1:]])
    except OSError as error:
        sys.stderr.write(f"treefall: cannot execute {command}: {error.strerror}\n")
        sys.exit(125)


if __name__ == "__main__":
    main()
