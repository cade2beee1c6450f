"""Real LitServe servers under debuggers that are real, driven by IDEs of our own."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from ide.pydevd_ide import PydevdIde
from server import PROGRAM, Server
from support import deadline
from support.lines import Lines

TESTS = Path(__file__).parents[1]

_numbers = itertools.count(1)


@pytest.fixture
def start(site, tmp_path):
    """Starts a server and waits until it answers; whatever is left of it is ended in the end."""
    servers = []

    def start(guard, **settings):
        folder = tmp_path / f"s{next(_numbers)}"
        folder.mkdir()
        servers.append(Server(site, folder, guard, **settings))
        return servers[-1].await_ready()

    yield start
    for server in servers:
        server.end()


@pytest.fixture
def breakpoints():
    """At the line of the program that says so."""
    lines = PROGRAM.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "# breakpoint" in text)
    return [(PROGRAM, line)]


@pytest.fixture
def ide(breakpoints):
    with PydevdIde(breakpoints) as ide:
        yield ide


class HostedIde:
    """An IDE as a process of its own, so that it can die."""

    def __init__(self):
        self._popen = None

    def launch(self, command, environment, folder, log):
        """Starts the program, and returns its pid."""
        words = [sys.executable, "-m", "ide.pydevd_host", log, *command]
        self._popen = subprocess.Popen(
            list(map(str, words)),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, "PYTHONPATH": f"{environment['PYTHONPATH']}:{TESTS}"},
        )
        self._lines = Lines(self._popen.stdout.fileno())
        return int(self._lines.next(deadline.START_S))

    def pause(self):
        self._popen.stdin.write(b"pause\n")
        self._popen.stdin.flush()
        assert self._lines.next(deadline.START_S) == "paused"

    def kill(self):
        if self._popen:
            self._popen.kill()
            self._popen.communicate()


@pytest.fixture
def hosted():
    ide = HostedIde()
    yield ide
    ide.kill()


@pytest.fixture
def start_in(start, ide):
    """Starts it in the shape that a test is asked for, guarded by treefall.litserve.run."""

    def start_in(shape, guard="litserve", **settings):
        words = ide.words() if shape.debugged else ()
        return start(guard, words=words, servers=shape.workers, **settings)

    return start_in
