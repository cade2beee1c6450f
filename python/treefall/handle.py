"""What the modules below a guard know of it: it beats, and it says how long silence may last."""

from __future__ import annotations

from treefall import _native


class Handle(_native.Handle):
    """The part of a guard that treefall.beats and treefall.suspension work with."""

    _kill_delay: float

    @property
    def kill_delay(self) -> float:
        """Seconds of silence after which the tree falls."""
        return self._kill_delay
