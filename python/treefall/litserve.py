"""LitServe's server.run, guarded.

    import litserve as ls
    from treefall import litserve

    litserve.run(ls.LitServer(MyAPI()), port=8000)

The main loop beats while it waits for the server to end. If it hangs, dies, or is asked to stop while
a debugger suspends it, the server is killed with every process that it started: inference workers,
uvicorn workers, the SyncManager, and whatever those started. A normal shutdown is LitServe's own and
has time to finish, with two corrections: uvicorn workers that are threads are told to exit (LitServe
on its own waits for them forever), and no process is left behind when a start fails.

LitServe itself is not edited: parts of the server object are wrapped while it runs. Tested with
LitServe 0.2.19.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from contextlib import contextmanager
from functools import partial

from treefall import _native, debugger
from treefall.errors import Unsupported
from treefall.guards import Guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Callable, Literal, Optional

LOOK_S = 0.5
LOOKS_PER_DELAY = 5
JOIN_S = 5.0
_SCRATCH_BYTES = 107 - len("/pymp-xxxxxxxx/listener-xxxxxxxx")  # of a socket's name
_PARTS = (
    "_init_manager",
    "launch_inference_worker",
    "_start_server",
    "_perform_graceful_shutdown",
)


def run(
    server: Any,
    *,
    kill_delay: float = 3.0,
    when: Literal["always", "debugger"] = "always",
    closing: float = 60.0,
    report: str | os.PathLike[str] | None = None,
    sentinel: str | os.PathLike[str] | None = None,
    **options: Any,
) -> None:
    """Call server.run(**options), guarded. Returns or raises as server.run does.

    kill_delay  seconds without a beat of the main loop, once it runs, after which the server is
                killed; the start itself (loading a model) is not limited
    when        "debugger": guard only if a debugger is active now, otherwise use no process, thread
                or file beyond LitServe's own
    closing     seconds that a normal shutdown may take
    report, sentinel
                see treefall.guard()

    Raises treefall.Unsupported if the server is not a LitServer of a supported version, and whatever
    treefall.guard() raises.
    """
    _check(server)
    with _scratch(when) as scratch:
        guard = Guard(
            kill_delay,
            when,
            startup_grace=kill_delay,
            report=report,
            scratch=scratch,
            sentinel=sentinel,
        )
        run_ = _Run(server, guard, closing, scratch)
        # How long the start takes cannot be known. A stop request ends this hold, too.
        guard.hold("starting")
        run_.wrap()
        try:
            server.run(**options)
        finally:
            run_.end()
            guard.stop()


@contextmanager
def _scratch(when: str) -> Iterator[Optional[str]]:
    """A folder for the socket of the SyncManager, which cannot remove it when it is killed."""
    is_needed = os.name != "nt"  # there the SyncManager has a pipe, which goes with it
    if not is_needed or (when == "debugger" and not debugger.active()):
        yield None
        return
    path = tempfile.mkdtemp(prefix="treefall-")
    try:
        yield path if len(path) <= _SCRATCH_BYTES else None
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _temporary_files_in(folder: Optional[str]) -> Iterator[None]:
    before, tempfile.tempdir = tempfile.tempdir, folder or tempfile.tempdir
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _deaf_children() -> Iterator[None]:
    """On Windows a Ctrl+C reaches every process on the console, and LitServe's worker answers it with
    TerminateProcess of the main process, before any clean-up. A worker that ignores it is shut down
    normally."""
    _native.ignore_interrupts(True)
    try:
        yield
    finally:
        _native.ignore_interrupts(False)


def _check(server: Any) -> None:
    missing = [part for part in (*_PARTS, "run") if not callable(getattr(server, part, None))]
    if missing:
        name = type(server).__name__
        raise Unsupported(
            f"{name} has no {', '.join(missing)}: it is not a LitServer, or belongs to a version of"
            " LitServe that this treefall does not support (0.2.19 is supported): use"
            " treefall.guard() and call beat() yourself"
        )


class _Run:
    """What is wrapped for one run, and the processes that it started."""

    def __init__(self, server: Any, guard: Guard, closing: float, scratch: Optional[str]) -> None:
        self._server = server
        self._guard = guard
        self._closing = closing
        self._scratch = scratch
        self._main_loop = threading.current_thread()
        self._manager: Any = None
        self._uvicorn_workers: list[Any] = []

    def wrap(self) -> None:
        wrappers = (self._init_manager, self._launch, self._start_server, self._shut_down)
        for name, wrapper in zip(_PARTS, wrappers):
            setattr(self._server, name, partial(wrapper, getattr(self._server, name)))

    def unwrap(self) -> None:
        for name in _PARTS:
            self._server.__dict__.pop(name, None)

    def end(self) -> None:
        """End what LitServe's own shutdown did not reach: a start that failed halfway has none."""
        self.unwrap()
        self._guard.closing(self._closing)
        workers = [
            *self._uvicorn_workers,
            *(getattr(self._server, "inference_workers", None) or ()),
        ]
        for worker in workers:
            _end(worker)
        if self._manager is not None:
            self._manager.shutdown()

    def _init_manager(self, inner: Callable[..., Any], *args: Any, **options: Any) -> Any:
        with _temporary_files_in(self._scratch), _deaf_children():
            self._manager = inner(*args, **options)
        event = self._server._shutdown_event
        if self._guard.armed:
            self._server._shutdown_event = BeatingEvent(event, self._guard)
        return self._manager

    def _launch(self, inner: Callable[..., Any], *args: Any, **options: Any) -> Any:
        with _deaf_children():
            return inner(*args, **options)

    def _start_server(self, inner: Callable[..., Any], *args: Any, **options: Any) -> Any:
        workers = inner(*args, **options)
        self._uvicorn_workers = list(workers.values())
        for worker in self._uvicorn_workers:
            if isinstance(worker, threading.Thread):
                _make_endable(worker)
        return workers

    def _shut_down(self, inner: Callable[..., Any], *args: Any, **options: Any) -> Any:
        # LitServe's monitor also calls this, when a worker dies. Then the main loop goes on and beats;
        # if it is suspended and asked to stop, this call must not extend its time.
        if threading.current_thread() is self._main_loop:
            self._guard.closing(self._closing)
        return inner(*args, **options)


