"""The guard of this process."""

from __future__ import annotations

import os
from _thread import RLock
from collections import namedtuple
from time import monotonic

from treefall import _native, debugger
from treefall.errors import OptionError, failure
from treefall.handle import Handle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from types import ModuleType, TracebackType
    from typing import Callable, Literal, NamedTuple

    from treefall.beats import LoopBeats, ThreadBeats

    class Route(NamedTuple):
        """A way to prove that a process belongs to the tree."""

        name: str
        blind_to: str

    class Guarantee(NamedTuple):
        """What is armed now."""

        armed: bool
        sentinel: int
        lost: int
        routes: tuple[Route, ...]
        confined: bool = False

else:
    Route = namedtuple("Route", "name blind_to")
    Route.__doc__ = "A way to prove that a process belongs to the tree, and what it misses."
    Guarantee = namedtuple("Guarantee", "armed sentinel lost routes confined", defaults=(False,))
    Guarantee.__doc__ = """What is armed now: `routes`, strongest first, by the process `sentinel`.

    `lost` counts the sentinels that were killed and replaced. `confined` (Windows): the sentinel
    could not leave a job that also contains this process, and ends with that job."""

FOR_EVER = float("inf")
LONGEST_S = 10 * 366 * 24 * 3600.0

# A guard lives until it is stopped, not until the last reference to it is gone.
_live: set[Guard] = set()


def guard(
    kill_delay: float = 3.0,
    when: Literal["always", "debugger"] = "always",
    *,
    startup_grace: float = 30.0,
    stop_budget: float | None = None,
    exit_grace: float = 1.0,
    fall_when_stopped: bool = False,
    report: str | os.PathLike[str] | None = None,
    scratch: str | os.PathLike[str] | None = None,
    sentinel: str | os.PathLike[str] | None = None,
) -> Guard:
    """Guard this process from now on; returns when the sentinel has reported that it is armed.

    kill_delay         seconds without a beat after which the process and its tree are killed
    when               "debugger": only if a debugger is active now. Otherwise the guard does
                       nothing and costs nothing: no process, thread or file
    startup_grace      seconds allowed until the first beat
    stop_budget        seconds of silence that are permitted after a stop request while a debugger
                       suspends the process; None: kill_delay
    exit_grace         seconds for the processes that are left behind when this process exits, or is
                       killed because it hangs: they are left alone at first, then get SIGTERM, and
                       are killed at the end. 0: they are killed at once
    fall_when_stopped  a process that is stopped (Ctrl-Z) or traced also counts as hung
    report             a file for the report, written when the tree is killed: .json, .txt or .html
    scratch            an empty folder that only this user may write to (tempfile.mkdtemp()), for
                       files that must not outlive the tree. If the tree is killed and no process
                       survives, it is removed with everything in it; otherwise you remove it
    sentinel           path of treefall-sentinel; None: $TREEFALL_SENTINEL, otherwise the package's

    Raises a treefall.Error: see treefall.errors. Without stop(), every process that this one started
    is killed when this one exits. Leaving the `with` block calls stop(), also by an exception, and
    then no process is killed. To have them killed in that case, do not use `with`.
    """
    return Guard(
        kill_delay,
        when,
        startup_grace=startup_grace,
        stop_budget=stop_budget,
        exit_grace=exit_grace,
        fall_when_stopped=fall_when_stopped,
        report=report,
        scratch=scratch,
        sentinel=sentinel,
    )


