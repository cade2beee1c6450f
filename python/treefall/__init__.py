"""treefall: a dead-man's switch for this process and everything it starts.

    import treefall

    with treefall.guard(kill_delay=3.0) as guard:
        while work():
            guard.beat()

When the beats stop for kill_delay seconds, or the process ends without leaving the block, it falls
with everything it has started: workers, daemons, orphans. Nothing else is touched. What was
orphaned before the guard started is not found.

An exception that leaves the block ends the guard, as stop() does, and nothing falls. If the workers
are to fall then, use no `with`, and let the interpreter end without stop().
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
