"""Fixtures of the tests under Wine. Processes are held by the pids that Linux knows them by: the
parts for that are those of the system tests."""

import itertools
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from bed import place  # noqa: E402
from bed.call import call as make_call  # noqa: E402
from bed.compiler import Programs  # noqa: E402
from bed.ide import Ide  # noqa: E402
from bed.program import Program  # noqa: E402
from bed.server import Wineserver  # noqa: E402
from bed.tree import WineTree  # noqa: E402
from support.process import listed  # noqa: E402

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def wine():
    """The Windows that all these tests share. At the end nothing of it may run."""
    if not (place.WINE / "stamp").exists():
        pytest.fail("no .wine: scripts/need-wine makes it", pytrace=False)
    server = Wineserver()
    yield server
    left = server.end()
    assert not left, f"left in the prefix:\n{listed(left)}"


@pytest.fixture
def no_desktop(wine):
    wine.end_desktop()
    yield
    wine.start_desktop()


@pytest.fixture(scope="session")
def session_folder():
    path = Path(tempfile.mkdtemp(prefix="tfw-", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def programs(session_folder):
    """The C programs of the tests, by name: programs/*.c."""
    return Programs(session_folder)


@pytest.fixture(scope="session")
def treefall():
    """The Windows program that was built."""
    path = place.build_folder() / "treefall.exe"
    if not path.exists():
        pytest.fail(f"no {path}: `make build` makes it", pytrace=False)
    return path


@pytest.fixture(scope="session")
def library():
    """The path of treefall.dll, with the sentinel beside it."""
    path = place.build_folder() / "treefall.dll"
    if not path.exists():
        pytest.fail(f"no {path}: `make build-windows` makes it", pytrace=False)
    return place.windows_path(path)


@pytest.fixture(scope="session")
def package():
    """The folder that holds the Python package for Windows."""
    path = place.build_folder() / "site"
    if not (path / "treefall/_native.pyd").exists():
        pytest.fail(f"no {path}/treefall: `make build-windows` makes it", pytrace=False)
    return place.windows_path(path)


@pytest.fixture
def folder(session_folder, wine):
    """The test's own folder, which marks the test's processes."""
    path = session_folder / f"t{next(_numbers)}"
    path.mkdir()
    return path


@pytest.fixture
def tree(folder):
    """The test's processes, held from now on; what has to be ended here should have fallen before."""
    tree = WineTree.of_folder(folder)
    yield tree
    left = tree.end()
    assert not left, f"left by the test, now ended:\n{listed(left)}"


@pytest.fixture
def start(folder):
    """Start a Windows program; what is left of it and its tree at the end is a failure, unless
    the test calls `start.allow_leavings()`: a test of the disease leaves it."""
    yield from _starter(folder, lambda words, **settings: Program(folder, words, **settings))


@pytest.fixture
def guarded(start, programs, folder, library):
    """A ward under guard, with these members."""

    def guarded(*roles, kill_delay_ms=60000):
        ward = start([programs["ward"], folder])
        ward.gather("ward")
        ward.tell(f"library {library}")
        ward.tell(f"guard {kill_delay_ms} {place.windows_path(folder / 'fall.json')}")
        assert ward.hear_of("guard").split()[0] == "0"
        for role in roles:
            ward.tell(f"start {role}")
        return ward

    return guarded


@pytest.fixture
def run(start, programs, folder, treefall):
    """`treefall run` with these options, and the ward with members of these roles."""

    def run(*roles, options=()):
        command = [
            treefall,
            "run",
            "--report",
            "fall.json",
            *options,
            "--",
            program,
            folder,
            *roles,
        ]
        return start(command).gather("ward", *roles)

    program = place.windows_path(programs["ward"])
    return run


@pytest.fixture
def start_ide(folder, programs):
    """Start a command in the test's IDE: see bed/ide.py."""
    yield from _starter(
        folder, lambda words, **settings: Ide(folder, programs["ide"], words, **settings)
    )


@pytest.fixture
def call(folder, wine, treefall):
    """Call treefall.exe with these words and wait for its end."""

    def run(*words, **settings):
        return make_call(folder, [treefall, *words], **settings)

    return run


@pytest.fixture
def call_words(folder, wine):
    """Call any Windows program and wait for its end."""
    return lambda *words, **settings: make_call(folder, words, limit_s=250, **settings)


class _Starter:
    def __init__(self, folder, make):
        self.tree = WineTree.of_folder(folder)
        self.make = make
        self.started = []
        self.may_leave = False

    def __call__(self, words, **settings):
        self.started.append(self.make(words, **settings))
        return self.started[-1]

    def allow_leavings(self):
        self.may_leave = True

    def end(self):
        for program in self.started:
            program.close_input()
        left = self.tree.end()
        for program in self.started:
            program.end()
        return left


def _starter(folder, make):
    starter = _Starter(folder, make)
    yield starter
    left = starter.end()
    started = [program.process.pid for program in starter.started]
    left = [process for process in left if process.pid not in started]
    assert starter.may_leave or not left, f"left by the test, now ended:\n{listed(left)}"
