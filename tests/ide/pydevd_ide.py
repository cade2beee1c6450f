"""Plays PyCharm: the other end of pydevd's text protocol, for every process of a debugged run.

A message is COMMAND, SEQUENCE and TEXT between tabs, in one line. pydevd connects from each process;
the first connection is the main process's.
"""

import re
import socket
import threading
from urllib.parse import unquote

THREAD_MADE, SUSPEND, RESUME = 103, 105, 106
SET_BREAKPOINT, REMOVE_BREAKPOINT, RUN, VERSION = 111, 112, 101, 501
THREAD_ID = re.compile(r'id="(pid_(\d+)_id_\w+)"')
MAIN_THREAD = re.compile(r'name="MainThread"')


class Connection:
    """One debugged process. `suspended` and `resumed` count its main thread's messages, `answers`
    what it said to the question for its version."""

    def __init__(self, ide, link):
        self._ide = ide
        self._link = link
        self._sequence = 1
        self.pid = None
        self.main_thread = None
        self.suspended = self.resumed = self.answers = 0
        self.ended = False

    def send(self, command, *fields):
        fields = fields or ("",)
        self._sequence += 2  # odd ones are the IDE's
        line = "\t".join(map(str, (command, self._sequence, *fields))) + "\n"
        self._link.sendall(line.encode())

    def ask_version(self):
        self.send(VERSION, "0.1", "UNIX", "ID")

    def greet(self, breakpoints):
        self.ask_version()
        for number, (file, line) in enumerate(breakpoints):
            self.send(SET_BREAKPOINT, number, "python-line", file, line, "None", "None", "None")
        self.send(RUN)

    def pause(self):
        """Suspends the main thread as soon as that runs Python code: not while it waits in a call."""
        self.send(SUSPEND, self.main_thread)

    def resume(self):
        self.send(RESUME, self.main_thread)

    def read(self):
        """Until the process ends or the link is closed."""
        try:
            with self._link.makefile("r", encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    self._ide.hear(self, *self._parts(line))
        except OSError:
            pass
        self._ide.hear_end(self)

    @staticmethod
    def _parts(line):
        command, _, text = line.rstrip("\n").split("\t", 2)
        return int(command), unquote(text)

    def take(self, command, text):
        self.answers += command == VERSION
        thread = THREAD_ID.search(text)
        if thread is None:
            return
        if command == THREAD_MADE and MAIN_THREAD.search(text):
            self.main_thread, self.pid = thread[1], int(thread[2])
        if command == SUSPEND and thread[1] == self.main_thread:
            self.suspended += 1

    def take_resumption(self, text):
        if text.partition("\t")[0] == self.main_thread:
            self.resumed += 1

    def close(self):
        try:
            self._link.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._link.close()


class PydevdIde:
    """`with PydevdIde() as ide:` listens; `words` come before the program's own."""

    def __init__(self, breakpoints=()):
        self.breakpoints = breakpoints
        self.connections = []
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def words(self):
        import pydevd

        return [
            pydevd.__file__,
            "--multiprocess",
            "--client",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--file",
        ]

    def _accept(self):
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            connection = Connection(self, link)
            with self._changed:
                self.connections.append(connection)
                connection.greet(self.breakpoints)
                self._changed.notify_all()
            threading.Thread(target=connection.read, daemon=True).start()

    def hear(self, connection, command, text):
        with self._changed:
            if command == RESUME:
                connection.take_resumption(text)
            else:
                connection.take(command, text)
            self._changed.notify_all()

    def hear_end(self, connection):
        with self._changed:
            connection.ended = True
            self._changed.notify_all()

    def await_that(self, predicate, deadline_s, what):
        with self._changed:
            assert self._changed.wait_for(predicate, deadline_s), f"the IDE never heard: {what}"

    def main(self, deadline_s):
        """The main process's connection, once it has told of its main thread."""
        self.await_that(
            lambda: self.connections and self.connections[0].main_thread,
            deadline_s,
            "a main thread",
        )
        return self.connections[0]

    def pause_main(self, deadline_s):
        main = self.main(deadline_s)
        before = main.suspended
        main.pause()
        self.await_that(lambda: main.suspended > before, deadline_s, "suspended")
        return main

    def pause_each(self, count, deadline_s):
        """Returns when so many processes have taken the order, be it that they wait in a call: then
        they are suspended when that returns."""

        def are_there():
            return len([one for one in self.connections if one.main_thread]) >= count

        self.await_that(are_there, deadline_s, f"{count} main threads")
        before = {one: one.answers for one in self.connections if one.main_thread}
        for one in before:
            one.pause()
            one.ask_version()  # orders are taken in turn
        self.await_that(
            lambda: all(one.answers > before[one] for one in before), deadline_s, "answers"
        )

    def await_breakpoint(self, deadline_s):
        """The connection whose main thread stands at a breakpoint."""
        found = []

        def stands():
            found[:] = [one for one in self.connections if one.suspended > one.resumed]
            return found

        self.await_that(stands, deadline_s, "a breakpoint")
        return found[0]

    def close(self):
        self._listener.close()
        for connection in self.connections:
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
