"""Real programs that daemonize: each falls with its ward, and a copy of it outside stays.

The ward is a shell that starts the program in the program's own way, and outlives that only to be
told. The bystander is another copy, started without treefall, in a folder and on a port of its own.
"""

import itertools
import signal

import pytest
import zoo
from conftest import account_or_skip
from support import port
from support.process import Process, listed
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
    run.kill_wrapper()


def guards_are_killed(run, ward):
    run.kill_guards()


WARD_ENDINGS = (ward_exits,)
ALL_ENDINGS = (ward_exits, ward_is_killed, wrapper_is_killed, guards_are_killed)
THROUGH_ALL_ENDINGS = (zoo.Nginx, zoo.Postgres, zoo.PostgresThroughSu, zoo.Tmux, zoo.Chromium)


def cases():
    """Each program and account is one object, so that pytest shares its bystander."""
    for kind in zoo.ALL:
        endings = ALL_ENDINGS if kind in THROUGH_ALL_ENDINGS else WARD_ENDINGS
        for account_name in kind.accounts:
            copy = (kind, account_name)
            for ending in endings:
                name = f"{kind.name()}-{account_name}-{ending.__name__}"
                yield pytest.param(copy, ending, id=name)


@pytest.fixture(scope="module")
def bystander(request, place):
    """A copy that runs outside of treefall, for all endings of one program and account."""
    kind, account_name = request.param
    account = account_or_skip(account_name)
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
    yield run
    specimen.tree.end()
    run.end()


@pytest.mark.parametrize(("bystander", "ending"), list(cases()), indirect=["bystander"])
def test_zoo(bystander, specimen, run, ending):
    ward_pid, word = run.hear().split()
    assert word == UP
    specimen.wait_ready()

    ending(run, Process.open(int(ward_pid)))

    left = specimen.tree.wait_gone()
    assert not left, f"outlived its ward:\n{listed(left)}\n{run.stderr()}"
    assert port.is_free(specimen.program.port)
    assert bystander.program.serves()
    ended = [process for process in bystander.lasting() if not process.is_alive()]
    assert not ended, f"bystanders that ended:\n{listed(ended)}"
