from support import asking

from zoo.program import Program


class GpgAgent(Program):
    """Daemonizes, and forbids to be looked into."""

    needs = ("gpg-agent", "gpgconf")

    def home(self):
        return self.folder / "gnupg"

    def prepare(self):
        self.account.make_folder(self.home(), 0o700)

    def start(self):
        return f"gpg-agent --homedir {self.home()} --daemon --quiet"

    def serves(self):
        return asking.unix(self.socket(), b"").startswith(b"OK")

    def socket(self):
        asked = ["gpgconf", "--homedir", self.home(), "--list-dirs", "agent-socket"]
        return self.ask(asked).stdout.strip()
