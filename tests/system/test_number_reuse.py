"""A member's number passes to a stranger between two system calls of a guard: see programs/reuse.c.

Each call by which a guard looks at, holds, brands or signals a member is the one before which it
happens, in each way in which a tree is killed. TREEFALL_REUSES sets how often."""

import os
import time

import pytest
from support import needs
from support.call import call

SHORT = 150
LONG = 10_000
SECONDS_EACH = 2  # generous: it takes a tenth of that


def number_of_reuses(preset):
    return int(os.environ.get("TREEFALL_REUSES", preset))


@pytest.fixture
def reuse(treefall, programs, account, folder):
    root = needs.root()
    needs.words(root, ["unshare", "--pid", "--fork", "--mount-proc"])  # as programs/reuse.c does

    def play(count, *words):
        seed = int(os.environ.get("TREEFALL_SEED", time.time_ns() % 1_000_000))
        command = [programs["reuse"], treefall, str(account.uid), str(count), str(seed), *words]
        answer = call(root, folder, command, limit_s=60 + SECONDS_EACH * count)
        if answer.status == 77:
            pytest.skip(f"not permitted here: {answer.err}")
        print(answer.out)
        assert answer.status in (0, 1), f"seed {seed}: {answer.err}"
        return Tally(answer.out, seed)

    return play


class Tally:
    """The line `total reuses N innocents N ...` as a dictionary, and each line of a failure."""

    def __init__(self, text, seed):
        lines = text.splitlines()
        words = lines[-1].split()[1:]
        self.count = dict(zip(words[::2], map(int, words[1::2])))
        self.failures = [line for line in lines if line.startswith("failed")]
        self.seed = seed


def assert_no_harm(reuse, count, *words):
    tally = reuse(count, *words)
    assert not tally.failures, f"seed {tally.seed}"
    harm = {
        word: tally.count[word] for word in ("innocents", "survivors", "branded", "false-alarms")
    }
    assert harm == {"innocents": 0, "survivors": 0, "branded": 0, "false-alarms": 0}
    assert tally.count["reuses"] >= count


def test_a_stranger_born_with_a_member_s_number_between_two_calls_lives(reuse):
    assert_no_harm(reuse, number_of_reuses(SHORT))


def test_so_it_does_where_forks_are_told_by_events(reuse):
    assert_no_harm(reuse, number_of_reuses(SHORT) // 5, "host", "only=lineage")


@pytest.mark.long
@pytest.mark.timeout(0)
def test_ten_thousand_strangers_born_with_members_numbers_live(reuse):
    assert_no_harm(reuse, number_of_reuses(LONG))
