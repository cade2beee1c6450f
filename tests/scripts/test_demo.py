"""`make run` shows what it promises, in the order it promises, and leaves nothing behind."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = [sys.executable, str(ROOT / "demo/litserve_demo.py")]
ROLES = ["SyncManager", "resource_tracker", "inference worker", "uvicorn worker"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        DEMO,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, folder


def test_each_role_is_orphaned_without_treefall_and_gone_with_it(demo):
    output, _ = demo
    for role in ROLES:
        assert re.search(rf"\d+  {role} +alive +\d+  {role} +gone", output), role
    assert re.search(r"port still bound +port free", output)
    assert re.search(r"4 orphans, 2 s after the kill +none alive [\d.]+ ms after the kill", output)


def test_it_ends_with_the_report(demo):
    output, _ = demo
    assert output.rstrip().endswith((ROOT / "build/demo-report.txt").read_text().rstrip())


def test_it_is_plain_in_a_pipe(demo):
    output, _ = demo
    assert output.isascii()
    assert "\033" not in output


def test_nothing_of_it_is_left(demo):
    _, folder = demo
    alive = [
        process
        for process in psutil.process_iter(["environ"])
        if (process.info["environ"] or {}).get("TMPDIR", "").startswith(str(folder))
    ]
    assert not alive
    assert not list(folder.iterdir())
