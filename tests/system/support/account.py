"""The accounts that tests run as: root, and a user whom no passwd entry needs to know."""

import os
import pwd
import shutil
from dataclasses import dataclass
from glob import glob

from support import deadline, unpacked
from support.waiting import wait_until

# Workers of pytest that run side by side have users of their own: limits of processes are a user's.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
USER_UID = 1000 + 2 * _WORKER
STRANGER_UID = USER_UID + 1
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def runtime_mode(self):
        """Root's treefall takes a runtime folder that the users can pass which its ward becomes."""
        return 0o711 if self.uid == 0 else 0o700

    def command(self, argv):
        """`argv` as this account runs it. setpriv execs, so the pid stays the command's own."""
        if self.uid == os.getuid():
            return [os.fspath(word) for word in argv]
        privileges = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        return ["setpriv", *privileges, "--", *(os.fspath(word) for word in argv)]

    def await_process(self, pid):
        """setpriv changes the user after the start: until then the process is not this account's."""
        wait_until(
            lambda: os.stat(f"/proc/{pid}").st_uid == self.uid, deadline.START_S, f"user {self.uid}"
        )

    def take(self, path):
        """Make a path this account's own."""
        if self.uid != os.getuid():
            os.chown(path, self.uid, self.gid)

    def make_folder(self, path, mode=0o755):
        """Make a folder that is this account's own, whatever the umask says."""
        path.mkdir(exist_ok=True)
        path.chmod(mode)
        self.take(path)
        return path

    def environment(self, folder):
        """A small environment, in which every place to write in is below `folder`."""
        return {
            "PATH": search_path(),
            "LANG": "C.UTF-8",
            "SHELL": "/bin/sh",
            "TERM": "xterm",
            "HOME": str(self.make_folder(folder / "home")),
            "TMPDIR": str(self.make_folder(folder / "tmp")),
            "XDG_RUNTIME_DIR": str(self.make_folder(folder / "runtime", self.runtime_mode)),
        }


def stranger():
    """A second unprivileged user, or None where the suite's own account cannot become it."""
    return Account("stranger", STRANGER_UID, STRANGER_UID) if os.getuid() == 0 else None


def search_path():
    """What is installed comes first; then PostgreSQL's own folder, and what was unpacked."""
    more = [*sorted(glob("/usr/lib/postgresql/*/bin")), *unpacked.folders()]
    return ":".join([SYSTEM_PATH, *map(str, more)])


def lacks_program(name):
    """Why a program cannot be run here, or None."""
    found = shutil.which(name, path=search_path())
    return None if found else f"no {name} here; {unpacked.HELP}"


def named(name):
    """The account, or None where the suite's own account cannot become it."""
    if name == "as_user":
        return _user()
    return Account(name, 0, 0) if os.getuid() == 0 else None


def own():
    """The suite's own account."""
    return named("as_root") or named("as_user")


def of_name(name):
    """The account that a passwd entry describes."""
    entry = pwd.getpwnam(name)
    return Account(name, entry.pw_uid, entry.pw_gid)


def with_passwd_entry(account):
    """The account itself if it has an entry; else nobody's, if we can become that; else None."""
    try:
        pwd.getpwuid(account.uid)
        return account
    except KeyError:
        return of_name("nobody") if os.getuid() == 0 else None


def _user():
    if os.getuid() == 0:
        return Account("as_user", USER_UID, USER_UID)
    return Account("as_user", os.getuid(), os.getgid())
