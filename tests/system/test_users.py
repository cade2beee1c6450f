"""A command that becomes another user: what su, sudo and setpriv start falls as well."""

import json
import signal

import pytest
from support import account as accounts
from support import deadline, needs
from support.ending import OWN_STATUS
from support.process import wait_all_gone

BECOME = {
    "setpriv": ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"],
    "su": ["su", "nobody", "-s", "/bin/sh", "-c", 'exec "$0" "$@"', "--"],
}
ROLES = ("daemon", "session", "stubborn", "orphan")

# Only root becomes another user without being asked for a password.
pytestmark = pytest.mark.parametrize("account", ["as_root"], indirect=True)


@pytest.fixture(params=BECOME)
def command(request, family, tree):
    """The family, as nobody."""
    needs.becoming(accounts.of_name("nobody"))
    family.roster.chmod(0o666)
    return [*BECOME[request.param], *map(str, family.command(*ROLES))]


@pytest.mark.parametrize("without", ["environ", "cgroup", "brand", "cgroup,brand"])
def test_all_falls_with_the_ward(launch, family, command, folder, without):
    report = folder / "fall.json"
    run = launch(command, [f"--without={without}", "--report", report])
    family.gather(*ROLES)
    run.tell(f"exit {OWN_STATUS}")
    assert run.status() == OWN_STATUS
    assert not family.left()
    assert json.loads(report.read_text())["survivors"] == []


@pytest.mark.parametrize("without", ["environ", "cgroup", "cgroup,subreaper"])
def test_all_falls_with_the_wrapper(launch, family, command, without):
    run = launch(command, [f"--without={without}"])
    family.gather(*ROLES)
    run.wrapper.send(signal.SIGKILL)
    assert not family.left()


@pytest.mark.parametrize("without", ["environ", "cgroup"])
def test_all_falls_with_both_guards(launch, family, command, tree, without):
    run = launch(command, [f"--without={without}"])
    family.gather(*ROLES)
    for guard in run.guards():
        guard.send(signal.SIGKILL)
    assert not family.left()
    assert not tree.wait_gone()


def test_the_one_in_between_ends_too(launch, family, command, tree):
    """su waits for its command: it is a member as well."""
    run = launch(command)
    family.gather(*ROLES)
    members = tree.record().living()
    run.wrapper.send(signal.SIGTERM)
    run.status()
    assert not wait_all_gone(members, deadline.FALL_S)
