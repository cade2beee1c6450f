import functools
import shlex
import shutil
import subprocess

from support import account as accounts
from support import deadline

from zoo.program import Program

SETTINGS = "-F -c autovacuum=off -c shared_buffers=1MB -c max_connections=10"


class Postgres(Program):
    """pg_ctl starts it; each of its processes makes a session of its own. Root cannot run it."""

    needs = ("postgres",)
    accounts = ("as_user",)
    least = 5

    @classmethod
    def lack(cls, account):
        """initdb, and it alone, insists on a passwd entry; root may borrow one for that."""
        if not accounts.with_passwd_entry(account):
            return f"initdb needs a passwd entry for uid {account.uid}"
        return super().lack(account)

    def owner(self):
        """The account that the database runs as."""
        return self.account

    def prepare(self):
        owner = self.owner()
        data = owner.make_folder(self.folder / "data", 0o700)
        owner.make_folder(self.folder / "socket")
        template = _template(owner, self.folder.parent)
        subprocess.run(["cp", "-a", f"{template}/.", data], check=True)

    def start(self):
        options = f"{SETTINGS} -h 127.0.0.1 -p {self.port} -k {self.folder}/socket"
        data = self.folder / "data"
        words = ["start", "-w", "-s", "-D", data, "-l", f"{data}/log", "-o", options]
        return shlex.join(map(str, [_program("pg_ctl"), *words]))

    def serves(self):
        asked = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "zoo"]
        return subprocess.run(asked, timeout=deadline.ANSWER_S, check=False).returncode == 0


class PostgresThroughSu(Postgres):
    """The same from root by way of su: other uid, PAM session, parents long gone."""

    needs = ("postgres", "su")
    accounts = ("as_root",)
    roots_user = "nobody"

    def owner(self):
        return accounts.of_name(self.roots_user)

    def start(self):
        return f"su {self.roots_user} -s /bin/sh -c {shlex.quote(super().start())}"


def _program(name):
    return shutil.which(name, path=accounts.search_path())


@functools.cache
def _template(owner, place):
    """An empty cluster of the owner's, made once because initdb is slow."""
    folder = owner.make_folder(place / f"postgres-{owner.uid}", 0o700)
    maker = accounts.with_passwd_entry(owner)
    maker.take(folder)
    argv = [_program("initdb"), "-D", folder, "-N", "-A", "trust", "-U", "zoo", "-E", "UTF8"]
    subprocess.run(maker.command(argv), check=True, stdout=subprocess.DEVNULL, cwd="/")
    subprocess.run(["chown", "-R", f"{owner.uid}:{owner.gid}", folder], check=True)
    return folder
