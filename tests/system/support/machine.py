"""Words in front of a command that take something away from it: files, calls, limits, mounts."""

import os


def limited(**limits):
    """Resource limits, by prlimit(1)'s names."""
    return ["prlimit", *(f"--{name}={value}" for name, value in limits.items())]


def denied(programs, *calls):
    """System calls that fail: "pidfd_open=EPERM"."""
    return [programs["deny"], *calls, "--"]


def mounted(account, script):
    """A mount namespace of its own, in which `script` was run first."""
    unshare = ["unshare", "-m"] if account.uid == 0 else ["unshare", "-Urm"]
    return [*unshare, "sh", "-c", f'{script} && exec "$@"', "sh"]


def redirected(redirections):
    """Streams as a shell redirects them: "<&- >&-"."""
    return ["sh", "-c", f'exec "$@" {redirections}', "sh"]


def as_pid_1(account, *options, script="true"):
    """The command is the init of a pid namespace, with a /proc of its own."""
    user = () if account.uid == 0 and os.getuid() == 0 else ("-Ur",)
    unshare = ["unshare", *user, "--pid", "--fork", "--mount-proc", *options]
    return [*unshare, "sh", "-c", f'{script} && exec "$@"', "sh"]


def in_pid_namespace(account, script='"$@"; exit $?', *options):
    """A pid namespace of its own, with the /proc of the one outside; its init is a shell."""
    user = () if account.uid == 0 and os.getuid() == 0 else ("-Ur",)
    return ["unshare", *user, "--pid", "--fork", "--kill-child", *options, "sh", "-c", script, "sh"]


def hiding_proc(account):
    """/proc hides what is not the account's own; it takes root to be mounted so."""
    drop = f"setpriv --reuid={account.uid} --regid={account.gid} --clear-groups --"
    script = f'mount -t proc -o hidepid=2 proc /proc && exec {drop} "$@"'
    return ["unshare", "-m", "sh", "-c", script, "sh"]
