"""`e2e/TEST_PLAN.md` says what is so: its seams, the tests it names, and the journeys' requirements."""

from __future__ import annotations

import re

from journeys import registered_journeys
from tests.docs.test_docs import ROOT, rows, section

PLAN = ROOT / "e2e/TEST_PLAN.md"


def test_the_plan_has_one_table_of_seams_and_all_that_it_names_exists() -> None:
    seams = rows(section(PLAN, "Seams"))
    ids = [row[0] for row in seams]
    assert len(ids) == len(set(ids)) > 30
    assert {row[1] for row in seams} == {"P0", "P1", "P2"}
    assert [row for row in seams if len(row) != 8 or not all(row)] == []
    named_tests = {path for row in seams for cell in row[6:] for path in re.findall(r"`([^`]+)`", cell)}
    own = {each.id: each.module.replace(".", "/") + ".py" for each in registered_journeys()}
    for file, name in (test.split("::") for test in named_tests if "::" in test):
        assert own.get(name) == file
    mentioned = re.findall(r"`((?:tests|e2e|examples)/?[\w/.]*)`", PLAN.read_text())
    named_paths = {test.partition("::")[0] for test in named_tests} | set(mentioned)
    assert sorted(path for path in named_paths if not (ROOT / path).exists()) == []


def test_each_seam_test_stands_in_the_plan_under_its_seam() -> None:
    seams = rows(section(PLAN, "Seams"))
    planned = {path: row[0] for row in seams for path in re.findall(r"`([^`]+)`", row[7])}
    files = sorted((ROOT / "tests/integration").glob("test_*.py"))
    assert {str(file.relative_to(ROOT)): file.stem for file in files} == {
        path: f"test_{seam.replace('-', '_')}_integration"
        for path, seam in planned.items()
        if path.startswith("tests/integration/")
    }


def test_journeys_that_test_a_seam_say_so() -> None:
    covered = {(seam, each.id) for each in registered_journeys() for seam in each.seams}
    named_journeys = {
        (row[0], name)
        for row in rows(section(PLAN, "Seams"))
        for name in re.findall(r"`journeys/profile/\w+\.py::(\w+)`", row[7])
    }
    assert named_journeys
    assert named_journeys - covered == set()


def test_every_journey_has_its_requirement() -> None:
    planned = rows(section(PLAN, "Requirements and journeys"))
    own = [journey for journey in registered_journeys() if journey.module.startswith("journeys.profile.")]
    assert {(row[2].strip("`"), row[1]) for row in planned} == {(each.id, each.priority) for each in own}
