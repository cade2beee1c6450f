"""Files in places where another user may plant, rename and delete.

What is named there is ours and stays ours, or treefall refuses in one line before the command
starts. Nothing that the other user's links lead to is touched, nothing of ours is given away, and
nothing that was planted is written into.
"""

import os
import stat
import subprocess
from pathlib import Path

import pytest
from support import account as accounts
from support import deadline, leavings, needs
from support.machine import limited, mounted

FAILURE = 125
RACES = int(os.environ.get("TREEFALL_RACES", "20"))
LONG_RACES = 200
VICTIM_TEXT = "precious\n"


@pytest.fixture
def stranger():
    return needs.stranger()


@pytest.fixture
def victim(folder, account):
    """A file of the account's own that nobody else may read."""
    path = folder / "victim"
    path.write_text(VICTIM_TEXT)
    path.chmod(0o600)
    account.take(path)
    return path


@pytest.fixture(params=["sticky", "open", "foreign"])
def shared(request, place, folder, stranger):
    """A folder that the stranger may write to: like /tmp, without the sticky bit, and its own."""
    path = place / f"{folder.name}-shared"
    path.mkdir()
    path.chmod({"sticky": 0o1777, "open": 0o777, "foreign": 0o1777}[request.param])
    if request.param == "foreign":
        stranger.take(path)
    return path


def is_intact(victim, account):
    about = victim.lstat()
    return victim.read_text() == VICTIM_TEXT and (about.st_uid, stat.S_IMODE(about.st_mode)) == (
        account.uid,
        0o600,
    )


def assert_refuses(answer, *said):
    assert answer.status == FAILURE and answer.out == ""
    for part in said:
        assert part in answer.complaint


# ---- reports, while another user swaps -------------------------------------------------------


@pytest.fixture
def race(programs, call, account, stranger, shared, victim):
    """Write reports while the stranger swaps what has the report's name, and what is temporary
    beside it; return how many were written. What it moved away is still there to be looked at."""

    def run(count):
        words = [programs["swapper"], shared, "fall.json", victim]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(stranger.command(words), **pipes) as swapper:
            assert swapper.stdout.readline() == b"swapping\n"
            statuses = [report_once() for _ in range(count)]
            swapper.stdin.close()
            assert swapper.wait(deadline.ANSWER_S) == 0
        return statuses.count(0)

    def report_once():
        (shared / "fall.json").unlink(missing_ok=True)  # one of ours would stay, and end the race
        answer = call("run", "--report", str(shared / "fall.json"), "--", "true")
        assert answer.status == 0 or "fall.json" in answer.complaint
        assert answer.status in (0, FAILURE)
        assert is_intact(victim, account)
        return answer.status

    return run


def given_away(shared, account):
    """Files with something in them that are not the account's alone: the stranger writes none."""
    files = ((path, path.lstat()) for path in shared.iterdir())
    return [
        path.name
        for path, about in files
        if stat.S_ISREG(about.st_mode)
        and about.st_size > 0
        and (about.st_uid != account.uid or about.st_mode & 0o022)
    ]


def test_swapped_reports_touch_nothing_and_are_given_to_nobody(race, account, shared):
    race(RACES)
    assert not given_away(shared, account)


@pytest.mark.long
def test_two_hundred_swapped_reports_touch_nothing_and_are_given_to_nobody(race, account, shared):
    written = race(LONG_RACES)
    print(f"{written} of {LONG_RACES} reports written, the others refused")
    assert not given_away(shared, account)


# ---- reports, planted beforehand -------------------------------------------------------------


def plant_file(path, victim):
    path.touch()
    path.chmod(0o666)


def plant_link(path, victim):
    path.symlink_to(victim)


def plant_pipe(path, victim):
    os.mkfifo(path)
    path.chmod(0o666)


@pytest.mark.parametrize("plant", [plant_file, plant_link, plant_pipe])
def test_a_planted_report_is_refused_before_the_command_starts(
    call, account, folder, stranger, shared, victim, plant
):
    report = shared / "fall.json"
    plant(report, victim)
    os.lchown(report, stranger.uid, stranger.gid)
    before = report.lstat()
    answer = call("run", "--report", str(report), "--", "touch", "started")
    assert_refuses(answer, f"another user may have put at {report}", "remove it")
    assert not (folder / "started").exists()
    assert is_intact(victim, account)
    after = report.lstat()
    assert (after.st_ino, after.st_mtime_ns, after.st_mode) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_mode,
    )


@pytest.mark.parametrize("mapped", ["--map-root-user", "--user"])
@pytest.mark.parametrize("plant", [plant_file, plant_link])
def test_a_planted_report_is_refused_where_all_other_users_look_alike(
    call, account, folder, stranger, shared, victim, plant, mapped
):
    """In a user namespace that maps no user, or the account alone, the planter looks like root, who
    owns the root folder, and like the account itself."""
    report = shared / "fall.json"
    plant(report, victim)
    os.lchown(report, stranger.uid, stranger.gid)
    prefix = needs.words(account, ["unshare", "--user", mapped])
    answer = call("run", "--report", str(report), "--", "touch", "started", prefix=prefix)
    assert_refuses(answer, f"another user may have put at {report}", "remove it")
    assert not (folder / "started").exists()
    assert is_intact(victim, account)


