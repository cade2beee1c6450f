"""The command line as its user meets it: --help, the manual page and the completions say the same,
every slip gets one line and status 125, and what prints for people prints for programs too."""

import json
import os
import pty
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import account as accounts
from support import deadline, proc
from support.binary import REPOSITORY
from support.machine import in_user_namespace
from support.process import Process, wait_all_gone
from support.waiting import wait_until

SUBCOMMANDS = ("run", "watch", "kill", "tree", "doctor")
MANUAL = REPOSITORY / "man/treefall.1"
COMPLETIONS = REPOSITORY / "completions"
FAILURE = 125
OURS = "our pid"  # in words of a parameter: workers that share the tests collect the same ones

OPTION = re.compile(r"(?:-(\w), )?--([a-z-]+)(?: (\S+))?")
DEFAULT = re.compile(r"\(default ([^)]+)\)")


def with_our_pid(words):
    return [str(os.getpid()) if word == OURS else word for word in words]


@dataclass(frozen=True)
class Option:
    """One option as some page tells it; two pages agree when these are equal."""

    name: str
    letter: str | None
    value: str | None
    default: str | None = None

    def bare(self):
        return (self.name, self.letter, self.value is not None)


def call(treefall, *words, **how):
    return subprocess.run(
        [treefall, *words], capture_output=True, text=True, timeout=deadline.FALL_S, **how
    )


# ---- what each page says ---------------------------------------------------------------------


def option_of(match, text, default):
    found = default.search(text)
    return Option(match[2], match[1], match[3], found[1] if found else None)


def of_help(treefall, subcommand):
    """Rows of --help: names on the left, text in the column beside and below them."""
    rows = []
    for line in call(treefall, subcommand, "--help").stdout.splitlines():
        match = OPTION.match(line.strip()) if re.match(r"  (-\w, |    )--", line) else None
        if match:
            rows.append((match, line))
        elif rows and line.startswith(" " * 31):
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}")
    return {option_of(match, text, DEFAULT) for match, text in rows}


def manual_section(subcommand):
    """The lines of `treefall SUBCOMMAND` on the page, as a reader sees them."""
    page = subprocess.run(
        ["mandoc", "-Tascii", "-O", "width=500", MANUAL], capture_output=True, check=True
    ).stdout.decode()
    lines = re.sub(".\b", "", page).splitlines()
    start = lines.index(f"   treefall {subcommand}") + 1
    ends = (i for i in range(start, len(lines)) if re.match(r"(   )?\S", lines[i]))
    return lines[start : next(ends)]


def of_manual(subcommand):
    rows = []
    for line in manual_section(subcommand):
        tag, _, text = line.strip().partition("  ")
        match = OPTION.fullmatch(tag) if line.startswith("     -") else None
        if match:
            rows.append((match, text))
        elif rows:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}")
    return {option_of(match, text, re.compile(r"Default: (\S+)\.")) for match, text in rows}


