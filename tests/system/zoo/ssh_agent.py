from support import asking

from zoo.program import Program

REQUEST_IDENTITIES = bytes([0, 0, 0, 1, 11])
IDENTITIES_ANSWER = 12


class SshAgent(Program):
    """Set-group-id and not dumpable: a user cannot look into its own agent."""

    needs = ("ssh-agent",)

    def start(self):
        return f"ssh-agent -a {self.folder}/agent.sock >{self.folder}/agent.env"

    def serves(self):
        answer = asking.unix(self.folder / "agent.sock", REQUEST_IDENTITIES)
        return answer[4:5] == bytes([IDENTITIES_ANSWER])
