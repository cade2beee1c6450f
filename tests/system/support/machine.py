"""Words in front of a command that take something away from it: files, calls, limits, mounts, or
give it a namespace of its own. Where the machine does not allow that, the test is skipped."""

import os

from support import needs


def limited(**limits):
    """Resource limits, by prlimit(1)'s names."""
    return ["prlimit", *(f"--{name}={value}" for name, value in limits.items())]


def denied(programs, *calls):
    """System calls that fail: "pidfd_open=EPERM"."""
    return [programs["deny"], *calls, "--"]


def unshared(account, *options):
    """Namespaces of its own: by root's privilege, or in a user namespace."""
    user = () if account.uid == 0 and os.getuid() == 0 else ("--user", "--map-root-user")
    return needs.words(account, ["unshare", *user, *options])


def mounted(account, script):
    """A mount namespace of its own, in which `script` was run first."""
    return [*unshared(account, "--mount"), "sh", "-c", f'{script} && exec "$@"', "sh"]


def redirected(redirections):
    """Streams as a shell redirects them: "<&- >&-"."""
    return ["sh", "-c", f'exec "$@" {redirections}', "sh"]


def as_pid_1(account, *options, script="true"):
    """The command is the init of a pid namespace, with a /proc of its own."""
    namespace = unshared(account, "--pid", "--fork", "--mount-proc", *options)
    return [*namespace, "sh", "-c", f'{script} && exec "$@"', "sh"]


def in_pid_namespace(account, script='"$@"; exit $?', *options):
    """A pid namespace of its own, with the /proc of the one outside; its init is a shell."""
    namespace = unshared(account, "--pid", "--fork", "--kill-child", *options)
    return [*namespace, "sh", "-c", script, "sh"]


def in_user_namespace(account, *options):
    """Namespaces of its own in a user namespace, in which it is root, whoever it is outside."""
    return needs.words(account, ["unshare", "--user", "--map-root-user", *options])


def hiding_proc(account):
    """/proc hides what is not the account's own; it takes root to be mounted so."""
    hide = "mount -t proc -o hidepid=2 proc /proc"
    needs.words(needs.root(), ["unshare", "--mount", "sh", "-c", f'{hide} && exec "$@"', "sh"])
    drop = f"setpriv --reuid={account.uid} --regid={account.gid} --clear-groups --"
    return ["unshare", "--mount", "sh", "-c", f'{hide} && exec {drop} "$@"', "sh"]
