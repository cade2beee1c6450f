import json
import shlex
import socket

from support import port, unpacked

from zoo.program import Program

CHANNELS = ("shell_port", "iopub_port", "stdin_port", "control_port")
ZMTP_SIGNATURE = b"\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f"  # 23/ZMTP: what a peer says first


class Ipykernel(Program):
    """A Jupyter kernel with what a notebook's cell left running."""

    least = 2

    @classmethod
    def lack(cls, account):
        return unpacked.lacks_module("ipykernel")

    def prepare(self):
        channels = {channel: port.free() for channel in CHANNELS}
        connection = {"ip": "127.0.0.1", "transport": "tcp", "key": "", "hb_port": self.port}
        self.write("connection.json", json.dumps({**connection, **channels}))
        self.write("cell.py", "import subprocess\nsubprocess.Popen(['sleep', '600'])\n")

    def start(self):
        options = f"-f {self.folder}/connection.json --IPKernelApp.exec_files={self.folder}/cell.py"
        return self.orphaned(f"{shlex.quote(unpacked.python())} -m ipykernel_launcher {options}")

    def serves(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as heartbeat:
            return heartbeat.recv(len(ZMTP_SIGNATURE)) == ZMTP_SIGNATURE
