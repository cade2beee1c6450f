"""Lines from a pipe, each awaited with a deadline. Never waits for the pipe's end."""

import os
import time

from support.waiting import is_readable


class Lines:
    def __init__(self, fd):
        self.fd = fd
        self.pending = b""

    def next(self, deadline_s):
        """The next line, without its end; None at the end of the pipe or of the deadline."""
        end = time.monotonic() + deadline_s
        while b"\n" not in self.pending:
            ready = is_readable(self.fd, max(0.0, end - time.monotonic()))
            chunk = os.read(self.fd, 65536) if ready else b""
            if not chunk:
                return None
            self.pending += chunk
        line, _, self.pending = self.pending.partition(b"\n")
        return line.decode(errors="replace")
