from support import asking
from zoo.program import Program

FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)


class Chromium(Program):
    """A browser, its zygotes, renderers, services and crash handler; as a user, in its sandbox."""

    needs = ("chromium",)
    least = 5

    def start(self):
        sandbox = ["--no-sandbox"] if self.account.uid == 0 else []
        flags = " ".join([*FLAGS, *sandbox, f"--user-data-dir={self.profile()}"])
        return self.orphaned(f"chromium {flags} about:blank")

    def serves(self):
        port_line, end, _ = (self.profile() / "DevToolsActivePort").read_text().partition("\n")
        return bool(end) and b"about:blank" in asking.http_get(int(port_line), "/json/list")

    def lasts(self, process):
        """The browser and its zygotes do; it starts and ends the others as it likes."""
        return "--type=zygote" in process.command_line or "--type=" not in process.command_line

    def profile(self):
        return self.folder / "profile"
