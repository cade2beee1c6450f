"""`treefall run` on Windows: statuses, what falls and when, the console's keys."""

import signal

import pytest
from bed import place
from bed.tree import WineTree
from support import deadline
from support.process import listed
from support.waiting import wait_until
from test_win_guards import sentinel_of
from test_win_library import MEMBERS, TREE, report_in


def gather(run, **settings):
    """A ward whose tree has one of each kind."""
    ward = run(**settings)
    for role in TREE:
        ward.tell(f"start {role}")
    return ward.gather(*MEMBERS)


CONTROL_C_EXIT = 0xC000013A


# ---- statuses ----------------------------------------------------------------------------------


def test_the_status_is_the_commands(call):
    assert call("run", "--", "cmd", "/c", "exit 7").status == 7


def test_all_32_bits_of_it(call, treefall):
    script = f"{place.windows_path(treefall)} run -- cmd /c exit 305419896 & echo !errorlevel!"
    answer = call("run", "--", "cmd", "/v:on", "/c", script)
    assert "305419896" in answer.out


@pytest.mark.parametrize("status", [CONTROL_C_EXIT, 0xFFFFFFFF])
def test_a_status_is_whole(start_ide, treefall, programs, folder, status):
    """All 32 bits, in the end and in the report."""
    program = place.windows_path(programs["ward"])
    ide = start_ide([treefall, "run", "--report", "fall.json", "--", program, folder]).gather(
        "ward"
    )
    ide.say_to_command(f"exit {status}")
    assert ide.ended() == status
    report = report_in(folder)
    assert (report["ward"]["status"], report["exit_status"]) == (status, status)


def test_any_status_is_mapped(start_ide, treefall, programs, folder):
    """That of a Ctrl+C, and to one that has all bits, too."""
    program = place.windows_path(programs["ward"])
    options = ["--map-status=0xC000013A=4294967290", "--map-status=4294967290=7"]
    ide = start_ide([treefall, "run", *options, "--", program, folder]).gather("ward")
    ide.say_to_command(f"exit {CONTROL_C_EXIT}")
    assert ide.ended() == 0xFFFFFFFA


def test_what_is_no_status(call):
    answer = call("run", "--map-status=0x100000000=0", "--", "x")
    assert answer.status == 125 and "a status is 0 to 4294967295. See" in answer.err, answer


@pytest.mark.parametrize(
    "words, status, said",
    [
        (["nonesuch"], 127, "cannot execute nonesuch"),
        (["C:\\windows\\win.ini"], 126, "cannot execute"),
        (["C:\\windows"], 127, "cannot execute"),
    ],
)
def test_what_cannot_be_run(call, words, status, said):
    answer = call("run", "--", *words)
    assert answer.status == status and said in answer.err and answer.err.count("\n") == 1


@pytest.mark.parametrize(
    "word, said",
    [
        ("--isolate", "Windows has no pid namespaces"),
        ("--notify", "this system has no such sockets"),
        ("--signal=HUP", "a signal is TERM, INT, BREAK or KILL."),
        ("--isolat", "unknown option --isolat. See"),
    ],
)
def test_what_windows_has_not(call, word, said):
    answer = call("run", word, "--", "cmd", "/c", "exit 3")
    assert answer.status == 125 and said in answer.err and answer.err.count("\n") == 1, answer


@pytest.mark.parametrize("words", [["run"], ["watch"], ["kill"], ["tree"], ["doctor"], []])
def test_help_tells_what_there_is(call, words):
    told = call(*words, "--help").out
    absent = ("--isolate", "--notify", "--group", "--foreground", "RTMIN", "SIGKILL", "treefall(1)")
    assert told.startswith("Usage:") and not [word for word in absent if word in told], told
    assert "docs/windows.md" in told or words
    assert "Containment:\n      --max-procs" in told or words != ["run"]


def test_words_arrive_as_they_are(call):
    words = [
        "plain",
        "two words",
        'a "quoted" one',
        "back\\slash\\",
        "\\\\",
        "",
        "täst—",
        "%PATH%",
        "^&|<>",
    ]
    script = "import sys; sys.stdout.buffer.write('\\n'.join(sys.argv[1:]).encode())"
    answer = call("run", "--", place.windows_path(place.PYTHON), "-c", script, *words)
    assert answer.out.split("\n") == words, answer.err


def test_a_batch_file(call, folder):
    (folder / "script.cmd").write_text("@echo off\r\necho got %1 and %2\r\nexit /b 5\r\n")
    answer = call("run", "--", "script", "one", "two words")
    assert (answer.status, answer.out.strip()) == (5, 'got "one" and "two words"')


@pytest.mark.parametrize("ending", ["", ".", ". ."])
@pytest.mark.parametrize("word", ['"&calc.exe', "%CD%", "!x!"])
def test_a_batch_file_gets_nothing_that_cmd_takes_apart(call, folder, word, ending):
    """Windows leaves out dots and spaces at the end of a name."""
    (folder / "script.cmd").write_text("@echo ran\r\n")
    answer = call("run", "--", ".\\script.cmd" + ending, word)
    assert "ran" not in answer.out and answer.status == 126, answer
    assert "batch file" in answer.err


