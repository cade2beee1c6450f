"""Beats for programs that have no main loop of their own to beat from.

Which hangs are detected depends on where the beat comes from:

- beat_in_loop: from the asyncio loop itself. This detects a blocked loop: a callback that never
  returns, a `time.sleep`, a lock that is never released. It does not detect a single task that waits
  forever, because the loop still runs. A loop that ends no longer beats, so stop the guard with it.
- beat_in_thread: from a thread. This detects whatever stops all threads: a process that is starved,
  or an interpreter lock that is never released. It does not detect a main thread that waits forever.
  With a `probe`, the thread beats only if the probe returns something true: let it check progress.
- guard.beat() in the main loop detects most and costs least: prefer it.
"""

from __future__ import annotations

import asyncio
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Callable

    from treefall.handle import Handle

BEATS_PER_DELAY = 10


def _interval(guard: Handle, every: float | None) -> float:
    return guard.kill_delay / BEATS_PER_DELAY if every is None else float(every)


class Beats:
    """Beats until it is cancelled."""

    def cancel(self) -> None:
        """Stop beating. A second call has no effect."""
        raise NotImplementedError

    def __enter__(self) -> Beats:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cancel()


class LoopBeats(Beats):
    """A timer of an asyncio loop. Create and cancel it in the loop's own thread."""

    def __init__(
        self, guard: Handle, loop: asyncio.AbstractEventLoop | None, every: float | None
    ) -> None:
        self._guard = guard
        self._loop = asyncio.get_running_loop() if loop is None else loop
        self._every = _interval(guard, every)
        self._timer = self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._guard.beat()
        self._timer = self._loop.call_later(self._every, self._turn)

    def cancel(self) -> None:
        self._timer.cancel()


class ThreadBeats(Beats):
    """A daemon thread."""

    def __init__(
        self, guard: Handle, probe: Callable[[], object] | None, every: float | None
    ) -> None:
        self._guard = guard
        self._probe = probe
        self._every = _interval(guard, every)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="treefall-beats", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            if self._probe is None or self._probe():
                self._guard.beat()
            if self._over.wait(self._every):
                return

    def cancel(self) -> None:
        self._over.set()
        if self._thread is not threading.current_thread():
            self._thread.join()
