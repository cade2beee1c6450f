"""One call of a Windows program that is waited for, with all that it printed."""

import subprocess
from dataclasses import dataclass

from support import deadline

from bed import place


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str


def call(folder, words, stdin=b"", limit_s=deadline.FALL_S, environment=None):
    """Eight bits of the status, as Linux keeps them. Line ends become those of Linux."""
    done = subprocess.run(
        [place.WITH_WINE, "wine", *map(str, words)],
        input=stdin,
        capture_output=True,
        cwd=folder,
        timeout=limit_s,
        env={**place.environment(folder), **(environment or {})},
    )
    out, err = (
        stream.decode(errors="replace").replace("\r\n", "\n")
        for stream in (done.stdout, done.stderr)
    )
    return Answer(done.returncode, out, err)
