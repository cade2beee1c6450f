"""scripts/verify-windows.cmd, which is for a real Windows: what of it Wine can show."""

import re
import shutil

import pytest
from bed import place

# Wine keeps no limit of a job's processes.
NO_CAP = "FAILED  --max-procs 2 lets no third process be: there, not refused"
NOT_SEEN = "unseen  guards that are killed: tasklist shows nothing here"


@pytest.fixture
def verify(call_words, folder):
    """Call the script, as it was built or as it is here, with what it makes below the test's folder."""

    def verify(*words, script=None, **variables):
        script = script or place.build_folder() / "verify-windows.cmd"
        caller = folder / "caller.cmd"
        variables = {"TEMP": place.windows_path(folder), **variables}
        lines = [
            "@echo off",
            *(f'set "{name}={value}"' for name, value in variables.items()),
            " ".join(f'"{place.windows_path(word)}"' for word in (script, *words)),
        ]
        caller.write_text("\r\n".join([*lines, ""]), newline="")
        answer = call_words("cmd", "/c", place.windows_path(caller))
        return answer, [
            line for line in answer.out.splitlines() if re.match("ok |FAILED|unseen", line)
        ]

    return verify


@pytest.fixture
def tasklist(programs):
    """Where one is that shows what runs; Wine's own does not."""
    path = programs.folder / "tasklist"
    path.mkdir(exist_ok=True)
    shutil.copy(programs["tasklist"], path)
    return place.windows_path(path)


def odd(folder):
    """A name that cmd.exe takes apart wherever it stands without quotes."""
    path = folder / "a (b) & c"
    path.mkdir()
    return path


def kept(folder):
    return list(folder.rglob("treefall-verify-*"))


def without_the_cap(folder):
    """The script, in an odd folder, with all in it that holds under Wine."""
    text = (place.REPOSITORY / "scripts/verify-windows.cmd").read_bytes()
    changed = text.replace(b'"%third%" refused', b"refused refused")
    assert changed != text
    script = odd(folder) / "verify-windows.cmd"
    script.write_bytes(changed)
    return script


def test_a_line_a_promise(verify, folder, tasklist):
    answer, lines = verify(PATH=rf"{tasklist};C:\windows\system32", ERRORLEVEL=0, RANDOM=7)
    assert [line for line in lines if not line.startswith("ok ")] == [NO_CAP], answer.out
    assert len(lines) == 19 and answer.status == 1, answer.out
    [left] = kept(folder)
    assert f'1 FAILED: what was written is in "{place.windows_path(left)}"' in answer.out
    assert "tree was killed" in (left / "exit.txt").read_text()


def test_nothing_failed(verify, folder):
    script = without_the_cap(folder)
    for program in ("treefall.exe", "treefall-sentinel.exe"):
        shutil.copy(place.build_folder() / program, script.parent)
    answer, lines = verify(script=script, TEMP=place.windows_path(script.parent))
    assert [line for line in lines if not line.startswith("ok ")] == [NOT_SEEN], answer.out
    assert len(lines) == 15 and answer.status == 0 and "nothing FAILED" in answer.out, answer.out
    assert not kept(folder)


def test_without_treefall(verify, folder):
    empty = odd(folder)
    answer, lines = verify(empty, script=place.REPOSITORY / "scripts/verify-windows.cmd")
    assert f'no treefall.exe in "{place.windows_path(empty)}"' in answer.out
    assert answer.status == 125 and not lines and not kept(folder)


def test_its_lines_end_as_those_of_windows():
    """cmd.exe misses labels where they do not."""
    text = (place.build_folder() / "verify-windows.cmd").read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n")
