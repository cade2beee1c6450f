"""A line of treefall's own that no process reads decides nothing, holds up nothing, and raises no
signal that the command would get."""

import fcntl
import os
import pty
import signal
import socket
from contextlib import contextmanager

import pytest
from support import deadline
from support.ward import partner_of

MEMBERS = ("session",)
TIMED_OUT = 124


def fill(fd):
    """Write until it takes no more; it blocks its other writers again afterwards."""
    flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    for size in 4096, 1:
        try:
            while True:
                os.write(fd, b"x" * size)
        except BlockingIOError:
            pass
    fcntl.fcntl(fd, fcntl.F_SETFL, flags)


@contextmanager
def broken_pipe(account):
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@contextmanager
def full_pipe(account):
    reader, writer = os.pipe()
    fill(writer)
    yield writer
    os.close(reader)
    os.close(writer)


@contextmanager
def full_named_pipe(account):
    """Not a pipe of the test's: the account may open it."""
    path = f"/tmp/tf-fifo-{os.getpid()}-{account.uid}"
    os.mkfifo(path)
    account.take(path)
    both = os.open(path, os.O_RDWR)
    os.unlink(path)
    fill(both)
    yield both
    os.close(both)


@contextmanager
def full_socket(account):
    near, far = socket.socketpair()
    with near, far:
        fill(near.fileno())
        yield near.fileno()


@contextmanager
def full_terminal(account):
    master, slave = pty.openpty()
    fill(slave)
    yield slave
    os.close(slave)
    os.close(master)


UNREAD = (broken_pipe, full_pipe, full_named_pipe, full_socket, full_terminal)
every_unread = pytest.mark.parametrize("unread", UNREAD, ids=lambda unread: unread.__name__)


@pytest.fixture
def start(treefall, start_ward):
    """A call of treefall whose stderr, or whatever else is named, is what no process reads."""
    return lambda words, **streams: start_ward(
        [treefall, *words], start_new_session=True, **streams
    )


def status_of(call):
    assert call.process.wait_gone(deadline.FALL_S), "treefall hangs"
    return call.popen.wait()


@every_unread
def test_run_keeps_its_timeout(start, account, family, tree, unread):
    with unread(account) as stream:
        run = start(
            ["run", "-v", "--timeout=300ms", "--", *family.command(*MEMBERS)], stderr=stream
        )
        family.gather(*MEMBERS)
        assert status_of(run) == TIMED_OUT
    assert not family.left()
    assert not tree.wait_gone()


def test_command_gets_no_sigpipe_that_treefall_raised(start, account, listener):
    with broken_pipe(account) as stream:
        run = start(["run", "-v", "--", *listener.command("15=0")], stderr=stream)
        listener.gather()
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM):
            run.process.send(number)
            assert listener.hear() == ("got", number)
        assert status_of(run) == 0


def test_command_gets_the_sigpipe_of_another_process(start, account, listener):
    with broken_pipe(account) as stream:
        run = start(["run", "-v", "--", *listener.command("15=0")], stderr=stream)
        listener.gather()
        for number in (signal.SIGPIPE, signal.SIGTERM):
            run.process.send(number)
            assert listener.hear() == ("got", number)
        assert status_of(run) == 0


@every_unread
@pytest.mark.parametrize("options", [[], ["--detach"]], ids=["foreground", "detached"])
def test_watch_kills_with_the_ward(start, account, ward, family, tree, unread, options):
    with unread(account) as stream:
        watch = start(
            ["watch", "--pid", str(ward.pid), "-v", *options], stdout=stream, stderr=stream
        )
        if options:
            assert status_of(watch) == 0
        else:
            tree.add(partner_of(watch.process))
        ward.process.send(signal.SIGKILL)
        assert not family.left()
        assert status_of(watch) == 0
    assert not tree.wait_gone()


@every_unread
def test_kill_kills(start, account, ward, family, tree, unread):
    """What it prints comes last, and waits for its reader as any program's output does."""
    with unread(account) as stream:
        call = start(["kill", "--grace=0", str(ward.pid)], stdout=stream, stderr=stream)
        assert not family.left()
        if unread is broken_pipe:
            assert status_of(call) > 0


@pytest.mark.parametrize(
    "words", [["doctor"], ["--help"], ["tree", "1"]], ids=lambda words: words[0]
)
def test_output_into_a_broken_pipe_is_a_failure_and_no_signal(start, account, words):
    with broken_pipe(account) as stream:
        assert status_of(start(words, stdout=stream)) == 125
