"""The prefix's own wineserver, for one session of tests."""

import fcntl
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from support import deadline
from support.process import wait_all_gone
from support.waiting import wait_until

from bed import place
from bed.tree import WineTree


class Wineserver:
    """Started by us in the foreground, so that no other server is ever meant; stays until told.

    A second session on the same prefix waits for the first: they would share pids and consoles.
    """

    def __init__(self):
        self.desktop = None
        self.lock = open(place.WINE / "session", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.popen = subprocess.Popen(
            [place.WITH_WINE, "wineserver", "-f", "-p"],
            env=place.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(self._answers, deadline.ANSWER_S, "an answer of the wineserver")
            self._start_services()
        except Exception:
            self.end()
            raise

    def _answers(self):
        """Who asks before it listens starts a second server."""
        for path in self._folder().glob("server-*/socket"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(path))
                return True
        return False

    def _folder(self):
        """Where its socket is: Debian's Wine keeps the name in the prefix."""
        return Path("/tmp", (place.PREFIX / "wineserver").read_text())

    def _start_services(self):
        """Windows' own processes are nobody's: they start before any test, and hold no pipe of one.
        A Windows that somebody is logged in to has a desktop; Wine starts none unless it is asked."""
        self.start_desktop()

    def start_desktop(self):
        """Returns when it is one that a program can be started below."""
        quiet = {
            "env": place.environment(),
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }
        self.desktop = subprocess.Popen([place.WITH_WINE, "wine", "explorer.exe"], **quiet)
        subprocess.run(
            [place.WITH_WINE, "wine", "cmd", "/c", "exit"],
            timeout=deadline.START_S,
            check=True,
            **quiet,
        )
        assert self.desktop.poll() is None, "the desktop ended"

    def end_desktop(self):
        """As where nobody is logged in. There may be one more, which Wine started."""
        prefix = WineTree(f"WINEPREFIX={place.PREFIX}", with_services=True).record()
        explorers = [each for each in prefix.living() if "explorer.exe" in each.command_line]
        for process in explorers:
            process.send(signal.SIGKILL)
        wait_all_gone(explorers, deadline.FALL_S)
        self.desktop.kill()  # it may not have been listed: while it starts it has no command line
        self.desktop.wait(deadline.FALL_S)

    def end(self):
        """End it, and with it all that runs in the prefix; say who is left."""
        tree = WineTree(f"WINEPREFIX={place.PREFIX}", with_services=True).record()
        self.popen.send_signal(signal.SIGINT)
        self.popen.wait(deadline.FALL_S)
        if self.desktop:
            self.desktop.kill()
            self.desktop.wait(deadline.FALL_S)
        wait_all_gone(tree.members.values(), deadline.ANSWER_S)
        left = tree.end()
        shutil.rmtree(self._folder(), ignore_errors=True)
        self.lock.close()
        return left
