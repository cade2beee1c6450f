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
        return self.ask([*self.command(), "has-session", "-t", "zoo"]).returncode == 0
