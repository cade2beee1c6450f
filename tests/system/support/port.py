"""TCP ports on the loopback address."""

import socket
from contextlib import contextmanager

HOST = "127.0.0.1"


def free():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def taken():
    """A port that somebody listens on, as long as the block lasts."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def is_free(port):
    """True if one could listen there again, as a restarted server would."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError:
            return False
        return True
