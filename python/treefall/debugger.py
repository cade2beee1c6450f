"""What a Python debugger does to this process: pydevd (PyCharm), debugpy (VS Code), pdb.

Such debuggers suspend threads from inside the process, so that a breakpoint cannot be told from a
hang from outside. A guard calls this module from a thread of its own, which debuggers do not
suspend. A debugger that traces from outside, as gdb does, is noticed without it.

The names used here are private to the debuggers. All are looked up with a default, so that with
another version the answer may be missing, but the program is not affected. Tested with
pydevd-pycharm 263, debugpy 1.8 and the pdb of CPython 3.11.
"""

from __future__ import annotations

import sys
from os.path import basename

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Callable, Literal, Optional

    Kind = Optional[Literal["pydevd", "debugpy", "pdb"]]

_INNERMOST_FRAMES = 64
_SUSPENDS = {"do_wait_suspend", "_do_wait_suspend"}
_PDB_FILES = {"pdb.py", "debugger.py"}  # the standard library's, and IPython's


def kind() -> Kind:
    """The debugger that is active in this process now, or None.

    pdb is recognised from the thread that it traces, and at its prompt from any thread.
    """
    if "pydevd" in sys.modules:
        return "debugpy" if "debugpy" in sys.modules else "pydevd"
    return "pdb" if _pdb_traces() or _at_pdb_prompt() else None


def active() -> bool:
    """Whether a debugger is active in this process now."""
    return kind() is not None


def suspended() -> bool:
    """Whether a debugger suspends the main thread now: a breakpoint, a pause, a pdb prompt.

    Call it from another thread: a suspended thread cannot call anything.
    """
    return _main_is_in(_is_suspension)


def linked() -> bool | None:
    """Whether pydevd or debugpy is still connected to its IDE; None: there is no such debugger, or it
    was never connected.

    debugpy is connected to its adapter, which exits with the IDE. On Windows the debugger's own view
    is used: it drops a connection that it finds closed.
    """
    import select

    holder = getattr(
        sys.modules.get("_pydevd_bundle.pydevd_constants"), "GlobalDebuggerHolder", None
    )
    reader = getattr(getattr(holder, "global_dbg", None), "reader", None)
    connection = getattr(reader, "sock", None)
    if connection is None:
        return None
    file: int = connection.fileno()
    if file < 0 or not hasattr(select, "poll"):
        return file >= 0
    poll = select.poll()
    poll.register(file, select.POLLRDHUP)
    gone = select.POLLRDHUP | select.POLLHUP | select.POLLERR | select.POLLNVAL
    return not any(events & gone for _, events in poll.poll(0))


def _pdb_traces() -> bool:
    bdb = sys.modules.get("bdb")
    tracer = getattr(sys.gettrace(), "__self__", None)
    return bdb is not None and isinstance(tracer, bdb.Bdb)


def _at_pdb_prompt() -> bool:
    return "bdb" in sys.modules and _main_is_in(_is_pdb_prompt)


def _main_is_in(is_it: Callable[[CodeType], bool]) -> bool:
    threading = sys.modules.get("threading")
    if threading is None or not ("pydevd" in sys.modules or "bdb" in sys.modules):
        return False
    frame = sys._current_frames().get(threading.main_thread().ident)
    for _ in range(_INNERMOST_FRAMES):
        if frame is None:
            return False
        if is_it(frame.f_code):
            return True
        frame = frame.f_back
    return False


def _is_pdb_prompt(code: CodeType) -> bool:
    return code.co_name == "interaction" and basename(code.co_filename) in _PDB_FILES


def _is_suspension(code: CodeType) -> bool:
    suspends = code.co_name in _SUSPENDS and "pydevd" in basename(code.co_filename)
    return suspends or _is_pdb_prompt(code)
