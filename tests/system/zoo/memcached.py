from support import asking

from zoo.program import Program


class Memcached(Program):
    """Daemonizes with -d; as root it drops to another user."""

    needs = ("memcached",)
    roots_user = "nobody"

    def start(self):
        user = f"-u {self.roots_user}" if self.account.uid == 0 else ""
        return f"memcached -d -m 16 -t 2 -l 127.0.0.1 -p {self.port} {user} -P {self.folder}/pid"

    def serves(self):
        return asking.tcp(self.port, b"version\r\n").startswith(b"VERSION")
