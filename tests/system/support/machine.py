"""Words in front of a command that take something away from it: files, calls, limits, mounts, or
give it a namespace of its own. Where the machine does not allow that, the test is skipped."""

import os
import shlex

from support import account as accounts
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


def prepared(account, script):
    """A mount namespace that `script` made ready, as root where the suite is root; then the account's."""
    if os.getuid() == 0:
        drop = f"setpriv --reuid={account.uid} --regid={account.gid} --clear-groups --"
        namespace = ["unshare", "--mount"]
    else:
        drop = ""
        namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    words = [*namespace, "sh", "-c", f'{{ {script}; }} && exec {drop} "$@"', "sh"]
    return needs.words(accounts.own(), words)


def laid_over(*folders):
    """Shell text: these folders' files are the machine's, the first one's before the others'."""
    mounts = []
    for name in ("usr", "etc"):
        layers = ":".join(str(folder / name) for folder in folders if (folder / name).is_dir())
        if layers:
            options = shlex.quote(f"lowerdir={layers}:/{name}")
            mounts.append(f"mount -t overlay overlay -o {options} /{name}")
    return " && ".join(mounts) or "true"


def hiding_proc(account):
    """/proc hides what is not the account's own; it takes root to be mounted so."""
    needs.root()
    return prepared(account, "mount -t proc -o hidepid=2 proc /proc")
