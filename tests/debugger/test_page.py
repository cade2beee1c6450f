"""docs/python.md: its server, word for word."""

import re
import signal

from support.binary import REPOSITORY

PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


def test_the_server_of_the_page_falls(start, tmp_path):
    (example,) = PROGRAM.findall((REPOSITORY / "docs/python.md").read_text())
    program = tmp_path / "page.py"
    program.write_text(example)
    server = start("", program=program)
    assert server.ask(7) == 49
    server.main.send(signal.SIGKILL)
    server.seconds_until_gone()
    assert not server.left() and server.is_port_free()
