"""The exit status of `treefall run`: the command's own, and the few that are treefall's."""

import signal

import pytest

STATUSES = (0, 1, 7, 124, 125, 126, 127, 128, 200, 255)
DEADLY = (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGUSR1)


@pytest.mark.parametrize("status", STATUSES)
def test_the_command_s_own(call, status):
    assert call("run", "--", "sh", "-c", f"exit {status}").status == status


@pytest.mark.parametrize("number", DEADLY, ids=lambda number: number.name)
def test_128_and_the_signal_that_killed_it(call, number):
    answer = call("run", "--", "sh", "-c", f"ulimit -c 0; kill -{number.value} $$")
    assert (answer.status, answer.out, answer.err) == (128 + number, "", "")


def test_127_when_it_is_not_found(call):
    answer = call("run", "--", "no-such-command-anywhere")
    assert answer.status == 127
    assert "no-such-command-anywhere" in answer.complaint


def test_126_when_it_is_not_executable(call, folder):
    (folder / "text").write_text("no program\n")
    answer = call("run", "--", "./text")
    assert answer.status == 126
    assert "./text" in answer.complaint


def test_126_when_it_is_a_folder(call):
    answer = call("run", "--", "/")
    assert answer.status == 126
    assert answer.complaint


def test_124_when_the_time_is_over(call):
    assert call("run", "--timeout", "100ms", "--", "sleep", "1000").status == 124


def test_124_even_if_the_asked_command_ends_well(call):
    command = "trap 'exit 0' TERM; sleep 1000 & wait"
    assert call("run", "--timeout", "1s", "--", "sh", "-c", command).status == 124


def test_preserve_status_keeps_what_the_asked_command_said(call):
    command = "trap 'exit 9' TERM; sleep 1000 & wait"
    words = ["run", "--preserve-status", "--timeout", "1s", "--", "sh", "-c", command]
    assert call(*words).status == 9


def test_preserve_status_of_a_killed_command(call):
    words = ["run", "--preserve-status", "--timeout", "100ms", "--", "sleep", "1000"]
    assert call(*words).status == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    "options, own, expected",
    [
        (["--map-status", "143=0"], "kill -TERM $$", 0),
        (["--map-status", "3=4"], "exit 3", 4),
        (["--map-status", "0xfF=0x4"], "exit 255", 4),
        (["--map-status", "3=4"], "exit 5", 5),
        (["--map-status", "3=4", "--map-status", "4=5"], "exit 3", 4),
        (["--map-status", "3=4", "--map-status", "3=6"], "exit 3", 6),
    ],
)
def test_mapped(call, options, own, expected):
    assert call("run", *options, "--", "sh", "-c", own).status == expected


def test_the_status_of_a_time_out_can_be_mapped(call):
    options = ["--timeout", "100ms", "--map-status", "124=0"]
    assert call("run", *options, "--", "sleep", "1000").status == 0


def test_what_a_descendant_ends_with_counts_for_nothing(call):
    assert call("run", "--", "sh", "-c", "(exit 9) & wait; exit 0").status == 0
