"""The part of a guard that treefall.beats and treefall.suspension use: beats and the kill delay."""

from __future__ import annotations

from treefall import _native


class Handle(_native.Handle):
    """The base of treefall.guards.Guard."""

    _kill_delay: float

    @property
    def kill_delay(self) -> float:
        """Seconds without a beat after which the tree is killed."""
        return self._kill_delay
