"""What every program of the zoo tells the tests."""

import subprocess
from abc import ABC, abstractmethod

from support import account as accounts
from support import deadline, port


class Program(ABC):
    """One copy of a program, with a folder and where it listens a port of its own.

    needs: the executables without which it cannot run
    accounts: who can run it
    roots_user: the user that root's copy becomes
    least: how many processes a copy that serves has at the least
    """

    needs = ()
    accounts = ("as_root", "as_user")
    roots_user = "root"
    least = 1

    def __init__(self, account, folder):
        self.account = account
        self.folder = folder
        self.port = port.free()

    @classmethod
    def name(cls):
        return cls.__name__

    @classmethod
    def lack(cls, account):
        """Why this account cannot run the program on this machine, or None."""
        return next(filter(None, map(accounts.lacks_program, cls.needs)), None)

    def prepare(self):
        """Write what the program reads. Nothing is started."""

    @abstractmethod
    def start(self):
        """Shell text that starts the program, which daemonizes, and then goes on."""

    @abstractmethod
    def serves(self):
        """True if this copy answers; False or an OSError if it does not."""

    def lasts(self, process):
        """Whether a process of this copy stays as long as the copy does."""
        return True

    def ask(self, argv):
        """What a command of this account answers, found where the program is found."""
        return subprocess.run(
            self.account.command(argv),
            env=self.account.environment(self.folder),
            timeout=deadline.ANSWER_S,
            capture_output=True,
            text=True,
            check=False,
        )

    def write(self, name, text):
        """Write a file in the copy's folder, for its account to read."""
        path = self.folder / name
        path.write_text(text)
        self.account.take(path)
        return path

    def orphaned(self, command):
        """Shell text for a program that does not daemonize: a new session, and no parent."""
        return f"( setsid {command} </dev/null >{self.folder}/log 2>&1 & )"
