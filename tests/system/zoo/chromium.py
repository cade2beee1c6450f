import stat
import subprocess
from pathlib import Path

from support import asking, unpacked

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

    @classmethod
    def lack(cls, account):
        lack = super().lack(account)
        if lack or account.uid == 0 or _has_sandbox(account):
            return lack
        return "Chromium's sandbox needs user namespaces here, or a helper of root's"

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


def _has_sandbox(account):
    roots = [Path("/"), *(folder.parent / "root" for folder in unpacked.folders())]
    for helper in (root / "usr/lib/chromium/chrome-sandbox" for root in roots):
        if helper.exists() and helper.stat().st_uid == 0 and helper.stat().st_mode & stat.S_ISUID:
            return True
    asked = account.command(["unshare", "--user", "--map-root-user", "true"])
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0
