"""A real LitServe server: python server.py PORT GUARD WORKER_TYPE API_SERVERS [NAME=VALUE...]

GUARD: none, litserve (treefall.litserve.run) or guard (a bare treefall.guard that the main loop
beats from LitServe's own event). What a request asks for is done in the process that NAME says.
"""

import ctypes
import os
import sys
import threading
import time

import litserve

PORT, GUARD, WORKER_TYPE, SERVERS = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
SETTINGS = dict(word.split("=", 1) for word in sys.argv[5:])
DELAY_S = float(SETTINGS.get("kill_delay", 3))
WHEN = SETTINGS.get("when", "always")


class Echo(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return request["x"]

    def predict(self, x):
        return x

    def encode_response(self, y):
        return {"y": y}


class CleaningUp(litserve.LitServer):
    """Its orderly end takes as long as it is told."""

    def _perform_graceful_shutdown(self, *args, **options):
        time.sleep(float(SETTINGS.get("cleanup", 0)))
        super()._perform_graceful_shutdown(*args, **options)
        with open("cleaned-up", "w"):
            pass


def hog():
    """From a signal that nobody else uses: the main thread never gives the interpreter back."""
    ctypes.PyDLL(None).sleep(3600)


def at_a_line():
    marked = "a breakpoint is set here"  # breakpoint
    return marked


def on_order(path):
    """The main thread does what a file asks for: it is looked at in its loop."""
    import signal

    orders = {"hog": hog, "line": at_a_line}
    signal.signal(signal.SIGUSR1, lambda *_: orders[open(path).read()]())


def run(server):
    options = dict(
        host="127.0.0.1",
        port=PORT,
        num_api_servers=SERVERS,
        api_server_worker_type=WORKER_TYPE,
        generate_client_file=False,
    )
    if GUARD == "none":
        server.run(**options)
    elif GUARD == "litserve":
        from treefall import litserve as guarded

        guarded.run(server, kill_delay=DELAY_S, when=WHEN, report="fall.json", **options)
    elif GUARD == "guard":
        import treefall

        with treefall.guard(DELAY_S, when=WHEN, report="fall.json"):
            server.run(**options)


if __name__ == "__main__":
    on_order("order")
    run(CleaningUp(Echo(), accelerator="cpu", devices=1, workers_per_device=SERVERS))
    print("ended", threading.active_count(), os.getpid(), flush=True)
