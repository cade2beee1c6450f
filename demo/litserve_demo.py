"""`make run`: what SIGKILL of a real server's main process leaves behind, without treefall and
with it, side by side. Ends with 0 when both halves showed what they should, else with 1."""

import json
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from launched import DemoError, LaunchedServer
from screen import DIM, GREEN, RED, heading, progress, side_by_side
from witness import wait_until_ended

ROOT = Path(__file__).resolve().parent.parent
TREEFALL = ROOT / "build/treefall"
REPORT = ROOT / "build/demo-report.txt"
REPORT_JSON = ROOT / "build/demo-report.json"
UNDER_TREEFALL = [TREEFALL, "run", "--report", REPORT, "--report", REPORT_JSON, "--"]
ORPHANS = {"SyncManager", "resource_tracker", "inference worker", "uvicorn worker"}
WAIT_S = 2.0  # orphans that live this long after main's end will not go by themselves
QUESTION = {"x": 20}


@dataclass
class Half:
    """What one half showed."""

    main_pid: int
    port: int
    answer: dict
    processes: list  # (pid, role, still alive) of all but main
    guards_left: list  # pids of treefall's own
    took_ms: float  # from the kill until none was alive, or until we gave up
    port_held: bool
    status: int  # of what we launched

    @property
    def left(self):
        return [role for _, role, alive in self.processes if alive]


def main():
    if not TREEFALL.exists():
        raise DemoError("build/treefall is missing: run `make build` first")
    for report in (REPORT, REPORT_JSON):
        report.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="treefall-demo-") as folder:
        without = play("without treefall", [], Path(folder))
        guarded = play("under treefall run", UNDER_TREEFALL, Path(folder))
    heading("A LitServe server whose main process got SIGKILL")
    side_by_side(("without treefall", rows(without)), ("with treefall run", rows(guarded)))
    heading("treefall's own report")
    print(REPORT.read_text().rstrip())
    judge(without, guarded, json.loads(REPORT_JSON.read_text()))


def play(title, prefix, folder):
    """One half: start, ask, kill main, look what is left; then clean up."""
    progress(f"starting a LitServe server {title}")
    with LaunchedServer(prefix, folder) as server:
        server.wait_until_ready()
        progress(f"asking it over HTTP: POST /predict {json.dumps(QUESTION)}")
        answer = server.ask(QUESTION)
        progress(f"it answered {json.dumps(answer)}; sending SIGKILL to its main process")
        server.witness()
        left, took_ms = kill_main(server.tree)
        server.ends_within(WAIT_S)
        left += wait_until_ended(server.guards, WAIT_S)
        return Half(
            main_pid=server.tree[0].pid,
            port=server.port,
            answer=answer,
            processes=[(one.pid, one.role, one in left) for one in server.tree[1:]],
            guards_left=[one.pid for one in left if one in server.guards],
            took_ms=took_ms,
            port_held=server.holds_port(),
            status=server.launcher.returncode,
        )


def kill_main(tree):
    """Kills main. Returns the processes that are left, and the time until none was."""
    start = time.monotonic()
    tree[0].kill()
    left = wait_until_ended(tree, WAIT_S)
    return left, 1000 * (time.monotonic() - start)


def rows(half):
    yield None, f"POST {json.dumps(QUESTION)} -> {json.dumps(half.answer)}"
    yield None, f"SIGKILL to main, pid {half.main_pid}"
    yield None, ""
    for pid, role, alive in half.processes:
        yield (RED if alive else DIM), f"{pid:>7}  {role:<16}  {'alive' if alive else 'gone'}"
    yield None, ""
    yield verdict(half)
    yield (RED, "port still bound") if half.port_held else (GREEN, "port free")


def verdict(half):
    if half.left:
        return RED, f"{len(half.left)} orphans, {half.took_ms / 1000:.0f} s after the kill"
    return GREEN, f"none alive {half.took_ms:.1f} ms after the kill"


def judge(without, guarded, report):
    """Raises unless both halves showed what they should."""
    tree = {pid for pid, _, _ in guarded.processes}
    strangers = [row for row in report["fallen"] if row["pid"] not in tree]
    expectations = [
        (set(without.left) == ORPHANS, f"four orphans without treefall, not {without.left}"),
        (without.port_held, "the port still bound without treefall"),
        (not guarded.left, f"nothing left with treefall, not {guarded.left}"),
        (not guarded.guards_left, f"treefall itself to be gone, not pids {guarded.guards_left}"),
        (not guarded.port_held, "the port free with treefall"),
        (guarded.status == 128 + signal.SIGKILL, f"status 137 of treefall, not {guarded.status}"),
        (report["trigger"] == "ward-dead", f"trigger ward-dead, not {report['trigger']}"),
        (not strangers, f"only the server's processes killed, not {strangers}"),
        (not report["survivors"], f"no survivors in the report, not {report['survivors']}"),
    ]
    for met, expectation in expectations:
        if not met:
            raise DemoError(f"expected {expectation}")


if __name__ == "__main__":
    try:
        main()
    except (DemoError, OSError, psutil.Error) as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit("demo: interrupted; both servers are cleaned up")