def words_of_bash(subcommand):
    script = f'. "$1"; _treefall_options {subcommand}'
    source = COMPLETIONS / "treefall.bash"
    result = subprocess.run(
        ["bash", "-c", script, "bash", source], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def of_fish(subcommand):
    options = set()
    for line in (COMPLETIONS / "treefall.fish").read_text().splitlines():
        match = re.match(r"complete -c treefall -n '__treefall_using ([a-z ]+)'(.*)", line)
        name = re.search(r" -l ([a-z-]+)", match[2]) if match else None
        if name and subcommand in match[1].split():
            letter = re.search(r" -s (\w)", match[2])
            takes_value = re.search(r" -[xr] ", match[2]) is not None
            options.add((name[1], letter and letter[1], takes_value))
    return options


def of_zsh(subcommand):
    text = (COMPLETIONS / "_treefall").read_text()
    arrays = dict(re.findall(r"^local -a (\w+)=\((.*?)\)$", text, re.MULTILINE | re.DOTALL))
    options = set()
    for line in arrays[subcommand].splitlines():
        for name in re.findall(r"\$(\w+)", line) if line.strip().startswith("$") else ():
            options |= of_zsh_array(arrays[name])
    return options | of_zsh_array(arrays[subcommand])


def of_zsh_array(text):
    options = set()
    for line in text.splitlines():
        spec = re.search(r"(?:\{-(\w)\+?,)?--([a-z-]+)(=?)[}\[]", line)
        if spec:
            options.add((spec[2], spec[1], spec[3] == "="))
    return options


# ---- they say the same -----------------------------------------------------------------------


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_the_manual_says_what_help_says(treefall, subcommand):
    told = of_help(treefall, subcommand)
    assert len(told) >= 3
    assert of_manual(subcommand) == told


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_bash_completes_what_help_says(treefall, subcommand):
    told = of_help(treefall, subcommand)
    letters = {f"-{option.letter}" for option in told if option.letter}
    assert words_of_bash(subcommand) == {f"--{option.name}" for option in told} | letters


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_bash_knows_which_options_take_a_value(treefall, subcommand):
    script = '. "$1"; for o in "${@:2}"; do _treefall_values "$o" "" && echo "$o"; done; true'
    names = {f"--{option.name}": option.value for option in of_help(treefall, subcommand)}
    result = subprocess.run(
        ["bash", "-c", script, "bash", COMPLETIONS / "treefall.bash", *names],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(result.stdout.split()) == {name for name, value in names.items() if value}


@pytest.mark.parametrize("of_shell", (of_fish, of_zsh))
@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_fish_and_zsh_complete_what_help_says(treefall, of_shell, subcommand):
    assert of_shell(subcommand) == {option.bare() for option in of_help(treefall, subcommand)}


def test_the_manual_names_every_route(treefall):
    told = {
        row["route"] for row in json.loads(call(treefall, "doctor", "--json").stdout)["guarantee"]
    }
    routes = MANUAL.read_text().split(".Sh ROUTES")[1].split(".Sh ")[0]
    assert set(re.findall(r"^\.It Cm (\S+)", routes, re.MULTILINE)) == told | {"job"}
    for completion in ("treefall.bash", "treefall.fish", "_treefall"):
        assert all(route in (COMPLETIONS / completion).read_text() for route in told)


def test_the_manual_is_clean():
    """Whether other pages are installed says nothing about this one."""
    lint = subprocess.run(["mandoc", "-Tlint", MANUAL], capture_output=True, text=True).stdout
    elsewhere = ("referenced manual not found", "outdated mandoc.db")
    assert not [line for line in lint.splitlines() if not any(part in line for part in elsewhere)]


def test_the_environment_of_the_manual_is_that_of_the_source():
    page = MANUAL.read_text().split(".Sh ENVIRONMENT")[1].split(".Sh ")[0]
    names = set(
        re.findall(r"[A-Z_]{4,}", " ".join(re.findall(r"^\.It Ev (.*)", page, re.MULTILINE)))
    )
    source = "\n".join(path.read_text() for path in (REPOSITORY / "src").rglob("*.c"))
    assert names and all(f'"{name}' in source for name in names)


# ---- help itself -----------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[name, "--help"] for name in SUBCOMMANDS] + [["--help"]])
def test_help_fits_a_terminal(treefall, words):
    result = call(treefall, *words)
    assert (result.returncode, result.stderr) == (0, "")
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_help_has_one_text_by_three_names(treefall, subcommand):
    told = call(treefall, subcommand, "--help").stdout
    assert call(treefall, subcommand, "-h").stdout == told
    assert call(treefall, "help", subcommand).stdout == told
    assert f"  {subcommand} " in call(treefall, "help").stdout


@pytest.mark.parametrize("subcommand", ["run", "watch", "kill"])
def test_help_says_how_values_are_written(treefall, subcommand):
    told = call(treefall, subcommand, "--help").stdout
    assert "\nDUR is 500ms," in told and "\nSIG is TERM, SIGTERM, 15 or RTMIN+3.\n" in told


def test_help_names_the_manual(treefall):
    assert "treefall(1)" in call(treefall, "--help").stdout


@pytest.mark.parametrize("words", [["version"], ["--version"], ["run", "--version"]])
def test_the_version_is_told(treefall, words):
    result = call(treefall, *words)
    assert re.fullmatch(r"treefall \d+\.\d+\.\d+\n", result.stdout)
    assert result.returncode == 0


# ---- slips -----------------------------------------------------------------------------------

SLIPS = [
    ([], "treefall: no subcommand was given. See treefall --help."),
    (["rnu"], "treefall: unknown subcommand rnu; did you mean run? See treefall --help."),
    (["--verison"], "did you mean --version?"),
    (["run"], "treefall run: no command was given. See treefall run --help."),
    (
        ["run", "--tiemout", "3", "true"],
        "treefall run: unknown option --tiemout; did you mean --timeout? See treefall run --help.",
    ),
    (["run", "--timeout", "0", "true"], "--timeout 0 would kill the tree at once"),
    (["run", "--grace", "-1", "true"], "--grace -1 is negative"),
    (["run", "--grace", "nan", "true"], "--grace nan is not a duration"),
    (["run", "--grace", "3w", "true"], "--grace 3w has an unknown unit"),
    (["run", "--grace", "9" * 30, "true"], "is longer than 10 years"),
    (["run", "--signal", "FOO", "true"], "--signal FOO is not a signal"),
    (["run", "--notify", "--heartbeat=f", "true"], "choose one"),
    (["run", "--report", "r.pdf", "true"], "give a file name that ends with .json, .txt or .html"),
    (["watch"], "no --pid N was given; it names the process to watch"),
    (["watch", "--pid", "0"], "--pid 0 is not a pid"),
    (["watch", "--pid", "1"], "cannot watch pid 1"),
    (["watch", "--pid", OURS], "cannot watch treefall's own ancestor"),
    (["kill", "x"], "x is not a pid"),
    (["kill", "1"], "cannot kill pid 1"),
    (["kill", OURS], "cannot kill treefall itself or its own ancestor"),
    (["kill", "4194304"], "cannot find the process or any orphans of it"),
    (
        ["kill", "--report", "r.pdf", "4194304"],
        "give a file name that ends with .json, .txt or .html",
    ),
    (["tree", "4194304"], "cannot find the process or any orphans of it"),
    (["doctor", "x"], "unexpected argument x"),
    (["run", "/nonexistent/program"], None),
]


@pytest.mark.parametrize(("words", "said"), SLIPS, ids=lambda value: str(value)[:40])
def test_a_slip_gets_one_line(treefall, words, said):
    result = call(treefall, *with_our_pid(words))
    assert result.returncode == (FAILURE if said else 127)
    assert result.stdout == ""
    assert result.stderr.startswith("treefall")
    assert result.stderr.count("\n") == 1 and result.stderr.endswith("\n")
    assert (
        said or "cannot execute the command /nonexistent/program: No such file"
    ) in result.stderr


def test_a_folder_cannot_be_executed(treefall):
    result = call(treefall, "run", "/")
    assert result.returncode == 126
    assert result.stderr.count("\n") == 1


def test_words_that_would_steer_a_terminal_are_defused(treefall):
    result = call(treefall, "run", "--\033[31mred\n\033]0;title\a", "true")
    assert result.returncode == FAILURE
    assert "\033" not in result.stderr and result.stderr.count("\n") == 1


# ---- where it prints -------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["doctor"], ["doctor", "--json"], ["version"]])
def test_a_full_disk_is_said(treefall, words):
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [treefall, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=deadline.FALL_S,
        )
    assert result.returncode == FAILURE
    assert result.stderr == "treefall: cannot write to standard output: No space left on device\n"


def test_a_reader_that_went_away_is_no_news(treefall):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as out:
        result = subprocess.run(
            [treefall, "--help"],
            stdout=out,
            stderr=subprocess.PIPE,
            restore_signals=False,
            timeout=deadline.FALL_S,
        )
    assert (result.returncode, result.stderr) == (FAILURE, b"")


def on_a_terminal(treefall, *words, **environment):
    """What the program writes to a terminal of its own."""
    master, slave = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    with subprocess.Popen(
        [treefall, *words], stdout=slave, env={**clean, "TERM": "xterm", **environment}
    ) as process:
        os.close(slave)
        text = b""
        try:
            while piece := os.read(master, 65536):
                text += piece
        except OSError:  # EIO: the last writer is gone
            pass
        os.close(master)
        assert process.wait(deadline.FALL_S) == 0
    return text.decode()


@pytest.mark.parametrize("words", [["run", "--help"], ["doctor"], ["tree", OURS]])
def test_colour_is_for_terminals_that_want_it(treefall, words):
    words = with_our_pid(words)
    assert "\033[" in on_a_terminal(treefall, *words)
    assert "\033[" in on_a_terminal(treefall, *words, NO_COLOR="")
    assert "\033[" not in on_a_terminal(treefall, *words, NO_COLOR="1")
    assert "\033[" not in on_a_terminal(treefall, *words, TERM="dumb")
    assert "\033[" not in call(treefall, *words).stdout


def test_lines_are_drawn_where_they_can_be_read(treefall, family):
    words = ["tree", str(family[0].pid)]
    assert "└── " in on_a_terminal(treefall, *words, LC_ALL="C.UTF-8")
    assert "`-- " in on_a_terminal(treefall, *words, LC_ALL="C")
    assert "`-- " in call(treefall, *words, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout


# ---- doctor, tree, kill ----------------------------------------------------------------------


def test_doctor_tells_programs_what_it_tells_people(treefall):
    told = json.loads(call(treefall, "doctor", "--json").stdout)
    text = call(treefall, "doctor").stdout
    assert told["treefall_doctor"] == 1 and told["can_guard"] is True
    for row in told["guarantee"]:
        assert (row["why_not"] is None) == row["armed"]
        assert row["does"] in text
        assert (row["blind_to"] if row["armed"] else row["why_not"]) in text
    assert all(check["ok"] or check["advice"] for check in told["checks"])


def cgroups():
    return set(Path("/sys/fs/cgroup").rglob("treefall-*"))


def test_doctor_leaves_nothing_behind(treefall):
    """It is alone in a pid namespace of the test's: a process that it left would be there. Cgroups
    may be made by other programs meanwhile, but those go as well."""
    script = '"$1" doctor >&2; echo /proc/[0-9]*'
    unshare = in_user_namespace(accounts.own(), "--pid", "--fork", "--mount-proc")
    before = cgroups()
    alone = subprocess.run(
        [*unshare, "sh", "-c", script, "sh", treefall],
        capture_output=True,
        text=True,
        timeout=deadline.FALL_S,
    )
    assert alone.stdout.split() == ["/proc/1"], alone.stderr  # the shell itself
    assert call(treefall, "doctor").returncode == 0
    made = cgroups() - before
    wait_until(lambda: not any(path.exists() for path in made), deadline.ANSWER_S, "no cgroup left")


def test_doctor_names_what_a_missing_procfs_takes_away(treefall):
    script = 'mount -t tmpfs none /proc && exec "$1" doctor --json'
    unshare = in_user_namespace(accounts.own(), "--mount")
    result = subprocess.run(
        [*unshare, "sh", "-c", script, "sh", treefall],
        capture_output=True,
        text=True,
        timeout=deadline.FALL_S,
    )
    told = json.loads(result.stdout)
    checks = {check["check"]: check for check in told["checks"]}
    armed = {row["route"] for row in told["guarantee"] if row["armed"]}
    assert checks["procfs"]["advice"] == "mount procfs on /proc"
    assert "wire" not in armed
    assert told["can_guard"] == ("brand" in armed)


@pytest.fixture
def family():
    """A shell in a session of its own with two children, one of which ignores SIGTERM; all three are
    up when it has printed their pids."""
    script = "sh -c 'trap \"\" TERM; echo $$; read never' <&3 & sleep 1000 & echo $!; echo $$; wait"
    reader, writer = os.pipe()
    process = subprocess.Popen(
        ["bash", "-c", f"exec 3<&0; {script}"],
        stdin=reader,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    os.close(reader)
    members = [Process.open(int(process.stdout.readline())) for _ in range(3)]
    names = lambda: [proc.row(member.pid).name for member in members]  # noqa: E731
    wait_until(lambda: "sleep" in names(), deadline.START_S, "a sleep that is no shell any more")
    yield process, {member.pid for member in members}
    for member in members:
        member.send(signal.SIGKILL)
    assert not wait_all_gone(members, deadline.ANSWER_S)
    for member in members:
        member.close()
    os.close(writer)
    process.stdout.close()
    process.wait()


def members(treefall, pid):
    return json.loads(call(treefall, "tree", "--json", str(pid)).stdout)["members"]


def test_tree_shows_every_process_once(treefall, family):
    process, pids = family
    assert {row["pid"] for row in members(treefall, process.pid)} == pids
    assert {row["route"] for row in members(treefall, process.pid)} == {"lineage", "parent-link"}
    text = call(treefall, "tree", str(process.pid))
    assert text.returncode == 0
    assert int(re.search(r"(\d+) \S+  [a-z]", text.stdout)[1]) == process.pid
    assert len(text.stdout.splitlines()) == len(pids)
    assert "it was not guarded" in text.stderr


def test_a_dry_run_touches_nothing(treefall, family):
    process, pids = family
    result = call(treefall, "kill", "--dry-run", "--json", str(process.pid))
    told = json.loads(result.stdout)
    assert result.returncode == 0
    assert told["dry_run"] is True
    assert {row["pid"] for row in told["found"]} == pids
    assert {row["outcome"] for row in told["found"]} == {"found"}
    assert {row["pid"] for row in members(treefall, process.pid)} == pids


def test_kill_asks_first_and_forces_then(treefall, family, tmp_path):
    process, pids = family
    report = tmp_path / "fall.json"
    result = call(treefall, "kill", "--grace=200ms", "--report", report, str(process.pid))
    assert result.returncode == 0, result.stderr
    fallen = json.loads(report.read_text())["fallen"]
    assert {row["pid"] for row in fallen} == pids
    assert sorted(row["signal"] for row in fallen) == ["KILL", "TERM", "TERM"]
    assert call(treefall, "tree", str(process.pid)).returncode == FAILURE


def test_kill_spares_what_is_kept(treefall, family, tmp_path):
    process, pids = family
    result = call(treefall, "kill", "--grace=0", "--keep", "sl[e]*p", "--json", str(process.pid))
    told = json.loads(result.stdout)
    kept = {row["pid"]: row["name"] for row in told["kept"]}
    assert result.returncode == 0
    assert list(kept.values()) == ["sleep"]
    assert {row["pid"] for row in told["fallen"]} == pids - set(kept)
    assert call(treefall, "kill", "--grace=0", *map(str, kept)).returncode == 0


def test_kill_finds_what_a_dead_leader_left(treefall, family):
    process, pids = family
    process.kill()
    process.wait()
    result = call(treefall, "kill", "--grace=0", "--json", str(process.pid))
    assert result.returncode == 0, result.stderr
    assert {row["pid"] for row in json.loads(result.stdout)["fallen"]} == pids - {process.pid}