def test_input_and_output_are_the_commands_own(call):
    script = "import sys; sys.stdout.write(sys.stdin.read().upper()); sys.stderr.write('err')"
    answer = call("run", "--", place.windows_path(place.PYTHON), "-c", script, stdin=b"hello")
    assert (answer.status, answer.out, answer.err) == (0, "HELLO", "err")


# ---- what falls --------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["exit 7", "abandon 7"])
def test_its_end_fells_all(run, folder, order):
    ward = gather(run)
    ward.tell(order)
    assert ward.left() == []
    assert ward.status() == 7
    report = report_in(folder)
    assert report["trigger"] == "ward-dead" and not report["survivors"]
    assert report["counts"]["fell"] >= len(MEMBERS) and report["escape"] == "no-job"


def test_a_crash(run):
    """0xC0000005; Linux keeps the last eight bits."""
    ward = run()
    ward.tell("crash")
    assert ward.status() == 5


def test_a_guard_in_a_guard(start, programs, folder, treefall):
    inner = [
        place.windows_path(treefall),
        "run",
        "--",
        place.windows_path(programs["ward"]),
        folder,
    ]
    ward = start([treefall, "run", "--", *inner, "plain"]).gather("ward", "plain")
    ward.tell("exit 9")
    assert ward.left() == [] and ward.status() == 9


def wrapper_of(folder):
    living = WineTree.of_folder(folder).record().living()
    (wrapper,) = [
        each
        for each in living
        if "treefall.exe" in each.command_line and "run" in each.command_line
    ]
    return wrapper


def test_the_wrapper_is_killed(run, folder):
    ward = gather(run)
    wrapper_of(folder).send(signal.SIGKILL)
    assert ward.left() == []
    report = report_in(folder)
    assert (report["trigger"], report["written_by"]) == ("guard-lost", "sentinel")
    assert "ward" in report["ward"]["command"]


def test_the_sentinel_is_killed(run, folder):
    ward = gather(run)
    sentinel_of(folder).send(signal.SIGKILL)
    assert ward.left() == []
    assert report_in(folder)["trigger"] == "guard-lost"


def test_the_sentinel_is_replaced(run, folder):
    ward = gather(run, options=["--on-sentinel-loss=replace", "--verbose"])
    first = sentinel_of(folder)
    first.send(signal.SIGKILL)
    wait_until(
        lambda: "a new one was started" in ward.stderr(),
        deadline.START_S,
        "word of another sentinel",
    )
    second = sentinel_of(folder)
    assert second.pid != first.pid
    wrapper_of(folder).send(signal.SIGKILL)
    assert ward.left() == []
    assert second.wait_gone(deadline.FALL_S)


def test_both_guards_are_killed(run, folder):
    ward = gather(run)
    for guard in (sentinel_of(folder), wrapper_of(folder)):
        guard.send(signal.SIGKILL)
    assert ward.left() == []


def test_the_caller_dies(start_ide, treefall, programs, folder):
    """An IDE that is killed, whose job does not hold the wrapper."""
    ide = start_ide([treefall, "run", "--", place.windows_path(programs["ward"]), folder, "plain"])
    ide.gather("ward", "plain")
    ide.process.send(signal.SIGKILL)
    assert ide.left() == []


def test_a_kept_one_is_named_by_its_command_line(run, start):
    start.allow_leavings()
    ward = run("plain", options=["--keep=*\\\\ward.exe*plain*"])
    ward.tell("exit 3")
    assert ward.status() == 3
    assert ward.left(0.5) == ["plain"]


@pytest.mark.parametrize("options", [(), ("--max-procs=50",)], ids=["", "capped"])
def test_kept_ones_stay(run, start, folder, options):
    start.allow_leavings()
    ward = run("plain", options=["--keep=ward.exe", *options])
    ward.tell("exit 3")
    assert ward.status() == 3
    assert ward.left(0.5) == ["plain"]


def test_out_of_time(run, folder):
    ward = run("plain", options=["--timeout=1s", "--grace=0"])
    assert ward.left() == []
    assert ward.status() == 124
    assert report_in(folder)["trigger"] == "timeout"


def test_who_cannot_be_asked_is_not_waited_for(run):
    """It has no window, and no console."""
    ward = run("deaf", options=["--timeout=1s", "--grace=1h"])
    assert ward.left() == [] and ward.status() == 124


def test_a_console_without_others_gets_ctrl_c(start_ide, treefall, programs, folder):
    program = place.windows_path(programs["ward"])
    ide = start_ide([treefall, "run", "--timeout=2s", "--grace=3s", "--", program, folder, "plain"])
    ide.gather("ward", "plain")
    ide.say_to_command("refuse")
    ide.await_output("heard 0")
    assert not ide["ward"].wait_gone(1)
    assert ide.left() == [] and ide.ended() == 124


