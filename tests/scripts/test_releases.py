"""Other Debian releases: what README says works from their bare roots. Long: `pytest -m long`; each takes
minutes, and 2 GB meanwhile. Their packages come from the mirror that the machine's own apt uses."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from test_commands import ROOT, listed_files

RELEASES = os.environ.get("TREEFALL_TEST_RELEASES", "bookworm trixie sid").split()
TOOLS = "git,make,gcc,ca-certificates"
SETTINGS = ("etc/pip.conf", "etc/ssl/certs/ca-certificates.crt", "etc/resolv.conf", "etc/hosts")
ENTER = """set -e
mount --make-rprivate /
for folder in proc dev sys; do mount --rbind "/$folder" "$1/$folder"; done
root=$1; shift
exec chroot "$root" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt sh -ec "$1"
"""
COMMANDS = """cd "/root/a checkout"
make build static
meson test -C build --no-rebuild
make install
cc -o /root/consumer tests/library/consumer.c $(pkg-config --cflags --libs treefall)
/root/consumer
apt-get -qq install --no-install-recommends gcc python3-dev python3-venv >/dev/null
python3 -m venv /root/fresh
/root/fresh/bin/pip install --quiet .
/root/fresh/bin/treefall --version
"""


def mirror():
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    uris = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return next(uri for uri in uris if uri.startswith("http") and "security" not in uri)


@pytest.fixture(params=RELEASES)
def bare_root(request, tmp_path):
    """A fresh root of the release, which reaches the registries as this machine does."""
    if os.getuid() != 0 or not shutil.which("debootstrap"):
        pytest.skip("needs root and debootstrap")
    root = tmp_path / request.param
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={TOOLS}", request.param, root, mirror()],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for name in SETTINGS:
        if Path("/", name).exists():
            shutil.copy(Path("/", name), root / name)
    for path in Path("/etc/apt/apt.conf.d").iterdir():
        if re.search("(?i)acquire", path.read_text()):
            shutil.copy(path, root / "etc/apt/apt.conf.d")
    yield root
    shutil.rmtree(root)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_bare_release_builds_installs_and_passes_the_unit_tests(bare_root):
    checkout = bare_root / "root/a checkout"
    for name in listed_files():
        if (ROOT / name).exists():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", ENTER, "sh", bare_root, COMMANDS],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '15 {"armed":tru' in done.stdout
