from support import asking

from zoo.program import Program


class Redis(Program):
    """Forks away, and writes its address over its command line."""

    needs = ("redis-server",)

    def start(self):
        return (
            f"redis-server --daemonize yes --bind 127.0.0.1 --port {self.port}"
            f" --dir {self.folder} --pidfile {self.folder}/redis.pid"
            f" --logfile {self.folder}/log --save ''"
        )

    def serves(self):
        return asking.tcp(self.port, b"PING\r\n") == b"+PONG\r\n"
