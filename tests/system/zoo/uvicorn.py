from support import asking

from zoo.program import Program

APPLICATION = """
async def application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"uvicorn of the zoo"})
"""


class Uvicorn(Program):
    """A supervisor, two spawned workers and multiprocessing's resource tracker."""

    needs = ("uvicorn",)
    least = 3

    def prepare(self):
        self.write("zoo_app.py", APPLICATION)

    def start(self):
        where = f"--host 127.0.0.1 --port {self.port} --app-dir {self.folder}"
        return self.orphaned(f"uvicorn --workers 2 --lifespan off {where} zoo_app:application")

    def serves(self):
        return b"uvicorn of the zoo" in asking.http_get(self.port)
