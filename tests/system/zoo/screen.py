from support import account as accounts

from zoo.program import Program


class Screen(Program):
    """A server that daemonizes, with a window on a terminal of its own."""

    needs = ("screen",)
    least = 2

    @classmethod
    def lack(cls, account):
        if not accounts.with_passwd_entry(account):
            return f"screen needs a passwd entry for uid {account.uid}"
        return super().lack(account)

    def __init__(self, account, folder):
        super().__init__(accounts.with_passwd_entry(account), folder)
        self.account.take(folder)

    def sockets(self):
        return self.folder / "sockets"

    def prepare(self):
        self.account.make_folder(self.sockets(), 0o700)
        self.write("screenrc", "startup_message off\n")

    def start(self):
        arguments = f"-c {self.folder}/screenrc -dmS zoo sleep 1000"
        return f"SCREENDIR={self.sockets()} screen {arguments}"

    def serves(self):
        return any(self.sockets().glob("*.zoo"))
