"""A report that says that nothing is left has looked everywhere, or says where it could not look."""

import json
import signal

import pytest
from support import deadline, needs
from support.machine import hiding_proc
from support.run import Run
from support.waiting import wait_until


@pytest.fixture
def launch_hidden(treefall, account, folder, tree):
    """A run as the unprivileged account, with a /proc that hides what is not its own."""
    root = needs.root()
    runs = []

    def start(command, *options):
        environment = account.environment(folder)
        run = Run(treefall, root, folder, command, options, hiding_proc(account), environment)
        runs.append(run)
        tree.add(run.wrapper)
        return run

    yield start
    left = tree.end()
    for run in runs:
        run.end()
    assert not left


@pytest.mark.parametrize("account", ["as_user"], indirect=True)  # it hides nothing from root
@pytest.mark.parametrize("killed", ["the ward", "the wrapper"])
def test_thread_is_not_taken_for_a_process_with_hidepid(
    launch_hidden, family, folder, tree, killed
):
    report = folder / "fall.json"
    run = launch_hidden(family.command("threads", "daemon"), "--report", report)
    family.gather("threads", "daemon")
    (family.ward if killed == "the ward" else run.wrapper).send(signal.SIGKILL)
    assert not family.left()
    wait_until(report.exists, deadline.FALL_S, "a report")
    told = json.loads(report.read_text())
    assert told["survivors"] == []
    assert len(told["fallen"]) <= 3
