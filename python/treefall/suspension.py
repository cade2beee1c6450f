"""Tells the guards of this process what a debugger does to its main thread.

One thread serves all guards, for as long as there is one. It is marked as a debugger's own thread, so
that debuggers do not suspend it with the others. Without a debugger it looks a few times per
kill_delay, in case one is attached later.
"""

from __future__ import annotations

import os
import threading
from time import monotonic

from treefall import _native, debugger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from treefall.handle import Handle

LOOKS_PER_DELAY = 3
DEBUGGED_LOOK_S = 0.1
IDLE_LOOK_S = 1.0
# How long a debugger whose IDE is gone takes to resume what it has suspended.
LETTING_GO_S = 1.0


def _parent() -> int:
    """The pid of the parent, which changes when an orphan is adopted. Not on Windows, where an orphan
    keeps the pid of its dead parent."""
    return 0 if os.name == "nt" else os.getppid()


class Judge:
    """Concludes from one look after the other: RUNNING, SUSPENDED or ABANDONED.

    ABANDONED: the process is still suspended but its IDE is gone, or the IDE that started and
    suspended it has died. In the second case the debugger would resume the process, but no one is
    left to use it. If the IDE only disconnects and stays alive, the program continues.
    """

    def __init__(self) -> None:
        self._parent = _parent()
        self._linked = False
        self._told: int = _native.RUNNING
        self._lost_at: float | None = None
        self._is_late = False  # the last look was so long after that

    @property
    def is_in_doubt(self) -> bool:
        """The IDE was just lost, and it is not yet known whether it died."""
        return self._lost_at is not None and not self._is_late

    def look(self) -> int:
        # In the order in which an IDE's death undoes them. In the other order, a death between the two
        # would look as if the program had been resumed before.
        suspended = debugger.suspended()
        linked = debugger.linked()
        return self.judge(linked, suspended, _parent() != self._parent, monotonic())

    def judge(self, linked: bool | None, suspended: bool, orphaned: bool, now: float) -> int:
        held = suspended or self._told == _native.SUSPENDED
        if linked:
            self._lost_at = None
        elif self._linked and held:
            self._lost_at, self._is_late = now, False
        self._linked = bool(linked)
        if self._told != _native.ABANDONED:
            self._told = self._verdict(suspended, orphaned, now)
        return self._told

    def _verdict(self, suspended: bool, orphaned: bool, now: float) -> int:
        if self._lost_at is not None:
            was_late, self._is_late = self._is_late, now - self._lost_at >= LETTING_GO_S
            # However late the next look is: a process that dies loses its links before its children.
            if (orphaned and not was_late) or (suspended and self._is_late):
                return _native.ABANDONED
        return _native.SUSPENDED if suspended else _native.RUNNING


class Watch:
    """The thread and the guards that it tells."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._guards: tuple[Handle, ...] = ()
        self._thread: threading.Thread | None = None

    def add(self, guard: Handle) -> None:
        with self._lock:
            self._guards += (guard,)
            if self._thread is None:
                self._thread = self._start()
            else:
                self._changed.set()

    def remove(self, guard: Handle) -> None:
        with self._lock:
            self._guards = tuple(one for one in self._guards if one is not guard)
            thread = None if self._guards else self._thread
            if thread:
                self._thread = None
                self._changed.set()
                self._changed = threading.Event()  # the thread's own is this one no longer: it ends
        if thread and thread is not threading.current_thread():
            thread.join()

    def _start(self) -> threading.Thread | None:
        thread = threading.Thread(
            target=self._run, args=(self._changed,), name="treefall-debugger", daemon=True
        )
        # pydevd's and debugpy's names for threads of their own.
        thread.pydev_do_not_trace = True  # type: ignore[attr-defined]
        thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
        try:
            thread.start()
        except RuntimeError:  # a subinterpreter without threads, or an interpreter that ends
            return None
        return thread

    def _run(self, changed: threading.Event) -> None:
        judge = Judge()
        told: dict[Handle, int] = {}
        while self._changed is changed:
            guards = self._guards
            suspension = judge.look()
            told = {guard: told.get(guard, _native.RUNNING) for guard in guards}
            for guard in guards:
                if told[guard] != suspension:
                    guard._suspended(suspension)
                    told[guard] = suspension
            _native.renew_stops()
            changed.clear()
            if self._guards == guards:
                changed.wait(self._pause(guards, debugger.linked() or judge.is_in_doubt))

    def _pause(self, guards: tuple[Handle, ...], is_debugged: bool) -> float:
        shortest = min((guard.kill_delay for guard in guards), default=IDLE_LOOK_S)
        longest = DEBUGGED_LOOK_S if is_debugged else IDLE_LOOK_S
        return min(shortest / LOOKS_PER_DELAY, longest)


watch = Watch()


def forget() -> None:
    """In a forked child: guards and thread belong to the parent."""
    global watch
    watch = Watch()
