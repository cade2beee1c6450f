import json
import socket
from pathlib import Path

from support import port
from zoo.program import Program

LAUNCHER = Path("/usr/lib/python3/dist-packages/ipykernel_launcher.py")
CHANNELS = ("shell_port", "iopub_port", "stdin_port", "control_port")
ZMTP_SIGNATURE = b"\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f"  # 23/ZMTP: what a peer says first


class Ipykernel(Program):
    """A Jupyter kernel with what a notebook's cell left running."""

    least = 2

    @classmethod
    def lack(cls, account):
        return None if LAUNCHER.exists() else "no ipykernel: scripts/packages-zoo.txt names its package"

    def prepare(self):
        channels = {channel: port.free() for channel in CHANNELS}
        connection = {"ip": "127.0.0.1", "transport": "tcp", "key": "", "hb_port": self.port}
        self.write("connection.json", json.dumps({**connection, **channels}))
        self.write("cell.py", "import subprocess\nsubprocess.Popen(['sleep', '600'])\n")

    def start(self):
        options = f"-f {self.folder}/connection.json --IPKernelApp.exec_files={self.folder}/cell.py"
        return self.orphaned(f"/usr/bin/python3 -m ipykernel_launcher {options}")

    def serves(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as heartbeat:
            return heartbeat.recv(len(ZMTP_SIGNATURE)) == ZMTP_SIGNATURE
