"""`treefall run` on a terminal: whoever types sees no difference to a command without it."""

import signal

import pytest
from support import deadline, needs, proc
from support.process import Process, listed
from support.terminal import CTRL_BACKSLASH, CTRL_C, CTRL_D, CTRL_Z, SHELLS, Terminal
from support.waiting import wait_until

INTERRUPTED = 128 + signal.SIGINT
SUSPENDED = 128 + signal.SIGTSTP
LOCAL_MODES = 3

# Draws, waits for a key, and puts the terminal right again, as vi and less do.
FULL_SCREEN = """
import curses
def show(screen):
    while True:
        screen.erase()
        screen.addstr(3, 5, "key: " + "-".join(keys))
        screen.refresh()
        key = screen.getch()
        if key == ord("q"):
            return
        keys.append(str(key))
keys = []
curses.wrapper(show)
"""
# Puts the terminal out of order and is killed.
RAW = """
import os, tty
tty.setraw(0)
print("raw", flush=True)
os.read(0, 1)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def open_terminal(account, folder, tree):
    """A terminal whose session is led by these words."""
    opened = []

    def start(*words, **environment):
        terminal = Terminal(account, folder, words, environment)
        opened.append(terminal)
        tree.add(terminal.leader)
        return terminal

    yield start
    tree.record()
    for terminal in opened:
        terminal.hang_up()
    left = tree.wait_gone()
    tree.end()
    for terminal in opened:
        terminal.popen.wait()
    assert not left, f"left after the hangup, now ended:\n{listed(left)}"


@pytest.fixture(params=SHELLS)
def any_shell(request, open_terminal):
    return shell_of(open_terminal, request.param)


@pytest.fixture
def shell(open_terminal):
    return shell_of(open_terminal, "bash")


def shell_of(open_terminal, name):
    terminal = open_terminal(*SHELLS[name])
    terminal.prompt()
    return terminal


@pytest.fixture
def run(treefall):
    """The line that starts the command under treefall."""

    def line(command, *options):
        return " ".join(map(str, [treefall, "run", *options, "--", *command]))

    return line


def in_front(shell):
    """The leader of the terminal's group, once that is not the shell."""
    group = wait_until(
        lambda: shell.foreground() not in (0, shell.leader.pid) and shell.foreground(),
        deadline.ANSWER_S,
        "a job in front",
    )
    return Process.open(group)


def is_stopped(process):
    return proc.row(process.pid).state == "T"


def await_sleep(process):
    wait_until(lambda: proc.row(process.pid).state == "S", deadline.ANSWER_S, f"{process} waiting")


def await_stop(process):
    wait_until(lambda: is_stopped(process), deadline.ANSWER_S, f"{process} stopped")


def await_going(process):
    wait_until(lambda: not is_stopped(process), deadline.ANSWER_S, f"{process} continued")


# ---- Ctrl-C, Ctrl-\ --------------------------------------------------------------------------


def test_ctrl_c_ends_the_command_and_its_tree(any_shell, run, family):
    any_shell.enter(run(family.command("daemon", "session", "stubborn")))
    family.gather("daemon", "session", "stubborn")
    any_shell.type(CTRL_C)
    any_shell.prompt()
    assert any_shell.status() == INTERRUPTED
    assert not family.left()


def test_ctrl_c_comes_once(shell, run, listener):
    shell.enter(run(listener.command("3=5")))
    listener.gather()
    for key, number in ((CTRL_C, signal.SIGINT), (CTRL_BACKSLASH, signal.SIGQUIT)):
        shell.type(key)
        assert listener.hear() == ("got", number)
    shell.prompt()
    assert shell.status() == 5


def test_who_reads_the_terminal_may_have_many(shell, run, listener):
    """An editor or a shell is not felled by the second Ctrl-C that is meant for it."""
    shell.enter(run(listener.command("3=5")))
    listener.gather()
    for _ in range(4):
        shell.type(CTRL_C)
        assert listener.hear() == ("got", signal.SIGINT)
    shell.type(CTRL_BACKSLASH)
    assert listener.hear() == ("got", signal.SIGQUIT)
    shell.prompt()
    assert shell.status() == 5