@pytest.mark.parametrize("words", [["run"], ["kill"], ["watch", "--pid"]], ids=lambda w: w[0])
def test_a_folder_behind_a_strangers_link_is_refused(
    call, account, folder, stranger, shared, words
):
    (shared / "way").symlink_to(folder)
    os.lchown(shared / "way", stranger.uid, stranger.gid)
    more = ["--", "touch", "started"] if words == ["run"] else ["4194304"]
    answer = call(words[0], "--report", str(shared / "way/fall.json"), *words[1:], *more)
    assert_refuses(answer, "another user's symlink", "way/fall.json")
    assert not (folder / "started").exists() and not (folder / "fall.json").exists()


def test_a_report_goes_where_links_of_ones_own_lead(call, account, folder, shared):
    (folder / "target.json").write_text("old")
    (folder / "target.json").chmod(0o600)
    account.take(folder / "target.json")
    link = shared / "own.json"
    link.symlink_to(folder / "target.json")
    os.lchown(link, account.uid, account.gid)
    assert call("run", "--report", str(link), "--", "true").status == 0
    about = (folder / "target.json").stat()
    assert (stat.S_IMODE(about.st_mode), about.st_uid) == (0o600, account.uid)
    assert about.st_size > 1000 and link.is_symlink()


def test_a_dangling_link_of_ones_own_leads_to_the_new_report(call, folder):
    (folder / "link.json").symlink_to("target.json")
    assert call("run", "--report", "link.json", "--", "true").status == 0
    assert (folder / "link.json").is_symlink()
    assert (folder / "target.json").stat().st_size > 1000


def test_a_users_own_report_is_replaced_by_root_and_root_keeps_it(call, account, place, folder):
    """sudo, in a user's folder: what root writes is root's."""
    if account.uid != 0:
        pytest.skip("another user's folder is closed to an unprivileged account")
    home = folder / "someone"
    home.mkdir()
    report = home / "fall.json"
    report.touch(0o600)
    for path in (home, report):
        os.chown(path, accounts.USER_UID, accounts.USER_UID)
    assert call("run", "--report", str(report), "--", "true").status == 0
    about = report.stat()
    assert (about.st_uid, about.st_gid, stat.S_IMODE(about.st_mode)) == (0, 0, 0o600)
    assert about.st_size > 1000


def test_a_hard_link_in_a_shared_folder_is_not_written_through(call, account, shared, victim):
    os.link(victim, shared / "fall.json")
    answer = call("run", "--report", str(shared / "fall.json"), "--", "true")
    assert answer.status in (0, FAILURE)
    assert victim.read_text() == VICTIM_TEXT


# ---- heartbeat files -------------------------------------------------------------------------


def test_a_heartbeat_file_that_any_user_may_remove_is_refused(call, folder, account):
    """Its removal fells the tree."""
    beats = account.make_folder(folder / "beats", 0o777)
    answer = call("run", "--heartbeat", str(beats / "beat"), "--", "touch", "started")
    assert_refuses(answer, f"every user may remove: {beats / 'beat'}", "folder of the ward's user")
    assert not (folder / "started").exists()
    beats.chmod(0o1777)
    assert call("run", "--heartbeat", str(beats / "beat"), "--", "true").status == 0


def test_a_heartbeat_file_behind_a_strangers_link_is_refused(call, folder, stranger, shared):
    (shared / "way").symlink_to(folder)
    os.lchown(shared / "way", stranger.uid, stranger.gid)
    answer = call("run", "--heartbeat", str(shared / "way/beat"), "--", "touch", "started")
    assert_refuses(answer, "another user's symlink")
    assert not (folder / "started").exists()


# ---- the runtime folder ----------------------------------------------------------------------

BEATS = "--heartbeat", "auto"
SHOWS = ["sh", "-c", 'echo "$TREEFALL_HEARTBEAT$NOTIFY_SOCKET"']
AUTO = pytest.mark.parametrize("options", [BEATS, ("--notify",)], ids=["heartbeat", "notify"])


@AUTO
@pytest.mark.parametrize("mode", [0o700, 0o755, 0o1777])
def test_another_users_runtime_folder_is_left_alone(call, folder, stranger, options, mode):
    """sudo that keeps XDG_RUNTIME_DIR: what root makes there, that user could swap."""
    foreign = stranger.make_folder(folder / "foreign", mode)
    answer = call("run", *options, "--", *SHOWS, environment={"XDG_RUNTIME_DIR": str(foreign)})
    assert (answer.status, answer.err) == (0, "")
    assert not answer.out.startswith(str(foreign))
    assert not list(foreign.iterdir())