class Guard(Handle):
    """A running guard, as treefall.guard() returns it; see there for the options.

    Any thread may call any method. A forked child is a member of the tree: there, these methods do
    nothing, and the child may start a guard of its own.
    """

    def __init__(
        self,
        kill_delay: float = 3.0,
        when: Literal["always", "debugger"] = "always",
        *,
        startup_grace: float = 30.0,
        stop_budget: float | None = None,
        exit_grace: float = 1.0,
        fall_when_stopped: bool = False,
        report: str | os.PathLike[str] | None = None,
        scratch: str | os.PathLike[str] | None = None,
        sentinel: str | os.PathLike[str] | None = None,
    ) -> None:
        if when not in ("always", "debugger"):
            raise OptionError(f'when={when!r}: use "always" or "debugger"')
        delays = (
            _milliseconds("kill_delay", kill_delay, 0.05),
            _milliseconds("startup_grace", startup_grace, 0.001),
            0 if stop_budget is None else _milliseconds("stop_budget", stop_budget, 0.001),
            -1 if exit_grace == 0 else _milliseconds("exit_grace", exit_grace, 0.001),
        )
        self._kill_delay = float(kill_delay)
        self._report = _absolute(report)
        self._scratch = _absolute(scratch)
        self._holds: dict[Hold, float] = {}
        self._lock = RLock()
        if when == "debugger" and not debugger.active():
            return
        path = _sentinel(sentinel)
        code, os_code = self._start(*delays, fall_when_stopped, path, self._report, self._scratch)
        if code != _native.OK:
            paths = {
                _native.EREPORT: self._report,
                _native.ESCRATCH: self._scratch,
                _native.ENOTARMED: None,
                _native.ESYSTEM: None,
            }
            raise failure(code, os_code, paths.get(code, path))
        _live.add(self)
        _suspension().watch.add(self)

    @property
    def armed(self) -> bool:
        """Whether a sentinel is watching now."""
        return self.guarantee.armed

    @property
    def guarantee(self) -> Guarantee:
        """What is armed now and what it misses; empty before, after, and in a forked child."""
        import json

        told = json.loads(self._describe())
        routes = tuple(Route(line["route"], line["blind_to"]) for line in told["guarantee"])
        return Guarantee(told["armed"], told["sentinel"], told["lost"], routes, told["confined"])

    @property
    def report(self) -> str | None:
        """Path of the report, if one was requested."""
        return self._report

    @property
    def holding(self) -> tuple[str, ...]:
        """The reasons of the holds that are in effect."""
        now = monotonic()
        with self._lock:
            return tuple(hold.reason for hold, end in self._holds.items() if end > now)

    def hold(self, reason: str = "", budget: float | None = None) -> Hold:
        """Permit silence for `budget` seconds, or until the hold is released.

            with guard.hold("loading the model", 120):
                model = load()

        Holds may overlap: the longest counts. After the last one, a full kill_delay starts.
        """
        now = monotonic()
        if budget is None:
            end = FOR_EVER
        else:
            end = now + _milliseconds("budget", budget, 0.001) / 1000
        hold = Hold(self, reason)
        with self._lock:
            self._holds = {held: until for held, until in self._holds.items() if until > now}
            self._holds[hold] = end
            self._apply_holds()
        return hold

    def release(self) -> None:
        """End all holds. This counts as a beat."""
        with self._lock:
            self._holds.clear()
            self._apply_holds()

    def closing(self, budget: float = 10.0) -> None:
        """The process is about to exit and cleans up: it is killed in `budget` seconds, not before.

        Call stop() when the clean-up is over. Only the first call counts: a later one does not
        extend the time.
        """
        self._closing(_milliseconds("budget", budget, 0.001))

    def stop(self) -> None:
        """End the guard: no process is killed. Returns when the sentinel is gone. A second call has
        no effect, and a call in a forked child does not affect the parent's guard."""
        if self in _live:
            _suspension().watch.remove(self)
        code = self._end()
        _live.discard(self)
        if code not in (_native.OK, _native.EFORKED):
            raise failure(code, 0)

    def beat_in_loop(
        self, loop: AbstractEventLoop | None = None, every: float | None = None
    ) -> LoopBeats:
        """Beat from an asyncio loop, which detects a blocked loop. See treefall.beats."""
        from treefall.beats import LoopBeats

        return LoopBeats(self, loop, every)

    def beat_in_thread(
        self, probe: Callable[[], object] | None = None, every: float | None = None
    ) -> ThreadBeats:
        """Beat from a thread, which detects only a process that is stuck as a whole. See
        treefall.beats."""
        from treefall.beats import ThreadBeats

        return ThreadBeats(self, probe, every)

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _release_one(self, hold: Hold) -> None:
        with self._lock:
            if self._holds.pop(hold, None) is not None:
                self._apply_holds()

    def _apply_holds(self) -> None:
        end = max(self._holds.values(), default=0.0)
        left_ms = 0 if end == FOR_EVER else int((end - monotonic()) * 1000)
        if end == FOR_EVER or left_ms > 0:
            self._hold(left_ms)
        else:
            self._release()


class Hold:
    """A stretch in which silence is permitted, as Guard.hold() returns it."""

    def __init__(self, guard: Guard, reason: str) -> None:
        self._guard = guard
        self._reason = reason

    @property
    def reason(self) -> str:
        return self._reason

    def release(self) -> None:
        """End this hold, and no other. A second call has no effect."""
        self._guard._release_one(self)

    def __enter__(self) -> Hold:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def _absolute(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.path.abspath(os.fsdecode(path))


def _suspension() -> ModuleType:
    """Imported only with the first guard, because it needs threads."""
    from treefall import suspension

    return suspension


def _milliseconds(name: str, seconds: float, least: float) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise OptionError(f"{name}={seconds!r}: use a number of seconds")
    if not least <= seconds <= LONGEST_S:
        raise OptionError(f"{name}={seconds!r}: use {least:g} seconds to 10 years")
    return max(1, round(seconds * 1000))


def _sentinel(given: str | os.PathLike[str] | None) -> str:
    path = given or os.environ.get("TREEFALL_SENTINEL")
    if path is None:
        name = "treefall-sentinel.exe" if os.name == "nt" else "treefall-sentinel"
        path = os.path.join(os.path.dirname(_native.__file__), "_bin", name)
    return os.fsdecode(path)


def _renew_locks() -> None:
    """In a forked child: another thread of the parent may have held a lock."""
    for one in _live:
        one._lock = RLock()
    if _live:
        _suspension().forget()


if hasattr(os, "register_at_fork"):  # where processes fork
    os.register_at_fork(after_in_child=_renew_locks)
