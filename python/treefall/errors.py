"""The exceptions of treefall. Each message says what to do."""

from __future__ import annotations

import os

from treefall import _native


class Error(Exception):
    """Base class. `code` is libtreefall's error code, `errno` the system's, or 0 if it has none.

    On Windows, `winerror` is the system's code and `errno` its equivalent, as in an OSError.
    """

    code: int = 0
    errno: int | None = 0
    winerror: int = 0


class OptionError(Error, ValueError):
    """An option is out of range or has the wrong type."""


class SentinelNotFound(Error):
    """The program treefall-sentinel was not found."""


class SentinelBroken(Error):
    """treefall-sentinel was found, but cannot run, has another version, or did not answer."""


class NotArmed(Error):
    """The sentinel ran, but could not arm: `treefall doctor` says what this machine allows."""


class Refused(Error):
    """This process cannot be guarded: it is pid 1."""


class SystemRefused(Error, OSError):
    """The system refused memory, descriptors, threads or processes: see errno."""


class ReportError(Error, OSError):
    """The report could not be written to that path."""


class ScratchError(Error, OSError):
    """The scratch folder does not exist, is not empty, or is writable to other users."""


class Unsupported(Error, TypeError):
    """treefall does not support this version of what it is to guard."""


_TYPES: dict[int, type[Error]] = {
    _native.EINVAL: OptionError,
    _native.ENOSENTINEL: SentinelNotFound,
    _native.ENOTARMED: NotArmed,
    _native.ESYSTEM: SystemRefused,
    _native.EREFUSED: Refused,
    _native.EVERSION: SentinelBroken,
    _native.EREPORT: ReportError,
    _native.ESCRATCH: ScratchError,
    _native.ETIMEDOUT: SentinelBroken,
    _native.ESENTINEL: SentinelBroken,
}


def failure(code: int, os_code: int, path: str | None = None) -> Error:
    """The exception for an error code of libtreefall."""
    text = _native.strerror(code)
    if path is not None:
        text = f"{path}: {text}"
    if os_code:
        text = f"{text} ({_native.error_text(os_code)})"
    error = _TYPES.get(code, Error)(text)
    error.code = code
    error.errno = os_code
    if os.name == "nt" and os_code:
        error.errno = OSError(0, text, None, os_code).errno
        error.winerror = os_code
    return error
