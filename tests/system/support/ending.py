"""The ways in which a guarded tree comes to its end."""

import signal

OWN_STATUS = 7


def ward_exits(run, family):
    run.tell(f"exit {OWN_STATUS}")
    assert run.status() == OWN_STATUS


def ward_is_killed(run, family):
    family.ward.send(signal.SIGKILL)
    assert run.status() == 128 + signal.SIGKILL


def wrapper_is_asked(run, family):
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGTERM


def wrapper_is_killed(run, family):
    kill_together(run.wrapper)


def sentinel_is_killed(run, family):
    kill_together(run.sentinel())
    assert run.status() == 128 + signal.SIGKILL


def both_are_killed(run, family):
    kill_together(*run.guards())


def both_are_killed_sentinel_first(run, family):
    kill_together(*reversed(run.guards()))


def all_three_are_killed(run, family):
    kill_together(*run.guards(), run.reserve())


def kill_together(*processes):
    """Back to back: nothing but the system calls in between. If we lose the processor there, a guard
    may already have done its work and be gone."""
    send, number = signal.pidfd_send_signal, signal.SIGKILL
    for pidfd in [process.pidfd for process in processes]:
        try:
            send(pidfd, number)
        except ProcessLookupError:
            continue


# The wrapper, who is the tree's subreaper, does not outlive these.
BY_THE_SENTINEL = (wrapper_is_killed, both_are_killed, both_are_killed_sentinel_first)

# Some of treefall outlives these.
BY_GUARDS = (
    ward_exits,
    ward_is_killed,
    wrapper_is_asked,
    wrapper_is_killed,
    sentinel_is_killed,
    both_are_killed,
    both_are_killed_sentinel_first,
)
