"""One call of treefall that is waited for, with all that it printed."""

import subprocess
from dataclasses import dataclass

from support import deadline


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def complaint(self):
        """The one line on stderr; fails if there is none or more."""
        lines = self.err.splitlines()
        assert len(lines) == 1 and self.err.endswith("\n"), f"not one line: {self.err!r}"
        return lines[0]


def call(
    account, folder, words, *, stdin=b"", prefix=(), environment=None, limit_s=deadline.FALL_S
):
    """Run `words` as the account; `prefix` are words in front, run by the account as well."""
    done = subprocess.run(
        account.command([*prefix, *words]),
        input=stdin,
        capture_output=True,
        cwd=folder,
        env={**account.environment(folder), **(environment or {})},
        timeout=limit_s,
    )
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return Answer(
        status, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    )
