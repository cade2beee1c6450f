from support import asking

from zoo.program import Program

SCRIPT = """
import http.server, multiprocessing, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        worker = pool.apply(os.getpid)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"pool of the zoo, by %d" % worker)

if __name__ == "__main__":
    pool = multiprocessing.get_context("spawn").Pool(2)
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class MultiprocessingPool(Program):
    """A main process, two spawned workers and the resource tracker, each with the pipes of all."""

    needs = ("python3",)
    least = 4

    def prepare(self):
        self.write("pool.py", SCRIPT)

    def start(self):
        return self.orphaned(f"/usr/bin/python3 {self.folder}/pool.py {self.port}")

    def serves(self):
        return b"pool of the zoo" in asking.http_get(self.port)
