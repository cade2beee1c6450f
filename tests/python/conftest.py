"""The package as pip installs it, and wards that use it. Processes are held by pidfd: the parts for
that are those of the system tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import deadline
from support.lines import Lines
from support.package import sentinels_of
from support.process import Process, listed
from support.tree import Tree
from support.waiting import wait_until

HERE = Path(__file__).resolve().parent


class Ward:
    """programs/ward.py: `ask` returns what an expression is in it, `do` runs a statement."""

    def __init__(self, site, folder, prefix=(), options=(), **environment):
        self.popen = subprocess.Popen(
            [*map(str, prefix), sys.executable, *options, HERE / "programs/ward.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            text=True,
            env={**os.environ, "PYTHONPATH": str(site), "TMPDIR": str(folder), **environment},
        )
        self.process = Process.of_child(self.popen.pid)
        self.lines = Lines(self.popen.stdout.fileno())

    def tell(self, order):
        """Give an order whose answer may never come."""
        self.popen.stdin.write(json.dumps(order) + "\n")
        self.popen.stdin.flush()

    def answer(self, order):
        self.tell(order)
        line = self.lines.next(deadline.START_S)
        assert line is not None, f"no answer to {order}"
        return json.loads(line)

    def ask(self, order):
        answer = self.answer(order)
        assert "error" not in answer, answer
        return answer["value"]

    do = ask

    def child(self, kind="child"):
        """Have it start one, and hold that."""
        return Process.open(self.ask(f"{kind}()"))

    def falls(self):
        return self.process.wait_gone(deadline.FALL_S)

    def ends(self):
        """Let it end by itself; its status."""
        self.popen.stdin.close()
        return self.popen.wait(deadline.FALL_S)


@pytest.fixture
def make_ward(site, tmp_path):
    wards = []
    tree = Tree(tmp_path)

    def make(*prefix, **settings):
        wards.append(Ward(site, tmp_path, prefix, **settings))
        tree.add(wards[-1].process)
        wards[-1].do("import treefall")
        return wards[-1]

    yield make
    left = tree.end()
    for ward in wards:
        try:
            ward.popen.stdin.close()
        except BrokenPipeError:
            pass
        ward.popen.wait()
        ward.popen.stdout.close()
    wait_until(lambda: not sentinels_of(site), deadline.FALL_S, "no sentinel is left")
    strangers = [process for process in left if process not in [ward.process for ward in wards]]
    assert not strangers, f"left by the test, now ended:\n{listed(strangers)}"


@pytest.fixture
def ward(make_ward):
    return make_ward()


@pytest.fixture
def sentinels(site):
    """The sentinels of this session's package that run now."""
    return lambda: sentinels_of(site)
