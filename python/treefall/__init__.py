"""treefall: a dead-man's switch for this process and everything it starts.

    import treefall

    with treefall.guard(kill_delay=3.0) as guard:
        while work():
            guard.beat()

If the beats stop for kill_delay seconds, or the process exits without leaving the block, it is
killed with every process that it started: workers, daemons, orphans. No other process is touched.
Descendants that were orphaned before the guard started are not found.

An exception that leaves the block ends the guard, as stop() does, and no process is killed. To have
the workers killed in that case, do not use `with`, and let the interpreter exit without stop().
"""

from treefall._native import version as __version__
from treefall.errors import (
    Error,
    NotArmed,
    OptionError,
    Refused,
    ReportError,
    ScratchError,
    SentinelBroken,
    SentinelNotFound,
    SystemRefused,
    Unsupported,
)
from treefall.guards import Guarantee, Guard, Hold, Route, guard

__all__ = [
    "Error",
    "Guarantee",
    "Guard",
    "Hold",
    "NotArmed",
    "OptionError",
    "Refused",
    "ReportError",
    "Route",
    "ScratchError",
    "SentinelBroken",
    "SentinelNotFound",
    "SystemRefused",
    "Unsupported",
    "__version__",
    "guard",
]