def test_ctrl_c_is_passed_on_where_input_is_no_terminal(shell, run, listener):
    """Once; and a second one is a second stop signal: it forces."""
    shell.enter(run(listener.command()) + " </dev/null")
    listener.gather()
    shell.type(CTRL_C)
    assert listener.hear() == ("got", signal.SIGINT)
    shell.type(CTRL_C)
    shell.prompt()
    assert shell.status() == 128 + signal.SIGKILL
    assert not listener.left()


@pytest.mark.parametrize("redirection", ["", "</dev/null"])
@pytest.mark.parametrize("options", [[], ["--foreground"], ["--isolate"]], ids=" ".join)
def test_ctrl_c_leaves_the_shell_s_loop(shell, run, treefall, account, redirection, options):
    """As it does without treefall: the shell has to see that a signal ended its command."""
    needs.options(treefall, account, options)
    line = run(["sh", "-c", "'echo run; exec sleep 1000'"], *options)
    shell.enter(f"for i in 1 2 3; do {line} {redirection}; done")
    shell.expect("run")
    shell.type(CTRL_C)
    assert "run" not in shell.prompt()
    assert shell.status() == INTERRUPTED


@pytest.mark.parametrize("interpreter", ["bash", "dash"])
def test_ctrl_c_ends_the_script(shell, run, folder, interpreter):
    command = run(["sh", "-c", "'echo run; exec sleep 1000'"])
    (folder / "script").write_text(f"{command}\necho never\n{command}\n")
    shell.enter(f"{interpreter} script")
    shell.expect("run")
    shell.type(CTRL_C)
    assert "never" not in shell.prompt()
    assert shell.status() == INTERRUPTED


def test_a_status_alone_ends_no_loop(shell, run):
    command = run(["sh", "-c", "'exit 130'"])
    shell.enter(f"for i in 1 2; do {command}; done; echo on")
    assert "on" in shell.prompt()


def test_ctrl_backslash(any_shell, run, family):
    any_shell.answer("ulimit -c 0")
    any_shell.enter(run(family.command("plain")))
    family.gather("plain")
    any_shell.type(CTRL_BACKSLASH)
    any_shell.prompt()
    assert any_shell.status() == 128 + signal.SIGQUIT
    assert not family.left()


@pytest.mark.parametrize("redirection", ["", "</dev/null"])
@pytest.mark.parametrize("options", [[], ["--group"]], ids=" ".join)
def test_ctrl_c_comes_once_to_the_whole_group(
    shell, run, make_family, folder, redirection, options
):
    """The command, and a child in its group: each once, whoever has the terminal."""
    first, second = make_family("first", "listener"), make_family("second", "listener")
    script = folder / "pair"
    script.write_text(
        f"{second.program} {second.roster} & exec {first.program} {first.roster} 10=0\n"
    )
    shell.enter(run(["sh", script], *options) + redirection)
    first.gather()
    second.gather()
    shell.type(CTRL_C)
    assert first.hear() == second.hear() == ("got", signal.SIGINT)
    for family in (first, second):
        family.ward.send(signal.SIGUSR2)
        assert family.hear() == ("got", signal.SIGUSR2)
    first.ward.send(signal.SIGUSR1)
    shell.prompt()
    assert shell.status() == 0


# ---- Ctrl-Z, fg, bg --------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--isolate"]], ids=" ".join)
def test_ctrl_z_and_fg(any_shell, run, treefall, account, options):
    needs.options(treefall, account, options)
    any_shell.enter(run(["cat"], *options))
    any_shell.enter("one")
    any_shell.expect("one")
    job = in_front(any_shell)
    any_shell.type(CTRL_Z)
    any_shell.prompt()
    assert any_shell.status() == SUSPENDED
    assert "Stopped" in any_shell.answer("jobs")
    any_shell.enter("fg")
    any_shell.await_foreground(job.pid)
    any_shell.enter("two")
    any_shell.expect("two")
    any_shell.type(CTRL_D)
    any_shell.prompt()
    assert any_shell.status() == 0


def test_wrapper_and_ward_stop_and_continue_together(shell, run, family):
    shell.enter(run(family.command("plain")))
    family.gather("plain")
    wrapper = Process.open(proc.row(family.ward.pid).parent_pid)
    for _ in range(2):
        shell.type(CTRL_Z)
        shell.prompt()
        for process in (family.ward, family["plain"], wrapper):
            await_stop(process)
        shell.enter("fg")
        shell.await_foreground(family.ward.pid)
        for process in (family.ward, family["plain"], wrapper):
            await_going(process)
        shell.enter("say here")
        family.await_report("here")
    shell.enter("exit 9")
    shell.prompt()
    assert shell.status() == 9


