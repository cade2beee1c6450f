"""The test bed itself: what its programs do without treefall."""

import signal

ROLES = ("plain", "orphan", "orphan2", "deaf", "detached", "console", "ownjob")
REPORTS = ("plain", "orphan", "orphan", "deaf", "detached", "console", "jobbed", "unjobbed")


def test_a_tree_outlives_its_ward_but_for_the_wards_own_job(start, programs, folder):
    ward = start([programs["ward"], folder, *ROLES])
    start.allow_leavings()
    ward.gather("ward", *REPORTS)
    ward.tell("exit 7")
    assert ward.status() == 7
    assert ward.left(0.5) == sorted(role for role in REPORTS if role != "jobbed")


def test_the_ide_closes_its_job_and_all_fall(start_ide, programs, folder):
    ide = start_ide([programs["ward"], folder, *ROLES]).gather("ward", *REPORTS)
    ide.close_job()
    ide.ended()
    assert ide.left() == []


def test_breakaway_is_denied_in_the_ides_job(start_ide, programs, folder):
    ide = start_ide([programs["ward"], folder, "breakaway"]).gather("ward")
    assert "breakaway failed 5" in ide.stderr()
    ide.close_job()
    ide.ended()


def test_the_ide_hands_on_all_32_bits(start_ide, programs, folder):
    ide = start_ide([programs["ward"], folder]).gather("ward")
    ide.say_to_command("exit 0xC000013A")
    assert ide.ended() == 0xC000013A


def test_ctrl_c_reaches_all_on_the_console_of_the_command(start_ide, programs, folder):
    ide = start_ide([programs["ward"], folder, "plain", "deaf"]).gather("ward", "plain", "deaf")
    ide.ctrl_c()
    ide.ended()
    assert ide.left(but=["deaf"]) == []
    assert ide.left(0, but=["ward", "plain"]) == ["deaf"]
    ide.close_job()
    assert ide.left() == []


def test_a_signal_of_linux_is_a_ctrl_c_to_one_process(start_ide, programs, folder):
    ide = start_ide([programs["ward"], folder, "plain"]).gather("ward", "plain")
    ide["ward"].send(signal.SIGINT)
    ide.ended()
    assert ide.left(0.5) == ["plain"]
    ide.close_job()
    assert ide.left() == []


RECYCLE_S = 240  # some hundreds of processes come and go


def test_a_number_comes_back(start, programs, folder):
    recycle = start([programs["recycle"], programs["ward"], folder, "plain"])
    start.allow_leavings()
    recycle.gather("stranger")
    number = recycle.hear_of("recycled", RECYCLE_S).split()[0]
    recycle.gather("ward", "plain")
    assert recycle.windows_pid("ward") == int(number)
