"""A real LitServe server that a test starts, under an IDE or not, and all of its processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
from support import deadline, port, proc
from support.process import Process, wait_all_gone
from support.tree import Tree
from support.waiting import wait_until

PROGRAM = Path(__file__).with_name("programs") / "server.py"
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Server:
    """`words` are the debugger's, before the program's name. `launch` is who else starts it."""

    def __init__(
        self,
        site,
        folder,
        guard,
        words=(),
        workers="process",
        servers=1,
        launch=None,
        program=PROGRAM,
        **settings,
    ):
        self.folder = folder
        self.port = port.free()
        self.log = folder / "server.log"
        self.shared_memory = set()
        settings = [f"{name}={value}" for name, value in settings.items()]
        command = [sys.executable, *words, program, self.port, guard, workers, servers, *settings]
        self.temporary = Path(tempfile.mkdtemp(prefix="ls-"))  # short: sockets' names are in there
        environment = {**os.environ, "PYTHONPATH": str(site), "TMPDIR": str(self.temporary)}
        self.popen = None
        self.pid = (launch or self._launch)(list(map(str, command)), environment, folder, self.log)
        self.tree = Tree(folder)
        self.main = self.tree.add(Process.open(self.pid))

    def _launch(self, command, environment, folder, log):
        with log.open("wb") as output:
            self.popen = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return self.popen.pid

    def await_ready(self):
        wait_until(self.answers_health, 2 * deadline.START_S, "a healthy server")
        self.tree.record()
        files = proc.mapped(process.pid for process in self.tree.members.values())
        self.shared_memory = {Path(file) for file in files if file.startswith("/dev/shm/")}
        return self

    def answers_health(self):
        assert self.main.is_alive(), self.words()
        with DIRECTLY.open(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
            return answer.status == 200

    def ask(self, x):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/predict",
            json.dumps({"x": x}).encode(),
            {"Content-Type": "application/json"},
        )
        with DIRECTLY.open(request, timeout=deadline.FALL_S) as answer:
            return json.load(answer)["y"]

    def order(self, what):
        """The main thread does it; see the program."""
        (self.folder / "order").write_text(what)
        self.main.send(signal.SIGUSR1)

    def stop(self):
        """What PyCharm's Stop does on Unix: SIGINT to every descendant by parent, children first."""
        main = psutil.Process(self.pid)
        for process in [*reversed(main.children(recursive=True)), main]:
            try:
                process.send_signal(signal.SIGINT)
            except psutil.NoSuchProcess:
                pass

    def interrupt(self):
        self.main.send(signal.SIGINT)

    def left(self, deadline_s=deadline.FALL_S):
        """Who of the tree is alive after the deadline, the sentinel as well; who ends ends it."""
        return self.tree.wait_gone(deadline_s)

    def seconds_until_gone(self, deadline_s=deadline.FALL_S):
        began = time.monotonic()
        assert not wait_all_gone(self.tree.members.values(), deadline_s), self.words()
        return time.monotonic() - began

    def status(self):
        return self.popen.wait(deadline.FALL_S)

    def report(self):
        """What treefall wrote when it fell."""
        text = wait_until((self.folder / "fall.json").read_text, deadline.FALL_S, "a report")
        return json.loads(text)

    def is_port_free(self):
        return port.is_free(self.port)

    def leavings(self):
        """What is still there of the files in shared memory that its processes had when it was
        ready, and of its own folder for temporary ones."""
        left = {path for path in self.shared_memory if path.exists()}
        return left | set(self.temporary.iterdir())

    def words(self):
        return self.log.read_text(errors="replace")

    def end(self):
        """Tidies up what the test was to leave, or failed to fell."""
        left = self.tree.end()
        if self.popen:
            self.popen.wait()
        shutil.rmtree(self.temporary)
        return left
