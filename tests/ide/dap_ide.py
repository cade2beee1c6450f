"""Plays VS Code: the client of debugpy's adapter, a session for every process of a debugged run.

The Debug Adapter Protocol: JSON after a Content-Length header. The first session starts the program;
for every child that debugpy catches, its adapter asks for one more.
"""

import json
import socket
import subprocess
import sys
import threading

DEADLINE_S = 60.0
MAIN = "MainThread"


class Session:
    """One debugged process. `standing` is its thread that is suspended, None when none is."""

    def __init__(self, ide, reader, writer):
        self._ide = ide
        self._reader, self._writer = reader, writer
        self._sequence = 0
        self._answers = {}
        self.pid = self.standing = None
        self.ended = False

    # ---- what the IDE says

    def send(self, command, **arguments):
        self._sequence += 1
        message = {
            "seq": self._sequence,
            "type": "request",
            "command": command,
            "arguments": arguments,
        }
        body = json.dumps(message, default=str).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._writer.flush()
        return self._sequence

    def ask(self, command, **arguments):
        number = self.send(command, **arguments)
        self._ide.await_that(lambda: number in self._answers or self.ended, DEADLINE_S, command)
        answer = self._answers[number]
        assert answer["success"], answer
        return answer.get("body", {})

    def begin(self, how, **arguments):
        """`how` is launch or attach: its answer comes last, after what `initialized` asks for."""
        self.ask(
            "initialize",
            clientID="treefall-tests",
            adapterID="debugpy",
            pathFormat="path",
            supportsStartDebuggingRequest=False,
        )
        self.send(how, **arguments)

    def configure(self):
        for file, line in self._ide.breakpoints:
            self.send("setBreakpoints", source={"path": str(file)}, breakpoints=[{"line": line}])
        self.send("configurationDone")

    def pause(self):
        """Suspends every thread of the process as soon as it runs Python code."""
        self.send("pause", threadId=self.main_thread())

    def resume(self):
        self.ask("continue", threadId=self.standing)

    def main_thread(self):
        threads = self.ask("threads")["threads"]
        return next(thread["id"] for thread in threads if thread["name"] == MAIN)

    # ---- what it hears

    def read(self):
        """Until the adapter or the process ends."""
        try:
            while header := self._reader.readline():
                self._reader.readline()
                self._ide.hear(self, json.loads(self._reader.read(int(header.split(b":")[1]))))
        except (OSError, ValueError):
            pass
        self._ide.hear_end(self)

    def take(self, message):
        """The name of an event, and what it says."""
        if message["type"] == "response":
            self._answers[message["request_seq"]] = message
            return None, {}
        name, body = message.get("event"), message.get("body", {})
        if name == "process":
            self.pid = body["systemProcessId"]
        elif name == "stopped":
            self.standing = body["threadId"]
        elif name == "continued":
            self.standing = None
        return name, body


class DapIde:
    """`with DapIde() as ide:` and then launch(), as a test's server wants it."""

    def __init__(self, breakpoints=()):
        self.breakpoints = breakpoints
        self.sessions = []
        self.adapter = self._log = None
        self._changed = threading.Condition()

    def launch(self, command, environment, folder, log):
        """Starts the program under debugpy, and returns its pid."""
        self._log = log
        log.touch()
        self.adapter = subprocess.Popen(
            [sys.executable, "-m", "debugpy.adapter"],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        main = self._join(self.adapter.stdout, self.adapter.stdin)
        python, program, *words = command
        main.begin(
            "launch",
            python=[python],
            program=program,
            args=words,
            cwd=str(folder),
            env=environment,
            console="internalConsole",
            redirectOutput=True,
            justMyCode=False,
        )
        self.await_that(lambda: main.pid, DEADLINE_S, "a process")
        return main.pid

    def _join(self, reader, writer):
        session = Session(self, reader, writer)
        self.sessions.append(session)
        threading.Thread(target=session.read, daemon=True).start()
        return session

    def _adopt(self, attachment):
        """A child waits until it has a session of its own."""
        link = socket.create_connection(
            (attachment["connect"]["host"], attachment["connect"]["port"])
        )
        session = self._join(link.makefile("rb"), link.makefile("wb"))
        session.pid = attachment["subProcessId"]
        session.begin("attach", **attachment)

    def hear(self, session, message):
        with self._changed:
            name, body = session.take(message)
            self._changed.notify_all()
        if name == "initialized":
            session.configure()
        elif name == "debugpyAttach":
            threading.Thread(target=self._adopt, args=(body,), daemon=True).start()
        elif name == "terminated":
            session.send("disconnect")
        elif name == "output" and body.get("category") != "telemetry":
            with self._log.open("a") as log:
                log.write(body.get("output", ""))

    def hear_end(self, session):
        with self._changed:
            session.ended = True
            self._changed.notify_all()

    def await_that(self, predicate, deadline_s, what):
        with self._changed:
            assert self._changed.wait_for(predicate, deadline_s), f"the IDE never heard: {what}"

    def main(self):
        return self.sessions[0]

    def pause_main(self):
        self.main().pause()
        self.await_that(lambda: self.main().standing, DEADLINE_S, "stopped")

    def await_breakpoint(self):
        """The session whose thread stands at a breakpoint."""
        self.await_that(
            lambda: any(session.standing for session in self.sessions), DEADLINE_S, "a breakpoint"
        )
        return next(session for session in self.sessions if session.standing)

    def stop(self):
        """VS Code's Stop button. Its first press asks the adapter to terminate the program."""
        self.main().send("terminate")

    def kill(self):
        self.adapter.kill()
        self.adapter.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.adapter:
            self.kill()
            self.adapter.stdin.close()
            self.adapter.stdout.close()