def test_a_console_with_others_gets_none(start_ide, treefall, programs, folder):
    """The shell around it would hear it, too."""
    program = place.windows_path(programs["ward"])
    script = f"{place.windows_path(treefall)} run --timeout=1s --grace=1h -- {program} {folder}"
    ide = start_ide(["cmd", "/c", script])
    ide.gather("ward")
    ide.say_to_command("refuse")
    assert ide.left() == []
    assert "heard" not in ide.stderr() and ide.ended() == 124


def test_a_window_is_asked_to_close(start, programs, folder, call):
    ward = start([programs["ward"], folder, "window"]).gather("ward", "window")
    answer = call("kill", "--grace=1h", str(ward.windows_pid("window")))
    assert ward.hear_of("closed") == "" and answer.status == 0
    ward.tell("exit 0")


def test_leftovers_that_end_are_not_waited_for(run):
    """They are asked by their window, and do as they are asked."""
    ward = run("window", options=["--exit-grace=1h"])
    ward.tell("exit 6")
    assert ward.status() == 6
    assert ward.hear_of("closed") == ""


def test_no_fall_on_exit(run):
    ward = run("orphan", options=["--no-fall-on-exit"])
    ward.tell("exit 6")
    assert not ward.process.wait_gone(1)
    ward["orphan"].send(signal.SIGKILL)
    assert ward.status() == 6


# ---- the console -------------------------------------------------------------------------------


@pytest.mark.parametrize("console", ["own", "none", "parent"])
def test_whatever_the_console(start_ide, treefall, programs, folder, console):
    program = place.windows_path(programs["ward"])
    ide = start_ide(
        [treefall, "run", "--", program, folder, "plain"], options=[f"--console={console}"]
    )
    ide.gather("ward", "plain")
    ide.say_to_command("say ready")
    ide.await_output("ready")
    ide.say_to_command("exit 7")
    assert ide.left() == [] and ide.ended() == 7


def test_ctrl_c_ends_it(start_ide, treefall, programs, folder):
    ide = start_ide([treefall, "run", "--", place.windows_path(programs["ward"]), folder, "plain"])
    ide.gather("ward", "plain")
    ide.ctrl_c()
    assert ide.ended() & 0xFFFFFFFF in (CONTROL_C_EXIT, 0)  # Wine's own handler ends with 0
    assert ide.left() == []


def test_ctrl_c_twice(start_ide, treefall, programs, folder):
    """The first is the command's, which may use it as it likes; the second forces."""
    ide = start_ide(
        [treefall, "run", "--grace=1h", "--", place.windows_path(programs["ward"]), folder, "deaf"]
    )
    ide.gather("ward", "deaf")
    ide.say_to_command("refuse")
    ide.say_to_command("say ready")
    ide.await_output("ready")
    ide.ctrl_c()
    ide.await_output("heard 0")
    assert not ide["ward"].wait_gone(0.5)
    ide.ctrl_c()
    assert ide.left() == []
    assert ide.ended() == 137


# ---- kill, tree --------------------------------------------------------------------------------


def test_kill(start, programs, folder, call):
    ward = start([programs["ward"], folder, "plain", "detached"]).gather(
        "ward", "plain", "detached"
    )
    answer = call("kill", "--grace=0", str(ward.windows_pid("ward")))
    assert ward.left() == []
    assert answer.status == 0, answer


def test_kill_of_one_that_goes_on_starting_others(start, programs, folder, call):
    """Who is born behind a look, and whose parent falls by it, is found by the dead parent's number.
    Under Wine the one that is being made in that moment is in no listing until it runs, so it may live."""
    ward = start([programs["ward"], folder, "breeder"]).gather("ward", "breeder", "leaf")
    answer = call("kill", "--grace=0", str(ward.windows_pid("ward")))
    assert answer.status == 0, answer
    left = WineTree.of_folder(folder).wait_gone(deadline.ANSWER_S)
    assert len(left) <= 1 and all("=leaf" in process.command_line for process in left), listed(left)
    if left:
        start.allow_leavings()


@pytest.mark.parametrize("subcommand", ["kill", "tree"])
def test_who_is_not_there(call, subcommand):
    answer = call(subcommand, "999999")
    assert (
        answer.status == 125
        and "an earlier process with the same pid" in answer.err
        and answer.err.count("\n") == 1
    )


def test_tree(start, programs, folder, call):
    ward = start([programs["ward"], folder, "plain"]).gather("ward", "plain")
    answer = call("tree", str(ward.windows_pid("ward")))
    assert answer.status == 0
    assert f"{ward.windows_pid('ward')} ward.exe" in answer.out
    assert f"-- {ward.windows_pid('plain')} ward.exe  parent-link" in answer.out
    ward.tell("exit 0")
    ward["plain"].send(signal.SIGKILL)


def test_doctor_tells_the_rung(call):
    answer = call("doctor", "--json")
    assert answer.status == 0 and '"escape":"no-job"' in answer.out
