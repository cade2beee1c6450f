"""A user who follows the cure of a message gets further. The messages and their cures are those of
docs/messages.md."""

import re
from dataclasses import dataclass

import pytest
from support.binary import REPOSITORY
from support.call import call

FAILURE = 125
PAGE = (REPOSITORY / "docs/messages.md").read_text()


@dataclass(frozen=True)
class Case:
    """`refused` and `cured` are lines of bash; the second does what `cure` says."""

    message: str  # as the page has it
    cure: str  # the words of the page, in the row of the message, that `cured` follows
    refused: str
    cured: str


CASES = [
    Case(
        "cannot use a symlink as heartbeat file",
        "give the file that it points to",
        "ln -s beat link; treefall run --heartbeat link -- true",
        "treefall run --heartbeat beat -- true",
    ),
    Case(
        "cannot use a folder as heartbeat file",
        "give a file in it",
        "mkdir beats; treefall run --heartbeat beats -- true",
        "treefall run --heartbeat beats/beat -- true",
    ),
    Case(
        "cannot use a device or pipe as heartbeat file",
        "or `--heartbeat auto`",
        "treefall run --heartbeat /dev/null -- true",
        "treefall run --heartbeat auto -- true",
    ),
    Case(
        "cannot use a heartbeat file that every user may remove:",
        "in a folder of the ward's user",
        "mkdir -m 777 open; treefall run --heartbeat open/beat -- true",
        "mkdir mine; treefall run --heartbeat mine/beat -- true",
    ),
    Case(
        "cannot choose the format of the report",
        "give a file name that ends with .json",
        "treefall run --report fall.pdf -- true",
        "treefall run --report fall.json -- true; cat fall.json >/dev/null",
    ),
    Case(
        "cannot write the file",
        "Give a file in a folder that exists",
        "treefall run --report missing/fall.txt -- true",
        "mkdir missing; treefall run --report missing/fall.txt -- true; cat missing/fall.txt >/dev/null",
    ),
    Case(
        "unknown option",
        "Use the option that the message suggests",
        "treefall run --tiemout 9s true",
        "treefall run --timeout 9s true",
    ),
    Case(
        "unknown subcommand",
        "write `treefall run -- COMMAND`",
        "treefall true",
        "treefall run -- true",
    ),
    Case("no command", "Add it at the end", "treefall run", "treefall run -- true"),
    Case(
        "would kill the tree at once",
        "leave out `--timeout`",
        "treefall run --timeout 0 true",
        "treefall run true",
    ),
    Case(
        "has an unknown unit",
        "Write a number with a unit",
        "treefall run --grace 3w true",
        "treefall run --grace 3s true",
    ),
    Case(
        "contains an unknown route",
        "Use names from the message",
        "treefall run --without wires true",
        "treefall run --without wire true",
    ),
    Case(
        "is not a signal",
        "Use a name such as `TERM`",
        "treefall run --signal STOPP true",
        "treefall run --signal TERM true",
    ),
    Case(
        "is not a pair of statuses",
        "write `--map-status 143=0`",
        "treefall run --map-status 143 -- true",
        "treefall run --map-status 143=0 -- sh -c 'exit 143'",
    ),
    Case(
        "cannot keep a program with --isolate",
        "Leave out one of the two",
        "treefall run --isolate --keep tmux true",
        "treefall run --keep tmux true",
    ),
    Case(
        "cannot watch standard input for end of input",
        "a pipe or a socket as standard input",
        "treefall run --stop-on-stdin-close true </dev/null",
        ": | treefall run --stop-on-stdin-close true",
    ),
    Case(
        "cannot watch the caller",
        "`--caller none`",
        "sh -c : & pid=$!; wait; treefall run --caller $pid true",
        "treefall run --caller none true",
    ),
    Case(
        "cannot watch a process that does not exist",
        "`treefall kill PID` can kill",
        "setsid sh -c 'echo $$ >pid; sleep 1000 >/dev/null 2>&1 &'; treefall watch --detach --pid $(cat pid)",
        "treefall kill --grace 0 $(cat pid)",
    ),
    Case(
        "cannot kill pid 1",
        "Give the pid of the service",
        "treefall kill --grace 0 1",
        "sleep 1000 >/dev/null 2>&1 & treefall kill --grace 0 $!",
    ),
    Case(
        "cannot watch treefall's own ancestor",
        "Start treefall from outside that tree",
        "treefall watch --detach --pid $$",
        "sleep 1000 >/dev/null 2>&1 & treefall watch --detach --pid $! >armed; treefall kill --grace 0 $!",
    ),
]


def row_of(message):
    said = re.compile(rf"`(?:--OPTION VALUE )?{re.escape(message)}`")
    (row,) = [line for line in PAGE.splitlines() if said.search(line.split(" | ")[0])]
    return row


@pytest.fixture
def shell(treefall, account, folder, tree):
    """Run a line of bash with treefall in its PATH; the processes that it leaves are the test's."""

    def run(line):
        return call(account, folder, ["bash", "-c", f'PATH="{treefall.parent}:$PATH"; {line}'])

    yield run
    tree.end()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.message)
def test_user_that_follows_the_cure_gets_further(shell, case):
    assert case.cure in row_of(case.message)
    refused = shell(case.refused)
    assert refused.status == FAILURE and case.message in refused.err
    cured = shell(case.cured)
    assert cured.status == 0
    assert "cannot" not in cured.err.replace(" cannot be found", "")  # what kill says of any tree


def test_user_that_lifts_the_limit_of_file_locks_gets_the_brand(shell):
    row = row_of("a limit of file locks is already set (ulimit -x, LimitLOCKS, --ulimit locks)")
    assert "Remove the limit where it is set: `ulimit -x`" in row
    doctor = 'treefall doctor --json | grep -o \'"route":"brand","armed":[a-z]*\''
    assert "false" in shell(f"ulimit -x 100; {doctor}").out
    assert "true" in shell(doctor).out