def test_bg(shell, run, family):
    """It goes on without the terminal, and gets that again by fg."""
    shell.enter(run(family.command("plain")) + " </dev/null")
    family.gather("plain")
    shell.type(CTRL_Z)
    shell.prompt()
    await_stop(family.ward)
    shell.answer("bg")
    await_going(family.ward)
    assert "Running" in shell.answer("jobs")
    shell.enter("fg")
    in_front(shell)
    shell.type(CTRL_C)
    shell.prompt()
    assert shell.status() == INTERRUPTED
    assert not family.left()


def test_a_background_job_that_reads_stops(any_shell, run):
    """SIGTTIN, as for every job; fg then gives it the terminal."""
    any_shell.enter(run(["cat"]) + " &")
    any_shell.prompt()
    wait_until(lambda: "Stopped" in any_shell.answer("jobs"), deadline.ANSWER_S, "a stopped job")
    assert any_shell.foreground() == any_shell.leader.pid
    any_shell.enter("fg")
    any_shell.enter("text")
    any_shell.expect("(?m)^text")
    any_shell.type(CTRL_D)
    any_shell.prompt()
    assert any_shell.status() == 0


def test_a_background_job_that_does_not_read_runs(shell, run, family):
    shell.enter(run(family.command("daemon")) + " </dev/null &")
    family.gather("daemon")
    shell.prompt()
    assert shell.foreground() == shell.leader.pid
    assert "Running" in shell.answer("jobs")
    shell.enter("kill %1; wait %1")
    shell.prompt()
    assert shell.status() == 128 + signal.SIGTERM
    assert not family.left()


def test_a_pipeline_stops_and_continues_as_a_whole(any_shell, run):
    any_shell.enter(run(["cat"]) + " | cat")
    any_shell.enter("one")
    any_shell.expect("one")
    for word in ("two", "three"):
        any_shell.type(CTRL_Z)
        any_shell.prompt()
        assert any_shell.status() == SUSPENDED
        any_shell.enter("fg")
        any_shell.enter(word)
        any_shell.expect(f"(?m)^{word}")
    any_shell.type(CTRL_D)
    any_shell.prompt()
    assert any_shell.status() == 0


def test_a_pipeline_that_does_not_read_stops_too(shell, run, family):
    shell.enter(run(family.command("plain")) + " </dev/null | cat")
    family.gather("plain")
    shell.type(CTRL_Z)
    shell.prompt()
    assert shell.status() == SUSPENDED
    await_stop(family["plain"])
    shell.enter("fg")
    await_going(family["plain"])
    shell.type(CTRL_C)
    shell.prompt()
    assert not family.left()


@pytest.mark.parametrize("interpreter", ["bash", "dash"])
def test_the_script_around_it_stops_too(shell, run, folder, interpreter):
    (folder / "script").write_text(f"{run(['cat'])}\necho after $?\n")
    shell.enter(f"{interpreter} script")
    shell.enter("one")
    shell.expect("one")
    shell.type(CTRL_Z)
    shell.prompt()
    assert shell.status() == SUSPENDED
    shell.enter("fg")
    shell.enter("two")
    shell.expect("(?m)^two")
    shell.type(CTRL_D)
    shell.expect("after 0")
    shell.prompt()


@pytest.mark.parametrize("line", ["kill %1", "kill -9 %1"])
def test_a_stopped_job_is_killed(shell, run, family, line):
    shell.enter(run(family.command("daemon", "plain")))
    family.gather("daemon", "plain")
    shell.type(CTRL_Z)
    shell.prompt()
    await_stop(family["plain"])
    shell.answer(line)
    assert not family.left()


