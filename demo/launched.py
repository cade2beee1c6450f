"""A LitServe server that the demo starts, bare or under treefall, and its processes by role."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
from witness import Witness, wait_until_ended

SERVER = Path(__file__).with_name("server.py")
START_DEADLINE_S = 120
END_DEADLINE_S = 20
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy


class DemoError(Exception):
    """The demo cannot show what it should; the message says why."""


class LaunchedServer:
    """`with LaunchedServer(prefix, folder) as server:`; nothing of it is left afterwards."""

    def __init__(self, prefix, folder):
        self.port = free_port()
        self.command = [sys.executable, str(SERVER), str(self.port)]
        self.prefix = prefix
        self.folder = folder
        self.log = folder / f"server-{self.port}.log"
        self.tree = []  # the server's processes, main first
        self.guards = []  # treefall's own

    def __enter__(self):
        environment = {**os.environ, "TMPDIR": str(self.folder)}
        with self.log.open("wb") as log:
            self.launcher = subprocess.Popen(
                [*self.prefix, *self.command],
                env=environment,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(self, *_):
        left = self.tree + self.guards
        if self.launcher.poll() is None:
            launcher = psutil.Process(self.launcher.pid)
            left += witness_all([launcher, *launcher.children(recursive=True)])
        for witness in left:
            witness.kill()
        survivors = wait_until_ended(left, END_DEADLINE_S)
        self.launcher.wait(END_DEADLINE_S)
        if survivors:
            raise DemoError(f"cannot end pid {', '.join(str(one.pid) for one in survivors)}")

    def wait_until_ready(self):
        """LitServe's own health check says when the inference worker is set up."""
        for _ in range(10 * START_DEADLINE_S):
            if self.is_healthy():
                return
            if self.ends_within(0.1):
                raise DemoError(f"the server ended while it started:\n{self.last_words()}")
        raise DemoError(f"no answer within {START_DEADLINE_S} s:\n{self.last_words()}")

    def is_healthy(self):
        try:
            with DIRECTLY.open(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:  # it does not listen yet, or answers 503: not ready
            return False

    def ends_within(self, seconds):
        try:
            self.launcher.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask(self, question):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/predict",
            json.dumps(question).encode(),
            {"Content-Type": "application/json"},
        )
        with DIRECTLY.open(request, timeout=30) as answer:
            return json.load(answer)

    def witness(self):
        """Takes a pidfd of every process, while all of them live."""
        launcher = psutil.Process(self.launcher.pid)
        main = self.main_process(launcher)
        self.tree = witness_all([main]) + by_role(witness_all(main.children(recursive=True)))
        if main != launcher:
            self.guards = witness_all([launcher, *(set(launcher.children()) - {main})])

    def main_process(self, launcher):
        """What we launched; under treefall it is the ward, the child that runs our command."""
        if not self.prefix:
            return launcher
        for child in launcher.children():
            if child.cmdline() == self.command:
                return child
        raise DemoError("treefall has no child that runs the server")

    def holds_port(self):
        """True while somebody listens. A TIME_WAIT of our own request does not count."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError:
                return True
        return False

    def last_words(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def witness_all(processes):
    return [Witness(process, role_of(process)) for process in processes]


def by_role(witnesses):
    """In one order, however the system numbered them: pids start again from the bottom."""
    return sorted(witnesses, key=lambda one: one.role.lower())


def role_of(process):
    """What a process of LitServe's does. SyncManager and uvicorn worker are forks of main with
    main's command line; only the manager listens on a socket of multiprocessing's."""
    command = " ".join(process.cmdline())
    if "resource_tracker" in command:
        return "resource_tracker"
    if "spawn_main" in command:
        return "inference worker"
    if any("/listener-" in str(link.laddr) for link in process.net_connections("unix")):
        return "SyncManager"
    if any(link.status == psutil.CONN_LISTEN for link in process.net_connections("tcp")):
        return "uvicorn worker"
    return process.name()
