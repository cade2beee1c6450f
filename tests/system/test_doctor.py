"""What `treefall doctor` says of a machine that lacks something, and what helps there."""

import json
import os
import shutil

import pytest
from support import leavings
from support.machine import denied, in_pid_namespace, mounted

FAILURE = 125

pytestmark = pytest.mark.usefixtures("tree")


@pytest.fixture
def examine(call):
    """The doctor's answer to programs: its routes and its checks by name, and its exit status."""

    def start(prefix=()):
        answer = call("doctor", "--json", prefix=prefix)
        told = json.loads(answer.out)
        told["routes"] = {row["route"]: row for row in told["guarantee"]}
        told["checks"] = {check["check"]: check for check in told["checks"]}
        told["status"] = answer.status
        return told

    return start


def cgroup_mount():
    if not leavings.has_cgroups():
        pytest.skip("there is no cgroup v2 here, or ours cannot be written to")
    return leavings.cgroup_mount()


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
def test_root_is_not_told_to_become_root_when_cgroups_are_read_only(examine, account):
    script = f"mount -o remount,bind,ro {cgroup_mount()}"
    told = examine(mounted(account, script))
    cgroup = told["routes"]["cgroup"]
    assert not cgroup["armed"] and "read-only" in cgroup["why_not"]
    assert "as root" not in cgroup["remedy"]
    assert not told["checks"]["process limit"]["ok"]


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
def test_missing_cgroup_mount_is_named(examine, account):
    cgroup_mount()
    told = examine(mounted(account, "mount -t tmpfs none /sys/fs/cgroup"))
    assert "no cgroup v2 is mounted" in told["routes"]["cgroup"]["why_not"]
    assert "as root" not in told["routes"]["cgroup"]["remedy"]


@pytest.mark.parametrize("account", ["as_user"], indirect=True)
def test_user_is_told_what_gives_a_cgroup(examine):
    cgroup_mount()
    cgroup = examine()["routes"]["cgroup"]
    assert cgroup["armed"] or "Delegate=yes" in cgroup["remedy"]


def test_doctor_and_run_agree_on_isolate_and_max_procs(examine, call):
    checks = examine()["checks"]
    for check, option in (("pid namespaces", "--isolate"), ("process limit", "--max-procs=50")):
        assert checks[check]["ok"] is (call("run", option, "--", "true").status == 0)


def test_doctor_and_run_agree_on_isolate_where_it_is_forbidden(examine, call, account):
    limit = (
        mounted(account, "echo 0 >/proc/sys/user/max_pid_namespaces") if account.uid == 0 else None
    )
    if limit is None:
        pytest.skip("the limit is root's to set")
    prefix = ["unshare", "--user", "--map-root-user", *limit]
    assert not examine(prefix)["checks"]["pid namespaces"]["ok"]
    assert call("run", "--isolate", "--", "true", prefix=prefix).status == FAILURE


@pytest.mark.parametrize("words", [["doctor"], ["doctor", "--json"]], ids=" ".join)
def test_doctor_fails_where_nothing_can_be_guaranteed(call, programs, words):
    filtered = denied(programs, "pidfd_open=EPERM")
    assert call(*words, prefix=filtered).status == FAILURE
    assert call("run", "--", "true", prefix=filtered).status == FAILURE


@pytest.mark.parametrize("words", [["doctor"], ["doctor", "--json"]], ids=" ".join)
def test_doctor_fails_where_run_finds_nothing(call, programs, account, words):
    """Neither a /proc of its own, nor brand or cgroup."""
    prefix = [*in_pid_namespace(account), *denied(programs, "prlimit64=EPERM")]
    if account.uid == 0:
        prefix = [*mounted(account, "mount -t tmpfs none /sys/fs/cgroup"), *prefix]
    assert call("run", "--", "true", prefix=prefix).status == FAILURE
    assert call(*words, prefix=prefix).status == FAILURE


def test_filter_is_named_where_a_filter_is_the_reason(examine, programs):
    told = examine(denied(programs, "prlimit64=EPERM", "prctl=EPERM"))
    assert "prlimit64" in told["routes"]["brand"]["remedy"]
    assert "prctl" in told["routes"]["subreaper"]["remedy"]
    assert told["routes"]["wire"]["armed"] or "mount" not in (
        told["routes"]["wire"]["remedy"] or ""
    )


def test_events_are_not_offered_to_root_in_a_container(examine, account):
    events = examine(in_pid_namespace(account, '"$@"; exit $?', "--mount-proc"))["routes"]["events"]
    assert "outside the container" in events["remedy"] and "as root" not in events["remedy"]


def test_emulator_is_named_as_the_reason(examine, call):
    emulator = shutil.which(f"qemu-{os.uname().machine}")
    if not emulator:
        pytest.skip("qemu-user is not installed")
    told = examine([emulator])
    assert told["checks"]["native machine"]["ok"] is False
    assert {row["remedy"] for row in told["guarantee"]} == {None}
    bad = [check for check in told["checks"].values() if not check["ok"]]
    assert all("built for this machine" in check["advice"] for check in bad)
    assert "To get a stronger one" not in call("doctor", prefix=[emulator]).out
