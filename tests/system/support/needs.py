"""What a test needs of the machine. A container, or an account without privilege, may lack it: the
test is then skipped, and says what was tried and what the machine said.

Each need is tried once, by doing it, as the account that the test runs as.
"""

import functools
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from support import account as accounts
from support import deadline, leavings

TRIED_FOR_S = deadline.START_S
CAPABILITIES = {"CAP_SYS_PTRACE": 19}


def account(name):
    """The account of this name: "as_root" or "as_user"."""
    found = accounts.named(name)
    if found is None:
        pytest.skip(f"{name} needs a suite that runs as root, not as uid {os.getuid()}")
    return becoming(found)


def becoming(account):
    """The account, where the suite can be it: the root of a user namespace may have no other user."""
    lack = _lack(account, ())
    if lack:
        pytest.skip(f"uid {os.getuid()} cannot become uid {account.uid} here: {lack}")
    return account


def root():
    """What only root can do, or give to another user."""
    return account("as_root")


def in_first_user_namespace():
    """Where root is exempt from the limit of processes."""
    return os.readlink("/proc/self/ns/user") == "user:[4026531837]"


def stranger():
    """A second unprivileged user."""
    root()
    return becoming(accounts.stranger())


def writable(path, reason):
    if not os.access(path, os.W_OK):
        pytest.skip(f"{path} is missing or cannot be written: {reason}")


def writable_cgroup():
    """Root may make cgroups: v2 is mounted, and not read-only."""
    root()
    if not leavings.has_cgroups():
        pytest.skip("no cgroup v2 is mounted, or ours cannot be written to")


def words(account, before):
    """`before`, which goes in front of a command; skips the test where `true` cannot run behind it."""
    lack = _lack(account, tuple(map(os.fspath, before)))
    if lack:
        pytest.skip(f"this machine does not let {account.name}: {lack}")
    return list(before)


def route(treefall, account, name):
    """Where doctor tells the account that this route can be armed."""
    why_not = _why_not(treefall, account)[name]
    if why_not is not None:
        pytest.skip(f"{name} cannot be armed by {account.name}: {why_not}")


def capability(name, what):
    """One of root's: a container's root has few."""
    held = int(re.search(r"^CapEff:\s*(\w+)", Path("/proc/self/status").read_text(), re.M)[1], 16)
    if not held >> CAPABILITIES[name] & 1:
        pytest.skip(f"{what} takes {name}, which this machine does not give to uid {os.getuid()}")


def traceable(account):
    """A test may be the debugger of this account's processes."""
    if account.uid != os.getuid():
        capability("CAP_SYS_PTRACE", "tracing another user's process")


def options(treefall, account, options):
    """`treefall run` takes these here: a container may forbid the namespaces of --isolate."""
    words(account, [treefall, "run", *options, "--"])


def package_index():
    """pip reaches an index where it is told to look for one."""
    lack = _no_package_index()
    if lack:
        pytest.skip(f"pip reaches no package index: {lack}")


@functools.cache
def _no_package_index():
    """What pip says when it cannot fetch one of the build's own packages; nothing where it can."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--timeout=15",
            "--no-deps",
            "--no-cache-dir",
            "--dest",
            folder,
            "meson-python",
        ]
        tried = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    lines = tried.stderr.strip().splitlines() or [f"status {tried.returncode}"]
    return lines[-1] if tried.returncode != 0 else ""


@functools.cache
def _why_not(treefall, account):
    """Of each route what doctor says against it; None where it can be armed."""
    command = account.command([treefall, "doctor", "--json"])
    told = json.loads(
        subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TRIED_FOR_S
        ).stdout
    )
    return {row["route"]: None if row["armed"] else row["why_not"] for row in told["guarantee"]}


@functools.cache
def _lack(account, before):
    """What keeps this account from running these words; nothing where they work."""
    tried = subprocess.run(
        account.command([*before, "true"]),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TRIED_FOR_S,
    )
    said = (tried.stderr.strip() or f"status {tried.returncode}").splitlines()[0]
    return ": ".join(filter(None, [" ".join(before), said])) if tried.returncode != 0 else ""
