"""The documentation says what is so: its links, snippets, options, fields, keys and imports."""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from contextlib import nullcontext
from dataclasses import fields
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import GenericAlias
from typing import Any, get_args, get_type_hints, is_typeddict

import pytest

import journeys.profile.odd_data
import journeys.profile.people
import journeys.profile.pictures  # registers the journeys
from journeys import registered_journeys, timeline
from journeys.cli import data_verb, farm_verb, plan_verb
from journeys.configuration import Configuration, SampleAccount, Server, read_configuration
from journeys.nightly.record import AttemptRecord, CellRecord, NightRecord
from journeys.plan import Bisection, PlanRecord, UnsoundPlan, read_plan
from journeys.profile import Backend, Identifiers
from journeys.report import (
    Bounds,
    JourneyRecord,
    StepRecord,
    SurfaceRecord,
    json_report,
    record_of,
    write_json,
)
from tests.quick import LONG

ROOT = Path(journeys.profile.__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), ROOT / "e2e/TEST_PLAN.md"]
PAGES += sorted(ROOT.glob("examples/*/README.md"))
REFERENCE = ROOT / "docs/reference"
PARTS = (
    *("picture_reader", "flutter_bridge", "fake_android", "flutter_app", "app_backend", "embedded_postgres"),
    *("local_server", "journeys"),
)

by_page = pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def blocks(document: Path, language: str) -> list[str]:
    """The fenced code of one language, without the indentation it has in a list."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", document.read_text(), re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in found]


def block(page: str, having: str, language: str = "python") -> str:
    """The one block of a page that has some text in it."""
    (found,) = (code for code in blocks(ROOT / page, language) if having in code)
    return found


def prose(document: Path) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)


def section(document: Path, heading: str) -> str:
    """What stands below a heading, up to the next one."""
    text = document.read_text().split(f"\n## {heading}\n", 1)
    assert len(text) == 2, f"{document.name} has no section {heading!r}"
    return text[1].split("\n## ", 1)[0]


def rows(text: str) -> list[list[str]]:
    """The rows of the tables in a text, without headers."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"
    ]
    rules = [
        index for index, row in enumerate(cells) if set(row[0]) == {"-"} or set("".join(row)) == {"-", " "}
    ]
    headers = {index - 1 for index in rules}
    return [row for index, row in enumerate(cells) if index not in headers and index not in rules]


def named(text: str) -> list[str]:
    """The code in the first column of a text's tables: a field, a key, an option without its value."""
    return [name.split()[0] for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])]


def anchors(document: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


@by_page
def test_relative_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (document.parent / path) if path else document
        assert linked.exists(), f"{target} is not there"
        if anchor:
            assert anchor in anchors(linked), f"{path} has no heading #{anchor}"


@by_page
def test_snippets_of_python_compile(document: Path) -> None:
    for code in blocks(document, "python"):
        compile(code, str(document), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


@by_page
def test_snippets_import_what_is_there(document: Path) -> None:
    for code in blocks(document, "python"):
        for statement in ast.walk(ast.parse(code)):
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] in PARTS:
                module = import_module(str(statement.module))
                assert [alias.name for alias in statement.names if not hasattr(module, alias.name)] == []


@pytest.mark.parametrize("page", ["your-own-app", "commits", "write-a-journey", "identifiers", "profile-kit"])
def test_a_kit_needs_nothing_but_journeys(page: str) -> None:
    faces = {"journeys", "journeys.pictures", "journeys.profile", "journeys.profile.fixtures"}
    for code in blocks(ROOT / f"docs/guides/{page}.md", "python"):
        for statement in ast.walk(ast.parse(code)):
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] in PARTS:
                assert statement.module in faces


