"""What comes to treefall comes to the command: every signal that can be passed on."""

import signal

import pytest

# Those of the kernel for a fault of the process itself are nobody else's affair, as with tini.
OF_A_FAULT = ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGABRT", "SIGSYS")
NEVER_SEEN = ("SIGKILL", "SIGSTOP", "SIGCHLD")
STOPS = (signal.SIGTERM, signal.SIGINT)
FORWARDED = [
    number
    for number in signal.valid_signals()
    if getattr(number, "name", "") not in (*OF_A_FAULT, *NEVER_SEEN) and number not in STOPS
]


def listen(launch, listener, *options, ends="", **settings):
    """A `treefall run` whose ward reports every signal, and ends as `ends` says."""
    run = launch(listener.command(*ends.split()), options, **settings)
    listener.gather()
    return run


def expect(listener, *numbers):
    assert [listener.hear() for _ in numbers] == [("got", int(number)) for number in numbers]


def test_every_forwardable_signal_arrives(launch, listener):
    run = listen(launch, listener, ends="15=5")
    for number in FORWARDED:
        run.wrapper.send(number)
        expect(listener, number)
    run.wrapper.send(signal.SIGTERM)
    expect(listener, signal.SIGTERM)
    assert run.status() == 5


@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_a_stop_signal_arrives_as_it_is(launch, listener, number):
    run = listen(launch, listener, ends=f"{number}=6")
    run.wrapper.send(number)
    expect(listener, number)
    assert run.status() == 6


def test_the_order_is_kept(launch, listener):
    run = listen(launch, listener, ends="10=0")
    numbers = [signal.SIGHUP, signal.SIGUSR2, signal.SIGWINCH, signal.SIGHUP, signal.SIGUSR1]
    for number in numbers:
        run.wrapper.send(number)
        expect(listener, number)
    assert run.status() == 0


def test_map_signal(launch, listener):
    options = ["--map-signal", "TERM=QUIT", "--map-signal", "USR1=RTMIN+3", "--map-signal", "HUP=0"]
    run = listen(launch, listener, *options, ends=f"{signal.SIGQUIT}=0")
    run.wrapper.send(signal.SIGHUP)
    run.wrapper.send(signal.SIGUSR1)
    expect(listener, signal.SIGRTMIN + 3)
    run.wrapper.send(signal.SIGTERM)
    expect(listener, signal.SIGQUIT)
    assert run.status() == 0


def test_a_stop_signal_mapped_away_starts_no_grace(launch, listener):
    run = listen(launch, listener, "--map-signal", "TERM=0", "--grace", "200ms", ends="10=3")
    run.wrapper.send(signal.SIGTERM)
    assert not run.wrapper.wait_gone(0.5)
    run.wrapper.send(signal.SIGUSR1)
    assert run.status() == 3


@pytest.fixture
def pair(launch, make_family, listener):
    """Two listeners in the command's process group: the command, and its child."""
    child = make_family("child", "listener")
    script = f"{child.program} {child.roster} & exec {listener.program} {listener.roster} 15=0"

    def start(*options):
        run = launch(["sh", "-c", script], options)
        listener.gather()
        child.gather()
        return run, child

    return start


def test_only_the_command_gets_it(pair, listener):
    run, child = pair()
    run.wrapper.send(signal.SIGUSR1)
    expect(listener, signal.SIGUSR1)
    child.ward.send(signal.SIGUSR2)
    expect(child, signal.SIGUSR2)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 0


def test_group_passes_it_to_the_command_s_group(pair, listener):
    run, child = pair("--group")
    run.wrapper.send(signal.SIGUSR1)
    expect(listener, signal.SIGUSR1)
    expect(child, signal.SIGUSR1)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 0


def test_an_inherited_mask_is_given_back(call):
    show = "grep -E 'Sig(Blk|Ign)' /proc/self/status"
    masked = ["env", "--block-signal=USR1", "--ignore-signal=HUP", "--ignore-signal=CHLD"]
    bare = call("--version", prefix=[*masked, "sh", "-c", f"{show}"])
    guarded = call("run", "--", "sh", "-c", show, prefix=masked)
    assert guarded.out == bare.out != ""


def test_sigchld_inherited_as_ignored(launch, family):
    run = launch(family.command("daemon", "plain"), prefix=["env", "--ignore-signal=CHLD"])
    family.gather("daemon", "plain")
    run.tell("exit 13")
    assert run.status() == 13
    assert not family.left()


def test_sigchld_inherited_as_ignored_with_a_quick_command(call):
    answer = call("run", "--", "sh", "-c", "exit 14", prefix=["env", "--ignore-signal=CHLD"])
    assert (answer.status, answer.err) == (14, "")


def test_verbose_says_what_is_passed_on(launch, listener):
    run = listen(launch, listener, "--verbose", ends="10=0")
    run.wrapper.send(signal.SIGUSR1)
    assert run.status() == 0
    assert f"forwarding SIGUSR1 to {listener.ward.pid}" in run.stderr()
