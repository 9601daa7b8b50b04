"""What the machine puts in the way of a run is told in one line, and is no failure of the app."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = """
[tool.journeys]
paths = ["checks"]
[tool.pytest.ini_options]
filterwarnings = ["error"]
# Plugins that take their time to be imported, and have no business here.
addopts = [
    "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio",
]
asyncio_default_fixture_loop_scope = "session"
"""
SERVED = "".join(
    f"""
[[tool.journeys.servers]]
name = "{name}"
command = ["{{python}}", "-m", "http.server", "{{port}}", "--bind", "127.0.0.1"]
"""
    for name in ("backend", "app")
)
JOURNEYS = """
import os, pathlib
from journeys import journey

@journey("“Zoë” sees a – 日本 – picture")
async def sees(timeline): ...

@journey("A picture is kept")
async def keeps(output_path):
    folder = pathlib.Path(output_path)
    folder.mkdir(parents=True)
    (folder / "frame.png").write_bytes(os.urandom(2**20))

@journey("A page is opened")
async def opens(new_context):
    await new_context()
"""
READ_ONLY = "cd / && mount --bind PROJECT PROJECT && mount -o remount,bind,ro PROJECT && cd PROJECT && $RUN"
FULL = "mount -t tmpfs -o size=256k none test-results && $RUN"
_CAN_MOUNT = (
    sys.platform == "linux"
    and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0  # noqa: S607 - from the path
)
mounting = pytest.mark.skipif(not _CAN_MOUNT, reason="mounting takes root")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / "checks").mkdir(parents=True)
    (project / "pyproject.toml").write_text(PROJECT + SERVED)
    (project / "checks" / "test_it.py").write_text(JOURNEYS, encoding="utf-8")
    return project


def sh(project: Path, script: str, *words: str, **variables: str) -> tuple[int, list[str]]:
    """Run a script with the command as `$RUN`, where nobody else sees what it mounts; return its lines."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "JOURNEYS_"))}
    run = shlex.join([sys.executable, "-m", "journeys.cli", "run", *words])
    own = ["unshare", "-m"] if _CAN_MOUNT else []
    done = subprocess.run(  # noqa: S603 - our own words
        [*own, "sh", "-c", script.replace("$RUN", run)],
        cwd=project,
        env={**env, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=120,
    )
    return done.returncode, [line for line in done.stdout.decode("latin-1").splitlines() if line]


def report(project: Path) -> dict[str, str]:
    document = json.loads((project / "test-results" / "journeys.json").read_text())
    return {one["id"]: f"{one['status']} {one['cause']}".strip() for one in document["journeys"]}


@mounting
def test_a_project_that_is_read_only_is_told_in_one_line(project: Path) -> None:
    read_only = (
        f"mount --bind {project} {project} && mount -o remount,bind,ro {project} && cd {project} && $RUN"
    )
    code, (line,) = sh(project, read_only, "sees")
    assert code == 2
    assert line.endswith(f"--output {project}/test-results: can't be written to: Read-only file system")


@mounting
def test_servers_whose_logs_cannot_be_written_are_not_started(project: Path, tmp_path: Path) -> None:
    read_only = (
        f"mount --bind {project} {project} && mount -o remount,bind,ro {project} && cd {project} && $RUN"
    )
    code, lines = sh(project, read_only, "sees", "--output", str(tmp_path / "results"))
    assert code == 2
    assert "the servers' logs can't be written to" in lines[-1]
    assert not any("Traceback" in line for line in lines)


@mounting
def test_a_full_disk_is_the_infrastructures_fault_and_not_the_apps(project: Path) -> None:
    (project / "test-results").mkdir()
    code, lines = sh(project, FULL, "keeps")
    assert code == 3
    assert any(line.startswith("error ") and "A picture is kept" in line for line in lines)
    assert any("OSError: [Errno 28] No space left on device" in line for line in lines)
    # There is no room for a report either.
    assert lines[-1].endswith(f"results can't be written to {project}/test-results: No space left on device")
    assert not any("Traceback" in line or "INTERNAL" in line for line in lines)


@mounting
def test_results_that_cannot_be_written_at_the_end_are_missed_in_one_line(project: Path) -> None:
    fills = (
        "import pathlib, pytest\\n\\n"
        "def pytest_sessionfinish(session):\\n"
        "    results = pathlib.Path(session.config.getoption('output'))\\n"
        "    try:\\n        (results / 'fill').write_bytes(bytes(2**22))\\n    except OSError: ..."
    )
    (project / "conftest.py").write_text(fills.replace("\\n", "\n"))
    (project / "test-results").mkdir()
    code, lines = sh(project, FULL, "sees")
    assert code == 3
    (line,) = [line for line in lines if "journeys: error:" in line]
    assert line.endswith(f"results can't be written to {project}/test-results: No space left on device")
    assert not any("Traceback" in line or "INTERNAL" in line for line in lines)


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda variables: next(iter(variables.values())),
)
def test_an_output_that_lacks_characters_gets_others_and_no_run_is_lost(
    project: Path, variables: dict[str, str]
) -> None:
    code, lines = sh(project, "$RUN", "sees", **variables)
    assert code == 0, lines
    assert report(project) == {"sees": "passed"}
    (line,) = [line for line in lines if line.startswith("passed  ")]
    assert '"Zo' in line
    assert "sees a - ?? - picture" in line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_a_run_whose_output_goes_nowhere_is_not_lost(project: Path, where: str) -> None:
    code, lines = sh(project, f"$RUN {where}", "sees")
    assert (code, lines) == (0, [])
    assert report(project) == {"sees": "passed"}


def test_what_is_no_browser_is_told_in_one_line(project: Path) -> None:
    browser = "/bin/false"
    code, lines = sh(project, "$RUN", "opens", JOURNEYS_BROWSER=browser)
    assert code == 2
    assert report(project) == {"opens": "error setup"}
    told = [line for line in lines if browser in line]
    assert len(told) == 1, lines
    assert f"the browser {browser} does not start (" in told[0]
    assert "name another in JOURNEYS_BROWSER" in told[0]
