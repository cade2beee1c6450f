"""The package: what the wheel holds, its command, its types, and how a reader installs it."""

import os
import re
import signal
import subprocess
import sys
import zipfile

from support import deadline, needs
from support.binary import REPOSITORY
from support.waiting import wait_until

README = (REPOSITORY / "README.md").read_text()
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.M | re.S)


def tools_first():
    """The build's tools are those beside this interpreter, not the distribution's."""
    return {**os.environ, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}


def run(*words, **settings):
    words = [str(word) for word in words]
    return subprocess.run(words, capture_output=True, text=True, timeout=300, **settings)


def test_the_wheel(wheel):
    assert re.fullmatch(r"treefall-[\d.]+-cp3\d+-abi3-linux_\w+\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if "dist-info" not in name}
    modules = {
        str(path.relative_to(REPOSITORY / "python"))
        for path in (REPOSITORY / "python/treefall").glob("*.py*")
        if path.suffix in (".py", ".pyi")
    }
    programs = {"treefall/_bin/treefall", "treefall/_bin/treefall-sentinel"}
    (script,) = names - modules - programs - {"treefall/_native.abi3.so", "treefall/py.typed"}
    assert re.fullmatch(r"treefall-[\d.]+\.data/scripts/treefall", script)
    assert names > modules | programs


def test_the_extension_keeps_to_the_stable_interface(site):
    shown = run("nm", "--dynamic", site / "treefall/_native.abi3.so").stdout
    assert re.findall(r" [TBDR] (\w+)", shown) == ["PyInit__native"]
    used = set(re.findall(r" U (_?Py\w+)", shown))
    assert used and not {name for name in used if name.startswith("_Py") and name not in STABLE}


STABLE = {"_Py_Dealloc", "_Py_NoneStruct"}


def test_the_command(site):
    environment = {**os.environ, "PYTHONPATH": str(site)}
    for command in ([site / "bin/treefall"], [sys.executable, "-m", "treefall"]):
        done = run(*command, "run", "--", "sh", "-c", "exit 7", env=environment)
        assert (done.returncode, done.stderr) == (7, "")
    version = run(site / "bin/treefall", "--version").stdout
    code = "import treefall; print(treefall.__version__)"
    own = run(sys.executable, "-c", code, env=environment).stdout
    assert own.strip() in version


def test_a_missing_command_is_said(site, tmp_path):
    package = tmp_path / "treefall"
    package.mkdir()
    for name in ("__main__.py",):
        (package / name).write_bytes((site / "treefall" / name).read_bytes())
    done = run(sys.executable, package / "__main__.py", "--version")
    assert done.returncode == 125 and "cannot execute" in done.stderr


def test_the_types(site, tmp_path):
    """The package's own, a caller's, and the stub against the extension."""
    caller = tmp_path / "caller.py"
    caller.write_text(
        "import treefall\n"
        "with treefall.guard(kill_delay=1, when='debugger') as guard:\n"
        "    with guard.hold('x', budget=2):\n"
        "        guard.beat()\n"
        "    routes: list[str] = [route.name for route in guard.guarantee.routes]\n"
        "    confined: bool = guard.guarantee.confined\n"
        "    path: str | None = guard.report\n"
    )
    environment = {**tools_first(), "MYPYPATH": str(site)}
    cache = f"--cache-dir={tmp_path}/cache"
    strict = run(sys.executable, "-m", "mypy", "--strict", cache, "-p", "treefall", env=environment)
    assert strict.returncode == 0, strict.stdout
    strict = run(sys.executable, "-m", "mypy", "--strict", cache, caller, env=environment)
    assert strict.returncode == 0, strict.stdout
    environment["PYTHONPATH"] = str(site)
    stubtest = ["-m", "mypy.stubtest", "--ignore-disjoint-bases", "treefall._native"]
    stub = run(sys.executable, *stubtest, env=environment, cwd=tmp_path)
    assert stub.returncode == 0, stub.stdout


def test_no_module_of_the_package_needs_more_than_python_3_9(site):
    import ast

    for path in (site / "treefall").glob("*.py*"):
        if path.suffix in (".py", ".pyi"):
            ast.parse(path.read_text(), feature_version=(3, 9))


def test_pip_install_and_the_readme_s_example(tmp_path):
    """As a reader does it: a fresh environment, and the page's example word for word."""
    needs.package_index()
    ((example, shown),) = EXAMPLE.findall(README)
    assert len(example.splitlines()) <= 10
    run(sys.executable, "-m", "venv", tmp_path / "fresh", check=True)
    python = tmp_path / "fresh/bin/python"
    run(python, "-m", "pip", "install", REPOSITORY, check=True)
    (tmp_path / "example.py").write_text(example)
    done = run(python, "example.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, shown)
    assert (tmp_path / "fresh/bin/treefall").exists()
    report = wait_until((tmp_path / "fall.txt").read_text, deadline.ANSWER_S, "a report")
    assert "stale" in report and "sleep" in report