def test_a_shell_inside_has_jobs_of_its_own(shell, run):
    shell.enter(run(SHELLS["bash"]))
    shell.prompt()
    inner = in_front(shell)
    shell.enter("cat")
    shell.enter("one")
    shell.expect("one")
    shell.type(CTRL_Z)
    shell.prompt()
    assert shell.foreground() == inner.pid
    shell.enter("fg")
    shell.enter("two")
    shell.expect("(?m)^two")
    shell.type(CTRL_C)
    shell.prompt()
    assert shell.status() == INTERRUPTED
    shell.enter("exit 4")
    shell.prompt()
    assert shell.status() == 4


# ---- the terminal itself ---------------------------------------------------------------------


def test_a_new_size_is_told(shell, run, listener):
    shell.enter(run(listener.command("3=0")))
    listener.gather()
    shell.resize(33, 101)
    assert listener.hear() == ("got", signal.SIGWINCH)
    shell.type(CTRL_BACKSLASH)
    shell.prompt()


def test_a_new_size_is_passed_on_where_input_is_no_terminal(shell, run, listener):
    shell.enter(run(listener.command("3=0")) + " </dev/null")
    listener.gather()
    shell.resize(33, 101)
    assert listener.hear() == ("got", signal.SIGWINCH)
    shell.type(CTRL_BACKSLASH)
    shell.prompt()


def test_the_settings_are_put_right_after_a_kill(any_shell, run, folder):
    (folder / "raw.py").write_text(RAW)
    before = any_shell.modes()
    any_shell.enter(run(["/usr/bin/python3", "raw.py"]))
    any_shell.expect("raw")
    assert any_shell.modes() != before
    any_shell.type("x")
    any_shell.prompt()
    assert any_shell.status() == 128 + signal.SIGKILL
    assert any_shell.modes() == before


# The alternate screen, the mouse, focus, pastes, the cursor.
MODES = (1049, 1000, 1002, 1003, 1006, 1004, 2004)
SET_UP = "".join(rf"\033[?{mode}h" for mode in MODES) + r"\033[?25l"
PUT_RIGHT = [*(f"\x1b[?{mode}l" for mode in MODES), "\x1b[?25h"]
FORCED = ("--timeout=200ms", "--grace=100ms")
STUBBORN = ["sh", "-c", f'\'trap "" TERM; printf "{SET_UP}"; while :; do sleep 1; done\'']
TIMED_OUT = 124


def test_screen_is_put_right_after_a_forced_end(any_shell, run):
    printed = any_shell.answer(run(STUBBORN, *FORCED))
    assert any_shell.status() == TIMED_OUT
    for sequence in PUT_RIGHT:
        assert sequence in printed


@pytest.mark.parametrize(
    "command, options",
    [
        (["sh", "-c", "'trap \"exit 3\" TERM; while :; do sleep 0.1; done'"], ["--timeout=200ms"]),
        (["sleep", "1000"], ["--timeout=200ms"]),
        (["sh", "-c", "'kill -TERM $$'"], []),
        (STUBBORN, [*FORCED, "--foreground"]),
    ],
    ids=["obeys", "ends by SIGTERM", "by itself", "foreground"],
)
def test_screen_is_left_as_it_is_otherwise(shell, run, command, options):
    assert "\x1b[?1049l" not in shell.answer(run(command, *options))


def test_screen_is_left_to_the_job_that_has_it(shell, run):
    """A background job's end, and one in a pipeline that never read the terminal."""
    for line in (run(STUBBORN, *FORCED) + " & wait", run(STUBBORN, *FORCED) + " | cat"):
        assert "\x1b[?1049l" not in shell.answer(line)


def test_screen_of_a_dumb_terminal_is_left_as_it_is(open_terminal, run):
    terminal = open_terminal(*SHELLS["bash"], TERM="dumb")
    terminal.prompt()
    assert "\x1b[?1049l" not in terminal.answer(run(STUBBORN, *FORCED))


def test_nothing_is_written_where_there_is_no_terminal(call, tree):
    answer = call("run", *FORCED, "--", "sh", "-c", "trap '' TERM; while :; do sleep 1; done")
    assert (answer.status, answer.out, answer.err) == (TIMED_OUT, "", "")
    assert not tree.wait_gone()


def test_the_settings_that_a_command_leaves_are_left(any_shell, run):
    """stty(1) works as it does without treefall."""
    any_shell.answer(run(["stty", "-ixon", "intr", "^k"]))
    assert any_shell.modes()[6][0] == b"\x0b"
    any_shell.answer(run(["stty", "intr", "^c"]))
    assert any_shell.modes()[6][0] == b"\x03"


