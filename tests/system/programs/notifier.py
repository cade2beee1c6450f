"""A ward that talks to its service manager through python3-systemd, when the test tells it to.

Each line on its standard input is sent, with `;` for a line's end, and answered by `sent TRUTH`.
"""

import sys

from systemd import daemon

print("ready", flush=True)
for line in sys.stdin:
    state = line.rstrip("\n").replace(";", "\n")
    print("sent", daemon.notify(state), flush=True)
