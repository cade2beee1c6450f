"""A guard that is stopped while it works on the wire, and goes on after another one has worked on
it, closes no descriptor that is not its own, and leaves a wire that kills."""

import fcntl
import os
import signal

import pytest
from support import deadline, proc
from support.waiting import wait_until
from support.ward import Ward, Watch, partner_of

LATER = ["sh", "-c", 'read -r go; "$@" & wait', "sh"]
MEMBERS = ("plain", "session", "group")
WIRED = len(MEMBERS) + 2  # the shell, and who started the members


@pytest.fixture
def halt(programs):
    return programs.make("halt", ["-shared", "-fPIC", "-ldl"], called="halt.so")


@pytest.fixture
def beat(account, folder):
    path = folder / "beat"
    path.touch()
    account.take(path)
    return path


def is_stopped(process):
    row = proc.row(process.pid)
    return row is not None and row.state == "T"


def test_another_guard_works_on_the_wire_meanwhile(
    treefall, account, folder, tree, family, halt, beat
):
    sign = folder / "halt-here"
    ward = Ward(account, folder, [*LATER, *family.command(*MEMBERS)])
    account.await_process(ward.pid)
    tree.add(ward.process)
    options = ["--heartbeat", str(beat), "--kill-delay=2s", "--startup-grace=60s"]
    prefix = ["env", f"LD_PRELOAD={halt}", f"HALT_AT={sign}"]
    watch = Watch(treefall, account, folder, ward.pid, options, prefix)
    tree.add(watch.primary)
    partner = partner_of(watch.primary)
    tree.add(partner)

    def after_a_beat(predicate):
        def look():
            os.utime(beat)
            return predicate()

        return look

    def await_that(predicate, what):
        wait_until(after_a_beat(predicate), deadline.FALL_S, what)

    def files():
        """All that the guards hold: without the wire's anchors, and what a look opens for a moment."""
        wired = {fd for fd, flags in proc.open_flags(partner.pid).items() if flags & fcntl.FASYNC}
        held = proc.open_files(partner.pid).items()
        return {fd: to for fd, to in held if fd not in wired and not to.startswith("/proc")}

    before = files()
    sign.touch()
    account.take(sign)
    ward.tell("go")
    family.gather(*MEMBERS)
    await_that(lambda: is_stopped(watch.primary), "the primary is stopped at the wire")
    await_that(lambda: proc.wired_by(partner.pid) >= WIRED, "the partner has wired all")
    watch.primary.send(signal.SIGCONT)
    await_that(lambda: not is_stopped(watch.primary), "the primary goes on")
    await_that(lambda: before.items() <= files().items(), "no file of theirs is closed")
    await_that(lambda: proc.wired_by(partner.pid) >= WIRED, "all are on the wire")
    watch.primary.send(signal.SIGKILL)
    partner.send(signal.SIGKILL)
    assert not family.left()
    assert not tree.wait_gone()
    ward.end()
    watch.end()
