"""What can go wrong when a guard is started. Each message says what to do."""

from __future__ import annotations

import os

from treefall import _native


class Error(Exception):
    """Base of all. `code` is libtreefall's, `errno` the system's, 0 where there is none.

    On Windows `winerror` is the system's, and `errno` what stands for it, as in an OSError.
    """

    code: int = 0
    errno: int | None = 0
    winerror: int = 0


class OptionError(Error, ValueError):
    """An option is out of range or of a wrong kind."""


class SentinelNotFound(Error):
    """The program treefall-sentinel is not where it should be."""


class SentinelBroken(Error):
    """It is there, but cannot run, is of another version, or did not answer."""


class NotArmed(Error):
    """It ran, but could not arm: `treefall doctor` says what this machine allows."""


class Refused(Error):
    """This process cannot be guarded: it is pid 1."""


class SystemRefused(Error, OSError):
    """No memory, descriptors, threads or processes: see errno."""


class ReportError(Error, OSError):
    """The report could not be written to that path."""


class ScratchError(Error, OSError):
    """The scratch folder is not there, not empty, or not this user's alone."""


class Unsupported(Error, TypeError):
    """treefall does not know this version of what it is to guard."""


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
    """The exception for a code of libtreefall's."""
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