def test_no_two_files_of_tests_have_the_same_name() -> None:
    """pytest takes one for the other: the second can't be collected."""
    names = Counter(file.name for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


@by_page
def test_snippets_of_configuration_are_read(document: Path, tmp_path: Path) -> None:
    for code in blocks(document, "toml"):
        (tmp_path / "pyproject.toml").write_text(code)
        configuration = read_configuration(tmp_path)
        Identifiers.from_settings(configuration.identifiers)


@by_page
def test_no_page_is_wider_than_people_read(document: Path) -> None:
    code = {
        line
        for block in re.findall(r"```.*?```", document.read_text(), re.DOTALL)
        for line in block.splitlines()
    }
    wide = [line for line in document.read_text().splitlines() if len(line) > 130]
    assert [line for line in wide if line not in code and line[:1] not in {"|", "!"}] == []


@pytest.mark.parametrize(
    "verb", ["run", "measure", "chaos", "list", "load", "app", "report", "review", "browser"]
)
def test_options_of_the_command_are_those_in_its_reference(verb: str) -> None:
    parser = argparse.ArgumentParser(add_help=False)
    import_module(f"journeys.cli.{verb}_verb").add_arguments(parser)
    shown = (action for action in parser._actions if action.help is not argparse.SUPPRESS)
    known = {word for action in shown for word in action.option_strings} | {"--debug"}
    heading = {
        "run": "`journeys run [WHAT ...]`",
        "measure": "`journeys measure [JOURNEY ...]`",
        "chaos": "`journeys chaos [WHAT ...]`",
        "list": "`journeys list [PATH ...]`",
        "report": "`journeys report [DIR]`",
    }.get(verb, f"`journeys {verb}`")
    assert set(named(section(REFERENCE / "command-line.md", heading))) == known


COMMANDS = {"data": data_verb.COMMANDS, "farm": farm_verb.COMMANDS, "plan": plan_verb.COMMANDS}


@pytest.mark.parametrize(
    ("verb", "command"), [(verb, command) for verb, commands in COMMANDS.items() for command in commands]
)
def test_options_of_a_verbs_commands_are_those_in_its_reference(verb: str, command: str) -> None:
    parser = argparse.ArgumentParser(add_help=False)
    COMMANDS[verb][command][1](parser)
    known = {word for action in parser._actions for word in action.option_strings} | {"--debug"}
    words = {"merge": "DIR ...", "report": "[DIR]", "release": "[DEVICE ...]", "bisect": "[PATH ...]"}
    words |= {"check": "[PATH ...]", "load": "SCENARIO", "migrate": "[PATH ...]", "diff": "A B"}
    words["scenarios"] = words["bisect"]
    heading = " ".join(filter(None, ["journeys", verb, command, words.get(command)]))
    text = section(REFERENCE / "command-line.md", f"`{heading}`")
    assert set(named(text)) == known


def test_verbs_of_the_script_are_those_in_its_reference() -> None:
    usage = (ROOT / "run").read_text().split("<<'TEXT'", 1)[1].split("\nTEXT", 1)[0]
    verbs = set(re.findall(r"^  ([a-z]+) ", usage, re.MULTILINE))
    text = section(REFERENCE / "command-line.md", "`./run VERB`")
    assert set(re.findall(r"^\| `\./run ([a-z]+)", text, re.MULTILINE)) == verbs


def test_options_of_pytest_exist(pytestconfig: pytest.Config) -> None:
    known = {
        word for group in pytestconfig._parser._groups for option in group.options for word in option.names()
    }
    documented = set(named(section(REFERENCE / "pytest-options.md", "Options")))
    ours = {"--app-url", "--backend-url"} | {word for word in known if word.startswith("--journey-")}
    assert documented <= known
    assert ours <= documented


def test_fixtures_of_pytest_exist() -> None:
    fixtures = import_module("journeys.pytest_plugin.fixtures")
    documented = set(named(section(REFERENCE / "pytest-options.md", "Fixtures")))
    assert documented == set(fixtures.__all__)


def test_markers_are_registered(pytestconfig: pytest.Config) -> None:
    registered_markers = {line.partition(":")[0] for line in pytestconfig.getini("markers")}
    documented = set(named(section(REFERENCE / "pytest-options.md", "Markers")))
    assert documented <= registered_markers
    assert {name for name in registered_markers if re.fullmatch(r"journey|p\d|tdd_\w+", name)} == documented


@pytest.mark.parametrize(
    ("heading", "table", "elsewhere"),
    [
        ("`[tool.journeys]`", Configuration, {"root"}),
        ("`[[tool.journeys.servers]]`", Server, set()),
        ("`[[tool.journeys.sample_accounts]]`", SampleAccount, set()),
        ("`[tool.journeys.identifiers]`", Identifiers, set()),
    ],
)
def test_keys_of_the_configuration(heading: str, table: type, elsewhere: set[str]) -> None:
    documented = named(section(REFERENCE / "configuration.md", heading))
    assert documented == [field.name for field in fields(table) if field.name not in elsewhere]


def test_defaults_of_the_identifiers() -> None:
    text = section(REFERENCE / "configuration.md", "`[tool.journeys.identifiers]`")
    documented = {row[0].strip("`"): row[1].strip("`") for row in rows(text)}
    assert documented == {field.name: field.default for field in fields(Identifiers)}


def test_example_of_the_configuration_is_this_projects_own() -> None:
    own = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["journeys"]
    example = tomllib.loads(blocks(REFERENCE / "configuration.md", "toml")[-1])["tool"]["journeys"]
    assert example == {**own, "sample_accounts": own["sample_accounts"][:1]}


@pytest.mark.parametrize(
    ("heading", "record"),
    [
        ("A journey", JourneyRecord),
        ("A step", StepRecord),
        ("A surface", SurfaceRecord),
        ("Bounds", Bounds),
    ],
)
def test_fields_of_the_report(heading: str, record: type) -> None:
    documented = named(section(REFERENCE / "journeys-json.md", heading))
    assert sorted(documented) == sorted(get_type_hints(record))


@pytest.mark.parametrize(
    ("heading", "record"),
    [("`night.json`", NightRecord), ("A cell", CellRecord), ("An attempt", AttemptRecord)],
)
def test_fields_of_a_night(heading: str, record: type) -> None:
    assert sorted(named(section(REFERENCE / "nightly-toml.md", heading))) == sorted(get_type_hints(record))


@pytest.mark.parametrize(
    ("heading", "record"),
    [
        ("A run", json_report.RunRecord),
        ("A distribution", json_report.DistributionRecord),
        ("Observers", json_report.ObserversRecord),
        ("A sample", json_report.SampleRecord),
        ("Reach", json_report.Reach),
    ],
)
def test_fields_of_the_measurements(heading: str, record: type) -> None:
    documented = named(section(REFERENCE / "measure-json.md", heading))
    assert sorted(documented) == sorted(get_type_hints(record))


def test_fields_of_the_measurements_themselves(tmp_path: Path) -> None:
    file = tmp_path / "measure.json"
    json_report.write_measure_json(file, [], repeat=1, observers=1, started_at=datetime.now(UTC))
    written = json.loads(file.read_text())
    assert named(section(REFERENCE / "measure-json.md", "The document")) == list(written)


@pytest.mark.parametrize(
    ("heading", "fields_of"),
    [
        ("A run", get_type_hints(PlanRecord)),
        ("A bisection", {"schema": int, **get_type_hints(Bisection)}),
    ],
    ids=["run", "bisection"],
)
def test_fields_of_a_test_plan(heading: str, fields_of: dict[str, type]) -> None:
    assert named(section(REFERENCE / "test-plan.md", heading)) == list(fields_of)


def test_columns_of_a_test_plan(tmp_path: Path) -> None:
    text = section(REFERENCE / "test-plan.md", "The table")
    columns = {row[0].strip("`"): row[1] == "yes" for row in rows(text)}
    (example,) = blocks(ROOT / "docs/guides/test-plan.md", "markdown")
    (tmp_path / "PLAN.md").write_text(example)
    assert set(columns) == set(example.splitlines()[0].replace("|", " ").split())
    seam = read_plan("PLAN.md", tmp_path).seams[0]
    assert all(getattr(seam, name) for name in columns)
    for name, is_needed in columns.items():
        (tmp_path / "PLAN.md").write_text(example.replace(f" {name} ", " other ", 1))
        with pytest.raises(UnsoundPlan) if is_needed else nullcontext():
            read_plan("PLAN.md", tmp_path)


def test_fields_of_the_report_itself(tmp_path: Path) -> None:
    written = report(tmp_path)
    assert named(section(REFERENCE / "journeys-json.md", "The document")) == list(written)


def test_example_of_the_report_has_every_field(tmp_path: Path) -> None:
    (code,) = blocks(REFERENCE / "journeys-json.md", "json")
    example = json.loads(code)
    written = report(tmp_path)
    assert list(example) == list(written)
    assert list(example["machine"]) == list(written["machine"])
    assert_has_fields(example["journeys"][0], JourneyRecord)


def report(folder: Path) -> dict[str, Any]:
    """A report of one journey, as a run writes it."""
    file = folder / "journeys.json"
    write_json(file, [record_of([], results=folder)], started_at=datetime.now(UTC), addresses={}, apps={})
    written: dict[str, Any] = json.loads(file.read_text())
    return written


def assert_has_fields(example: dict[str, Any], record: type) -> None:
    """Check an object's fields, and those of the records in it."""
    hints = get_type_hints(record)
    assert sorted(example) == sorted(hints)
    for name, hint in hints.items():
        inner = next((kind for kind in (hint, *get_args(hint)) if is_typeddict(kind)), None)
        if inner is not None and example[name] is not None:
            for part in example[name] if isinstance(hint, GenericAlias) else [example[name]]:
                assert_has_fields(part, inner)


def test_events_and_their_fields() -> None:
    documented = {
        row[0].strip("`"): re.findall(r"`([^`]+)`", row[1])
        for row in rows((REFERENCE / "events.md").read_text())
    }
    inherited = {field.name for field in fields(timeline.Event)}
    known = {
        event.__name__: [field.name for field in fields(event) if field.name not in inherited]
        for event in timeline.Event.__subclasses__()
    }
    assert documented == known


def test_the_guides_backend_is_a_whole_one() -> None:
    code = next(code for code in blocks(ROOT / "docs/guides/profile-kit.md", "python") if "class " in code)
    (written,) = [node for node in ast.parse(code).body if isinstance(node, ast.ClassDef)]
    methods = {node.name for node in written.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert {name for name in vars(Backend) if not name.startswith("_")} <= methods


def test_the_first_journey_has_ten_lines_and_is_the_same_everywhere() -> None:
    code = block("docs/guides/your-own-app.md", "press_is_counted")
    assert code == block("README.md", "press_is_counted")
    assert len([line for line in code.splitlines() if line]) <= 10


def test_every_journey_is_collected() -> None:
    command = [sys.executable, "-m", "pytest", "e2e", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(  # noqa: S603 - no words but ours
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    own = [journey for journey in registered_journeys() if journey.module.startswith("journeys.profile.")]
    assert {(journey.module.replace(".", "/") + ".py", journey.id) for journey in own} == set(
        re.findall(r"^(\S+)::(\w+)\[", done.stdout, re.MULTILINE)
    )


def test_scenarios_are_what_the_journeys_say() -> None:
    command = [sys.executable, "-m", "journeys.cli", "plan", "scenarios", "--check"]
    done = subprocess.run(  # noqa: S603 - no words but ours
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_quick_leaves_out_is_there() -> None:
    left_out = [ROOT / f"tests/{folder}/test_{name}.py" for folder in LONG for name in LONG[folder].split()]
    assert [path for path in left_out if not path.exists()] == []