def test_a_full_screen_program(any_shell, run, folder):
    """Drawn, suspended, drawn again, left."""
    (folder / "screen.py").write_text(FULL_SCREEN)
    before = any_shell.modes()
    any_shell.enter(run(["/usr/bin/python3", "screen.py"]))
    any_shell.expect("key: ")
    any_shell.type("a")
    any_shell.expect("97")
    await_sleep(in_front(any_shell))  # a key that comes while it draws may be lost on curses
    any_shell.type(CTRL_Z)
    any_shell.prompt()
    any_shell.enter("fg")
    any_shell.expect("key: 97")
    any_shell.type("b")
    any_shell.expect("98")
    any_shell.type("q")
    any_shell.prompt()
    assert any_shell.status() == 0
    assert any_shell.modes() == before


def test_a_program_that_asks_for_the_terminal_in_a_pipeline(shell, run):
    """As a pager does: the text comes from a pipe, the keys from the terminal."""
    shell.enter("echo text | " + run(["sh", "-c", "'cat; read -r key </dev/tty; echo got $key'"]))
    shell.expect("text")
    shell.enter("k")
    shell.expect("got k")
    shell.prompt()
    assert shell.status() == 0


def test_foreground_leaves_the_command_in_the_job(shell, run, listener):
    shell.enter(run(listener.command("3=6"), "--foreground"))
    listener.gather()
    wrapper = proc.row(listener.ward.pid).parent_pid
    assert shell.foreground() == wrapper
    shell.type(CTRL_C)
    assert listener.hear() == ("got", signal.SIGINT)
    shell.type(CTRL_BACKSLASH)
    assert listener.hear() == ("got", signal.SIGQUIT)
    shell.prompt()
    assert shell.status() == 6


def test_foreground_stops_and_continues(any_shell, run):
    any_shell.enter(run(["cat"], "--foreground"))
    any_shell.enter("one")
    any_shell.expect("one")
    any_shell.type(CTRL_Z)
    any_shell.prompt()
    assert any_shell.status() == SUSPENDED
    any_shell.enter("fg")
    any_shell.enter("two")
    any_shell.expect("(?m)^two")
    any_shell.type(CTRL_C)
    any_shell.prompt()
    assert any_shell.status() == INTERRUPTED


# ---- a terminal that goes away, and one without a shell ----------------------------------------


def test_a_hangup_fells_the_tree(any_shell, run, family):
    any_shell.enter(run(family.command("daemon", "session", "plain"), "--grace=100ms"))
    family.gather("daemon", "session", "plain")
    any_shell.hang_up()
    assert not family.left()


def test_a_hangup_fells_a_stopped_tree(shell, run, family):
    shell.enter(run(family.command("daemon", "stubborn"), "--grace=100ms"))
    family.gather("daemon", "stubborn")
    shell.type(CTRL_Z)
    shell.prompt()
    shell.hang_up()
    assert not family.left()


@pytest.fixture
def alone(treefall, open_terminal):
    """treefall itself leads the session: the command of a terminal's window, or of a container."""
    return lambda command, *options: open_terminal(treefall, "run", *options, "--", *command)


def test_without_a_shell_a_hangup_fells_the_tree(alone, family):
    terminal = alone(family.command("daemon", "session"), "--grace=100ms")
    family.gather("daemon", "session")
    terminal.hang_up()
    assert not family.left()
    assert terminal.leader.wait_gone(deadline.FALL_S)


def test_without_a_shell_ctrl_z_does_nothing(alone, family):
    """Nobody could ever continue it: so it is without treefall."""
    terminal = alone(family.command())
    family.gather()
    for word in ("one", "two"):
        terminal.type(CTRL_Z)
        terminal.enter(f"say {word}")
        family.await_report(word)
    terminal.type(CTRL_C)
    assert terminal.leader.wait_gone(deadline.FALL_S)
    assert terminal.popen.wait() == -signal.SIGINT


def test_without_a_shell_ctrl_c_ends_it(alone, family):
    terminal = alone(family.command("daemon"))
    family.gather("daemon")
    terminal.type(CTRL_C)
    assert terminal.leader.wait_gone(deadline.FALL_S)
    assert not family.left()
