"""The one place where a test polls, for what the kernel reports no event of."""

import select
import time

STEP_S = 0.01


def wait_until(predicate, deadline_s, what):
    """Return the first true answer of `predicate`; fail with `what` after `deadline_s`.

    An OSError counts as "not yet": a port that refuses, a file that is not there.
    """
    end = time.monotonic() + deadline_s
    last_error = None
    while True:
        try:
            answer = predicate()
            if answer:
                return answer
        except OSError as error:
            last_error = error
        if time.monotonic() >= end:
            raise AssertionError(
                f"not within {deadline_s:g} s: {what} ({last_error or 'no error'})"
            )
        time.sleep(STEP_S)


def is_readable(fd, deadline_s):
    """Whether it can be read within the deadline. Not by select(2), which knows 1024 numbers."""
    poller = select.poll()
    poller.register(fd, select.POLLIN)
    return bool(poller.poll(deadline_s * 1000))