class BeatingEvent:
    """The event that LitServe's main loop waits for, with beats while it waits. In a worker process it
    is the event alone."""

    def __init__(self, event: Any, guard: Guard) -> None:
        self._event = event
        self._guard = guard
        self._look_s = min(LOOK_S, guard.kill_delay / LOOKS_PER_DELAY)

    def wait(self) -> bool:
        """Until it is set."""
        self._guard.beat()
        self._guard.release()
        swallowed = SwallowedInterrupts()
        while not self._event.wait(self._look_s):
            self._guard.beat()
            swallowed.rise()
        return True

    def is_set(self) -> bool:
        return bool(self._event.is_set())

    def set(self) -> None:
        self._event.set()

    def __reduce__(self) -> tuple[Any, ...]:
        return _same, (self._event,)


class SwallowedInterrupts:
    """Interrupts that were noticed natively but had no effect: if one reaches a thread that pydevd has
    suspended, pydevd drops it and resumes the thread."""

    def __init__(self) -> None:
        self._before = self._noticed = _native.interrupts()
        self._is_ours = threading.current_thread() is threading.main_thread()

    def rise(self) -> None:
        """Raise KeyboardInterrupt for an interrupt that had already arrived at the last look: Python's
        own would have been raised by now, in the main thread. Not if the program handles interrupts
        itself."""
        is_swallowed = self._noticed != self._before and self._is_ours
        self._before, self._noticed = self._noticed, _native.interrupts()
        if is_swallowed and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            raise KeyboardInterrupt


def _same(event: Any) -> Any:
    return event


def _make_endable(thread: Any) -> None:
    """LitServe calls a worker's terminate and kill, which a thread does not have."""
    uvicorn = getattr(getattr(thread, "_target", None), "__self__", None)
    if uvicorn is None:  # the thread has ended already
        return
    thread.terminate = partial(setattr, uvicorn, "should_exit", True)
    thread.kill = partial(setattr, uvicorn, "force_exit", True)


def _end(worker: Any) -> None:
    if not worker.is_alive() or not hasattr(worker, "terminate"):
        return
    worker.terminate()
    worker.join(JOIN_S)
    if worker.is_alive():
        worker.kill()
        worker.join(JOIN_S)
