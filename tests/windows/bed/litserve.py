"""A LitServe server in the test's IDE, its processes by role, and what is left of it."""

import http.client
import json

from support import deadline, port, proc
from support.process import Gone, Process, wait_all_gone
from support.waiting import wait_until

from bed import place

MAIN, MANAGER, WORKER, CONSOLE = "main", "SyncManager", "worker", "conhost"
SCRIPT = place.PROGRAMS / "server.py"


class Server:
    """`words` are those of the command behind `python`. With an own console, as an IDE gives it."""

    def __init__(self, start_ide, words=None, script=SCRIPT, **settings):
        self.port = port.free()
        words = words or [place.windows_path(script)]
        self.ide = start_ide([place.windows_path(place.PYTHON), *words, self.port], **settings)
        self.members = {}

    def await_health(self):
        """LitServe's own health check says when the worker is set up. Then hold all, by role."""
        wait_until(self._is_healthy, deadline.START_S, f"health; output:\n{self.ide.stderr()}")
        self.hold()
        return self

    def _is_healthy(self):
        assert not self._has_ended(), f"it ended at its start:\n{self.ide.stderr()}"
        return self._get("/health") == 200

    def _has_ended(self):
        return False

    def _get(self, path):
        connection = http.client.HTTPConnection(port.HOST, self.port, timeout=deadline.ANSWER_S)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except http.client.HTTPException as error:
            raise OSError(f"half an answer: {error}") from error
        finally:
            connection.close()

    def ask(self, x):
        connection = http.client.HTTPConnection(port.HOST, self.port, timeout=deadline.ANSWER_S)
        body = json.dumps({"x": x})
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer["y"]

    def hold(self):
        """Manager and worker are spawned in this order; all three are Pythons."""
        pythons = []
        for pid in proc.rows():
            line = proc.command_line(pid)
            if f"{place.MARK}={self.ide.folder}" not in proc.environment(pid).split("\0"):
                continue
            if "spawn_main" in line or str(self.port) in line.split()[-1:]:
                pythons.append(_open(pid))
            elif "conhost.exe" in line:
                self.members[CONSOLE] = _open(pid)
        pythons.sort(key=lambda process: process.start_ticks)
        mains = [
            process
            for process in pythons
            if "spawn_main" not in process.command_line and "ide.exe" not in process.command_line
        ]
        children = [process for process in pythons if "spawn_main" in process.command_line]
        assert len(mains) == 1 and len(children) == 2, f"{mains} {children}"
        self.members.update({MAIN: mains[0], MANAGER: children[0], WORKER: children[1]})

    def __getitem__(self, role):
        return self.members[role]

    def left(self, deadline_s=deadline.FALL_S):
        """The roles of those that live when the deadline has passed."""
        alive = wait_all_gone(self.members.values(), deadline_s)
        return sorted(role for role, process in self.members.items() if process in alive)

    def port_is_free(self):
        return port.is_free(self.port)


def _open(pid):
    try:
        return Process.open(pid)
    except Gone:
        return None
