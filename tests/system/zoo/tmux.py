import subprocess

from support import deadline
from zoo.program import Program


class Tmux(Program):
    """A server that daemonizes, with a pane on a terminal of its own."""

    needs = ("tmux",)
    least = 3

    def command(self):
        return ["tmux", "-S", f"{self.folder}/tmux.sock", "-f", "/dev/null"]

    def start(self):
        pane = "'sleep 1000 & exec sleep 1000'"
        return f"{' '.join(self.command())} new-session -d -s zoo {pane}"

    def serves(self):
        asked = self.account.command([*self.command(), "has-session", "-t", "zoo"])
        answer = subprocess.run(asked, timeout=deadline.ANSWER_S, capture_output=True, check=False)
        return answer.returncode == 0
