"""Real programs that daemonize: each falls with its ward, and a copy of it outside stays.

The ward is a shell that starts the program in the program's own way, and outlives that only to be
told. The bystander is another copy, started without treefall, in a folder and on a port of its own.
"""

import itertools
import signal

import pytest
import zoo
from support import account as accounts
from support import needs, port, wired
from support.process import listed
from support.run import Run
from zoo.specimen import UP, WARD_STATUS, Specimen

_numbers = itertools.count(1)


def ward_exits(run, ward):
    run.tell("exit")
    assert run.status() == WARD_STATUS


def ward_is_killed(run, ward):
    ward.send(signal.SIGKILL)
    assert run.status() == 128 + signal.SIGKILL


def wrapper_is_killed(run, ward):
    run.wrapper.send(signal.SIGKILL)


def guards_are_killed(run, ward):
    for guard in run.guards():
        guard.send(signal.SIGKILL)


def guards_are_killed_sentinel_first(run, ward):
    for guard in reversed(run.guards()):
        guard.send(signal.SIGKILL)


def guards_and_reserve_are_killed(run, ward):
    """Nobody is left to look: the kernel kills the groups that the last look saw."""
    for guard in [*run.guards(), run.reserve()]:
        guard.send(signal.SIGKILL)


ENDINGS = (
    ward_exits,
    ward_is_killed,
    wrapper_is_killed,
    guards_are_killed,
    guards_are_killed_sentinel_first,
    guards_and_reserve_are_killed,
)


def copies():
    """One object for each program and account, so that pytest shares its bystander."""
    for kind in zoo.ALL:
        for account_name in kind.accounts:
            yield pytest.param((kind, account_name), id=f"{kind.name()}-{account_name}")


@pytest.fixture(scope="module")
def bystander(request, place):
    """A copy that runs outside of treefall, for all endings of one program and account."""
    kind, account_name = request.param
    account = needs.account(account_name)
    if account.uid == 0:
        needs.becoming(accounts.of_name(kind.roots_user))
    lack = kind.lack(account)
    if lack:
        pytest.skip(lack)
    copy = Specimen.make(kind, account, account.make_folder(place / f"b{next(_numbers)}"))
    try:
        copy.start_unguarded()
        copy.wait_ready()
        yield copy
    finally:
        copy.tree.end()


@pytest.fixture
def specimen(bystander, place):
    """A copy of the bystander's kind, to be started by a ward."""
    account = bystander.program.account
    folder = account.make_folder(place / f"w{next(_numbers)}")
    copy = Specimen.make(type(bystander.program), account, folder)
    yield copy
    copy.tree.end()


@pytest.fixture
def run(treefall, specimen):
    program = specimen.program
    options = ["--grace", "5s"]
    run = Run(treefall, program.account, program.folder, specimen.launcher(), options)
    specimen.tree.add(run.wrapper)
    yield run
    specimen.tree.end()
    run.end()


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
@pytest.mark.parametrize("bystander", list(copies()), indirect=True)
def test_zoo(bystander, specimen, run, ending):
    ward_pid, word = run.hear().split()
    assert word == UP
    specimen.wait_ready()

    if ending is guards_and_reserve_are_killed:
        wired.await_groups_of(run.sentinel(), specimen.members())
    ending(run, specimen.tree.member(int(ward_pid)))

    left = specimen.tree.wait_gone()
    assert not left, f"outlived its ward:\n{listed(left)}\n{run.stderr()}"
    assert port.is_free(specimen.program.port)
    assert bystander.program.serves()
    ended = [process for process in bystander.lasting() if not process.is_alive()]
    assert not ended, f"bystanders that ended:\n{listed(ended)}"
