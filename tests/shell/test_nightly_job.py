"""The nightly job of GitHub and of any other CI: sound by GitHub's schema, and calling what there is."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it ships no types

from journeys.cli.farm_verb import COMMANDS
from tests.shell.clone_folder import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NIGHTLY = ROOT / ".github" / "workflows" / "nightly.yml"
SCRIPT = ROOT / ".ci" / "nightly"

# Stands in for ./run: says what it was asked, writes a summary unless it is LOST, ends as it is told to.
RUN = """#!/bin/sh
echo "$*" >> "$CALLS"
echo "$$" >> "$CALLS.pids"
[ "$2" != merge ] || [ -n "${LOST:-}" ] || mkdir -p night-results/report
[ "$2" != merge ] || [ -n "${LOST:-}" ] || echo "what broke" > night-results/report/summary.md
exit "${CODE:-0}"
"""


@pytest.mark.parametrize("schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"])
def test_workflows_keep_to_githubs_schema_and_end_in_time(schema: str) -> None:
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, WORKFLOWS)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own files
    assert done.returncode == 0, done.stdout


def jobs() -> dict[str, Any]:
    return dict(yaml.safe_load(NIGHTLY.read_text())["jobs"])


def steps(job: str) -> list[dict[str, Any]]:
    return list(jobs()[job]["steps"])


def commands() -> list[list[str]]:
    """The words of all `./run farm` commands, in the workflow and in the script."""
    scripts = [each["run"] for job in jobs() for each in steps(job) if "run" in each] + [SCRIPT.read_text()]
    lines = [line for script in scripts for line in script.splitlines() if "./run farm " in line]
    return [shlex.split(line.split("./run ", 1)[1], comments=True) for line in lines]


def test_both_call_options_that_there_are() -> None:
    called = commands()
    assert [words[1] for words in called] == ["run", "merge", "run", "merge"]
    for words in called:
        parser = argparse.ArgumentParser(add_help=False)
        COMMANDS[words[1]][1](parser)
        known = {option for action in parser._actions for option in action.option_strings}
        used = {found for word in words for found in re.findall(r"^--[a-z-]+", word)}
        assert used <= known


def test_what_a_shard_leaves_is_kept_and_merged_also_where_it_fails() -> None:
    kept = next(each for each in steps("play") if each.get("uses", "").startswith("actions/upload-artifact"))
    got = next(
        each for each in steps("report") if each.get("uses", "").startswith("actions/download-artifact")
    )
    assert kept["if"] == jobs()["report"]["if"] == "always()"
    assert kept["with"]["name"].startswith(got["with"]["pattern"].rstrip("*"))
    played, merged = commands()[:2]
    assert kept["with"]["path"] == played[played.index("--output") + 1]
    assert merged[2] == f"{got['with']['path']}/*"


def test_the_page_and_the_summary_are_kept_also_of_a_night_that_failed() -> None:
    after = steps("report")
    merge = next(place for place, each in enumerate(after) if "farm merge" in each.get("run", ""))
    for each in after[merge + 1 :]:
        assert each["if"].startswith("always()")
    assert "GITHUB_STEP_SUMMARY" in after[merge + 1]["run"]


def test_a_shard_ends_by_itself_before_it_is_ended() -> None:
    # Read as YAML 1.1 does: `on` is a word for true.
    offered = yaml.safe_load(NIGHTLY.read_text())[True]["workflow_dispatch"]["inputs"]["max_minutes"]
    play = next(each for each in steps("play") if "farm run" in each.get("run", ""))
    assert f"|| {offered['default']} " in play["env"]["MAX_MINUTES"]
    assert offered["default"] + 20 <= jobs()["play"]["timeout-minutes"]


def test_no_text_from_elsewhere_becomes_part_of_a_command() -> None:
    for workflow in WORKFLOWS:
        for job in yaml.safe_load(workflow.read_text())["jobs"].values():
            assert [each["run"] for each in job["steps"] if "${{" in each.get("run", "")] == []


def test_nobody_but_the_job_gets_more_than_to_read() -> None:
    assert yaml.safe_load(NIGHTLY.read_text())["permissions"] == {"contents": "read"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the script, and a `run` that only pretends."""
    folder = tmp_path / "a project"
    (folder / ".ci").mkdir(parents=True)
    (folder / ".ci" / "nightly").write_text(SCRIPT.read_text())
    (folder / ".ci" / "nightly").chmod(0o755)
    (folder / "run").write_text(RUN)
    (folder / "run").chmod(0o755)
    return folder


def nightly(project: Path, *words: str, **environment: str) -> tuple[int, str, list[str]]:
    """Call the script from elsewhere: its exit code, what it printed, and what it called."""
    calls = project / "calls"
    known = {"PATH": os.environ["PATH"], "CALLS": str(calls), **environment}
    with subprocess.Popen(  # noqa: S603 - our own script
        [project / ".ci" / "nightly", *words],
        cwd=project.parent,
        env=known,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said = process.communicate()[0]
    called = calls.read_text().splitlines() if calls.exists() else []
    if called and "merge" not in words:
        # It became what it called: a signal for the one reaches the other.
        assert (project / "calls.pids").read_text().split()[-1] == str(process.pid)
    return process.returncode, said, called


@pytest.mark.parametrize(
    ("words", "environment", "called"),
    [
        ((), {}, "farm run --targets nightly.toml --output night-results"),
        (("2/5",), {}, "farm run --targets nightly.toml --shard 2/5 --output night-shards/2"),
        (
            ("12/20",),
            {"NIGHTLY": "weekly.toml", "MAX_MINUTES": "30"},
            "farm run --targets weekly.toml --shard 12/20 --max-minutes 30 --output night-shards/12",
        ),
    ],
)
def test_the_script_plays_the_night_or_a_part_of_it(
    project: Path, words: tuple[str, ...], environment: dict[str, str], called: str
) -> None:
    assert nightly(project, *words, **environment) == (0, "", [called])
    assert nightly(project, *words, **environment, CODE="3") == (3, "", [called, called])


@pytest.mark.parametrize("code", ["0", "1"])
def test_the_script_joins_the_parts_and_prints_the_summary_whatever_came_of_it(
    project: Path, code: str
) -> None:
    for part in ("1", "2"):
        (project / "night-shards" / part).mkdir(parents=True)
    assert nightly(project, "merge", CODE=code) == (
        int(code),
        "what broke\n",
        ["farm merge night-shards/1 night-shards/2 --output night-results"],
    )


def test_the_script_prints_no_summary_of_another_night(project: Path) -> None:
    (project / "night-results" / "report").mkdir(parents=True)
    (project / "night-results" / "report" / "summary.md").write_text("what broke yesterday\n")
    code, said, _ = nightly(project, "merge", CODE="2", LOST="1")
    assert (code, said) == (2, "")


@pytest.mark.parametrize("word", ["2", "x/5", "--help", "0/3"])
def test_the_script_refuses_what_it_does_not_know(project: Path, word: str) -> None:
    said = f'nightly: error: "{word}": say nothing, a part such as 2/5, or merge\n'
    assert nightly(project, word) == (2, said, [])
