from support import asking

from zoo.program import Program

APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"gunicorn of the zoo"]
"""


class Gunicorn(Program):
    """An arbiter that daemonizes with --daemon, and two workers."""

    needs = ("gunicorn",)
    least = 3

    def prepare(self):
        self.write("zoo_app.py", APPLICATION)

    def start(self):
        return (
            f"gunicorn --daemon --workers 2 --bind 127.0.0.1:{self.port} --chdir {self.folder}"
            f" --pid {self.folder}/gunicorn.pid --log-file {self.folder}/log zoo_app:application"
        )

    def serves(self):
        return b"gunicorn of the zoo" in asking.http_get(self.port)