@AUTO
def test_a_runtime_folder_that_a_stranger_can_rename_is_left_alone(
    call, account, shared, request, options
):
    own = account.make_folder(shared / "own", account.runtime_mode)
    answer = call("run", *options, "--", *SHOWS, environment={"XDG_RUNTIME_DIR": str(own)})
    assert (answer.status, answer.err) == (0, "")
    is_safe = request.node.callspec.params["shared"] == "sticky"
    assert answer.out.startswith(str(own)) == is_safe


@AUTO
@pytest.mark.parametrize("planted", ["link", "folder"])
def test_a_planted_runtime_folder_is_neither_used_nor_removed(
    call, folder, account, stranger, options, planted
):
    elsewhere = stranger.make_folder(folder / "planted", 0o700)
    treefall = account.make_folder(folder / "runtime", account.runtime_mode) / "treefall"
    if planted == "link":
        treefall.symlink_to(elsewhere)
    else:
        elsewhere.rename(treefall)
    answer = call("run", *options, "--", *SHOWS)
    assert answer.status == 0 and not answer.out.startswith(str(treefall))
    assert not list(treefall.iterdir())
    treefall.unlink() if planted == "link" else treefall.rmdir()


@AUTO
def test_a_planted_runtime_folder_is_not_used_where_all_other_users_look_alike(
    call, folder, account, stranger, options
):
    """Where no user is mapped, its owner has the account's own number."""
    treefall = account.make_folder(folder / "runtime", account.runtime_mode) / "treefall"
    stranger.make_folder(treefall, 0o700)
    prefix = needs.words(account, ["unshare", "--user"])
    answer = call("run", *options, "--", *SHOWS, prefix=prefix)
    assert answer.status == 0 and not answer.out.startswith(str(treefall))
    assert not list(treefall.iterdir())
    treefall.rmdir()


@AUTO
def test_a_full_runtime_folder_is_passed_over(call, folder, account, options):
    full = "mount -t tmpfs -o nr_inodes=2,mode=711 none runtime && mkdir -m 700 runtime/treefall"
    answer = call("run", *options, "--", *SHOWS, prefix=mounted(account, full))
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.strip() and not answer.out.startswith(str(folder / "runtime"))


# ---- what a process inherits -----------------------------------------------------------------

MASKED = ["sh", "-c", 'umask 0777 && exec "$@"', "sh"]
PINGS = """
import os, socket
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
    made.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
"""


def test_a_heartbeat_file_can_be_written_under_an_umask_of_0777(call):
    script = 'echo beat >"$TREEFALL_HEARTBEAT"'
    answer = call("run", *BEATS, "--", "sh", "-c", script, prefix=MASKED)
    assert (answer.status, answer.err) == (0, "")


def test_a_notify_socket_can_be_reached_under_an_umask_of_0777(call):
    answer = call("run", "--notify", "--", "/usr/bin/python3", "-c", PINGS, prefix=MASKED)
    assert (answer.status, answer.err) == (0, "")


def test_a_report_is_whole_under_an_umask_of_0777(call, folder):
    """Its mode is what the umask leaves; one that is there keeps its own."""
    report = folder / "fall.json"
    for mode in (0o000, 0o640):
        answer = call("run", "--report", "fall.json", "--", "true", prefix=MASKED)
        assert (answer.status, answer.err) == (0, "")
        assert report.stat().st_size > 1000 and stat.S_IMODE(report.stat().st_mode) == mode
        report.chmod(0o640)


@AUTO
def test_a_limit_of_file_sizes_does_not_matter_to_beats(call, options):
    answer = call("run", *options, "--", *SHOWS, prefix=limited(fsize=0))
    assert (answer.status, answer.err) == (0, "")


def test_a_report_that_grows_beyond_a_limit_is_said_and_leaves_nothing(call, folder):
    """The trial before is shorter. Its signal, SIGXFSZ, would end treefall unheard."""
    prefix = [*limited(fsize=4096), "sh", "-c", 'sleep 1000 & exec "$@" $!', "sh"]
    answer = call("kill", "--report", "fall.html", prefix=prefix)
    assert answer.status == FAILURE
    assert "fall.html: File too large" in answer.err
    assert not list(folder.glob(".treefall-*"))


# ---- what is left when all guards were killed ------------------------------------------------


def used(folder):
    """What guards made in the runtime folder."""
    made = map(Path, leavings.runtime_files(folder))
    return [path for path in made if path.name in ("beat", "notify")]


@AUTO
def test_what_living_guards_use_stays(launch, family, call, folder, account, options):
    """Also a heartbeat file that the ward has replaced."""
    run = launch(family.command(), [*options, "--startup-grace", "1h", "--kill-delay", "1h"])
    family.gather()
    (made,) = used(folder)
    if options == BEATS:
        (folder / "beat").touch()
        account.take(folder / "beat")
        (folder / "beat").replace(made)
    assert call("run", *options, "--", "true").status == 0
    assert used(folder) == [made]
    assert family.ward.is_alive()
    run.tell("exit 4")
    assert run.status() == 4
    assert not used(folder)
