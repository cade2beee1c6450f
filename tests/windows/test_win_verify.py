"""scripts/verify-windows.cmd, which is for a real Windows: what of it Wine can show."""

from bed import place

# Wine keeps no limit of a job's processes, and its tasklist shows nothing.
NOT_UNDER_WINE = ["FAILED  --max-procs 2 lets no third process be",
                  "unseen  guards that are killed: tasklist shows nothing here"]


def test_a_line_a_promise(call_words):
    script = place.windows_path(place.REPOSITORY / "scripts/verify-windows.cmd")
    answer = call_words("cmd", "/c", script, place.windows_path(place.build_folder()))
    lines = [line for line in answer.out.splitlines() if line.startswith(("ok ", "FAILED", "unseen"))]
    assert sorted(line for line in lines if not line.startswith("ok ")) == NOT_UNDER_WINE
    assert len(lines) == 13 and answer.status == 1, answer.out


def test_without_treefall(call_words, folder):
    script = place.windows_path(place.REPOSITORY / "scripts/verify-windows.cmd")
    answer = call_words("cmd", "/c", script, place.windows_path(folder))
    assert answer.status == 125 and "no treefall.exe" in answer.out
