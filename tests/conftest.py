"""What all tests share: the wheel of this tree, made once."""

import fcntl
import os
import signal
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "system")]

from support import package  # noqa: E402

# A shell that starts us in the background may have these ignored, and all we start would, too.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel of this tree; of workers side by side the first makes it for all."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return package.make_wheel(tmp_path_factory.mktemp("wheel"))
    folder = tmp_path_factory.getbasetemp().parent / "wheel"
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return next(folder.glob("*.whl"), None) or package.make_wheel(folder)


@pytest.fixture(scope="session")
def site(wheel, tmp_path_factory):
    """A folder that the wheel is installed into."""
    return package.install(wheel, tmp_path_factory.mktemp("site"))
