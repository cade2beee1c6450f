"""Whether a Python debugger is active in this process."""

from __future__ import annotations

import sys


def active() -> bool:
    """Whether pydevd (PyCharm), debugpy (VS Code) or pdb is at work in this process now."""
    return "pydevd" in sys.modules or _pdb_traces()


def _pdb_traces() -> bool:
    bdb = sys.modules.get("bdb")
    tracer = getattr(sys.gettrace(), "__self__", None)
    return bdb is not None and isinstance(tracer, bdb.Bdb)
