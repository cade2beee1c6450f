"""Users that share a machine: none disarms, triggers, redirects or reads another user's guard.

What one user can do *by way of* another user's treefall (a copied brand, a planted file) is in
test_forged_proofs.py and test_shared_places.py.
"""

import json
import signal
import subprocess
from pathlib import Path

import pytest
from support import deadline, ending, leavings, needs
from support.account import Account

ATTACKER = (Path(__file__).parent / "programs/attacker.py").read_text()
ROLES = ("daemon", "session")
NEVER = "--kill-delay=1h", "--startup-grace=1h"
OTHER = Account("as_other", 1001, 1001)
REFUSALS = {"refused EPERM", "refused EACCES"}
# What gets to root's socket, which a worker of any user may need, and is not believed there.
TAKEN_S = 0.3  # by then the sentinel has read it
IGNORED = {"send_a_beat", "send_a_trigger"}

# The attempts, and the guard that each needs.
DISARM = [
    "stop_guards",
    "kill_guards",
    "ask_guards_to_end",
    "trace_a_guard",
    "trace_the_ward",
    "take_a_descriptor_of_a_guard",
    "open_the_wire",
    "rebrand_a_member",
    "move_a_member_out_of_its_cgroup",
    "freeze_the_tree",
    "remove_the_cgroup",
    "lock_the_cgroup",
    "touch_the_heartbeat",
    "send_a_beat",
]
TRIGGER = ["delete_the_heartbeat", "kill_the_cgroup", "kill_members", "send_a_trigger"]
REDIRECT = ["replace_the_heartbeat", "replace_the_runtime_folder", "replace_the_report"]
READ = ["list_the_runtime_folder", "read_the_environment", "read_the_memory_of_a_guard"]
BY_NOTIFY = {"send_a_beat", "send_a_trigger"}
BY_CGROUP = {
    "move_a_member_out_of_its_cgroup",
    "freeze_the_tree",
    "remove_the_cgroup",
    "kill_the_cgroup",
    "lock_the_cgroup",
}


@pytest.fixture(autouse=True)
def other():
    """Only root can be several users, and not in every user namespace."""
    return needs.becoming(OTHER)


@pytest.fixture
def victim(launch, family, folder):
    """A guarded tree, and what an attacker would have to know of it."""

    def start(*options):
        report = folder / "report.json"
        run = launch(family.command(*ROLES), [*options, *NEVER, "--report", report])
        family.gather(*ROLES)
        guards = [*run.guards(), run.reserve()]
        cgroup = leavings.cgroup_of(family.ward.pid)
        files = dict(place_of(path) for path in leavings.runtime_files(folder))
        return run, {
            "guards": [guard.pid for guard in guards],
            "ward": family.ward.pid,
            "members": [process.pid for process in family.processes],
            "cgroup": cgroup and str(cgroup),
            "report": str(report),
            **files,
        }

    return start


def makes_cgroups(account):
    return account.uid == 0 and leavings.has_cgroups()


def place_of(path):
    return ("notify" if "notify" in Path(path).name else "heartbeat"), path


def attempt(attacker, name, facts, folder):
    done = subprocess.run(
        attacker.command(["/usr/bin/python3", "-ISc", ATTACKER, name]),
        input=json.dumps(facts),
        capture_output=True,
        text=True,
        timeout=deadline.FALL_S,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", [*DISARM, *TRIGGER, *REDIRECT, *READ])
def test_attempt_of_another_user_is_refused(victim, family, account, folder, name):
    if name in BY_CGROUP and not makes_cgroups(account):
        pytest.skip("this account's trees have no cgroup here")
    run, facts = victim("--notify" if name in BY_NOTIFY else "--heartbeat=auto")
    ignored = name in IGNORED and account.uid == 0
    assert attempt(OTHER, name, facts, folder) in ({f"done {name}"} if ignored else REFUSALS)
    assert not run.wrapper.wait_gone(TAKEN_S if ignored else 0)
    assert family.living() == sorted(["ward", *ROLES])
    ending.wrapper_is_killed(run, family)
    assert not family.left()


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
@pytest.mark.parametrize(
    "name", ["kill_guards", "delete_the_heartbeat", "kill_the_cgroup", "rebrand_a_member"]
)
def test_attempt_of_either_user_on_the_guard_of_root_is_refused(
    victim, family, account, folder, name
):
    if name in BY_CGROUP and not makes_cgroups(account):
        pytest.skip("there is no cgroup here that could be written to")
    run, facts = victim("--heartbeat=auto")
    for attacker in (OTHER, Account("as_user", 1000, 1000)):
        assert attempt(attacker, name, facts, folder) in REFUSALS
    assert family.living() == sorted(["ward", *ROLES])
    ending.wrapper_is_killed(run, family)
    assert not family.left()


@pytest.mark.parametrize("account", ["as_user"], indirect=True)
def test_the_attacker_is_able_where_nothing_refuses(victim, family, folder, account):
    """The same attempts by the guard's own user get through: the table above can fail."""
    run, facts = victim("--heartbeat=auto")
    for name in (
        "touch_the_heartbeat",
        "list_the_runtime_folder",
        "read_the_environment",
        "kill_members",
    ):
        assert attempt(account, name, facts, folder) == f"done {name}"
    assert run.status() == 128 + signal.SIGKILL
