"""A program that guards itself on Windows: from start to stop, and what falls when nobody stops it."""

import json

import pytest
from support import deadline
from support.waiting import wait_until

TREE = ("plain", "orphan", "orphan2", "deaf", "detached", "console", "ownjob")
MEMBERS = ("plain", "orphan", "orphan", "deaf", "detached", "console", "jobbed", "unjobbed")


def report_in(folder):
    return json.loads(wait_until((folder / "fall.json").read_text, deadline.ANSWER_S, "a report"))


def test_from_start_to_stop(guarded, start):
    """Then nobody falls, and the end of the ward is nobody else's."""
    start.allow_leavings()
    ward = guarded("plain", "orphan").gather("plain", "orphan")
    ward.tell("gtold")
    told = ward.hear_of("told")
    assert '"armed":true' in told and '"route":"job"' in told
    ward.tell("gstop")
    assert ward.hear_of("gstop") == "0"
    ward.tell("exit 7")
    assert ward.status() == 7
    assert ward.left(0.5) == ["orphan", "plain"]


@pytest.mark.parametrize("order", ["exit 7", "abandon 7", "crash"])
def test_its_end_fells_all(guarded, folder, order):
    ward = guarded(*TREE).gather(*MEMBERS)
    ward.tell(order)
    assert ward.left() == []
    report = report_in(folder)
    assert report["trigger"] == "ward-dead" and not report["survivors"]
    assert report["counts"]["fell"] >= len(MEMBERS), json.dumps(report)


def test_silence_fells_all(guarded, folder):
    ward = guarded(*TREE, kill_delay_ms=500).gather(*MEMBERS)
    ward.tell("gbeat")
    assert ward.left() == []
    assert report_in(folder)["trigger"] == "stale"
