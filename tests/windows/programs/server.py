"""A small, real LitServe server, as Windows runs it: with its uvicorn workers as threads.

Usage: python server.py [--guard=litserve|idle|guard] PORT

litserve: by treefall.litserve.run; idle: the same where there is no debugger, so without effect;
guard: with a bare treefall.guard, for its death alone. SETUP_S is how long the set-up takes.
"""

import os
import sys
import time

import litserve


class Api(litserve.LitAPI):
    def setup(self, device):
        self.device = device
        time.sleep(float(os.environ.get("SETUP_S", 0)))

    def decode_request(self, request):
        return request["x"]

    def predict(self, x):
        return x * x

    def encode_response(self, y):
        return {"y": y}


def run(server, guard, **options):
    if guard in ("litserve", "idle"):
        from treefall import litserve as guarded

        when = "debugger" if guard == "idle" else "always"
        guarded.run(server, when=when, report="fall.json", **options)
    elif guard == "guard":
        import treefall

        with treefall.guard(3600, startup_grace=3600, report="fall.json"):
            server.run(**options)
    else:
        server.run(**options)


if __name__ == "__main__":
    guard = sys.argv[1].partition("--guard=")[2]
    server = litserve.LitServer(Api(), accelerator="cpu", devices=1, workers_per_device=1)
    run(
        server,
        guard,
        host="127.0.0.1",
        port=int(sys.argv[-1]),
        num_api_servers=1,
        generate_client_file=False,
    )
    print("ended", flush=True)
