"""How far a plan is, held against tests that are made up, and against pytest's own JUnit files."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.errors import SetupError
from journeys.plan import RecordedTest, SeamPlan, format_markdown, read_junit, read_plan, read_status

TILL, SHELF = "checks/test_till_integration.py", "checks/test_shelf_integration.py"


@pytest.fixture
def plan(tmp_path: Path) -> SeamPlan:
    (tmp_path / "checks").mkdir()
    for file in (TILL, SHELF, "checks/test_roof_integration.py", "checks/test_other.py", "face.pyi"):
        (tmp_path / file).touch()
    (tmp_path / "PLAN.md").write_text(
        "| id | priority | contracts | tests |\n| --- | --- | --- | --- |\n"
        f"| till | P0 | `face.pyi` | `{TILL}` |\n"
        f"| coins | P0 | `json.decoder` `face.Till` | `{TILL}::test_coins` |\n"
        f"| shelf | P1 | `gone.pyi` `face.deep.Till` | `{SHELF}` |\n"
        "| door | P1 | | `checks/test_door_integration.py` |\n"
        "| later | P2 | | |\n"
    )
    return read_plan("PLAN.md", tmp_path)


def recorded(name: str, outcome: str = "passed", reason: str = "") -> RecordedTest:
    file = name.partition("::")[0]
    return RecordedTest(id=name, file=file, outcome=outcome, reason=reason)  # type: ignore[arg-type]  # a word


TESTS = [
    recorded(f"{TILL}::test_pays"),
    recorded(f"{TILL}::test_coins[1]"),
    recorded(f"{TILL}::test_coins[2]", "skipped", "no coins yet"),
    recorded(f"{TILL}::test_coins_of_gold"),
    recorded(f"{SHELF}::test_is_full"),
]


def test_what_is_missing_is_said_with_its_line(plan: SeamPlan) -> None:
    status = read_status(plan, TESTS, TESTS)
    assert [(each.seam.id, each.word, each.collected, each.ran, each.skipped) for each in status.seams] == [
        ("till", "complete", 4, 3, 1),
        ("coins", "complete", 2, 1, 1),
        ("shelf", "missing", 1, 1, 0),
        ("door", "missing", 0, 0, 0),
        ("later", "not planned", 0, 0, 0),
    ]
    assert status.orphans == ("checks/test_roof_integration.py",)
    assert list(status.problems) == [
        "PLAN.md:5: the contract gone.pyi of shelf is not there: write it, or mend its path",
        "PLAN.md:5: the contract face.deep.Till of shelf is not there: write it, or mend its path",
        ("PLAN.md:6: checks/test_door_integration.py of door is not there: write it, or mend its path"),
        "checks/test_roof_integration.py is named by no seam: give it a row in PLAN.md",
    ]


@pytest.mark.parametrize(
    ("collected", "ran", "problem"),
    [
        ([], [], "till has no tests in checks/test_till_integration.py: write one"),
        (TESTS, [], "no test of till has run: journeys plan run"),
        (TESTS, TESTS[1:], "till has 4 tests and 3 ran: journeys plan run"),
        (TESTS[2:3], TESTS[2:3], "all tests of till were skipped: see why below"),
        (
            TESTS,
            [recorded(TESTS[0].id, "failed"), *TESTS[1:]],
            f"1 of 4 tests of till failed, such as {TESTS[0].id}",
        ),
    ],
    ids=["no tests", "not run", "counts differ", "all skipped", "failed"],
)
def test_a_seam_is_complete_once_its_tests_ran(
    collected: list[RecordedTest], ran: list[RecordedTest], problem: str, plan: SeamPlan
) -> None:
    till = read_status(plan, collected, ran).seams[0]
    assert till.problems == (f"PLAN.md:3: {problem}",)
    assert till.word == "missing"


def test_the_progress_is_a_table_in_markdown(plan: SeamPlan) -> None:
    text = format_markdown(read_status(plan, TESTS, TESTS))
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"
    ]
    assert rows[0] == ["seam", "priority", "tests", "ran", "skipped", "state"]
    assert rows[2] == ["till", "P0", "4", "3", "1", "complete"]
    assert "2 of 4 P0 and P1 seams are complete." in text
    assert f"- {TILL}::test_coins[2]: no coins yet" in text


def test_pytests_junit_file_says_what_ran(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    folder = pytester.mkdir("checks")
    (folder / "test_till_integration.py").write_text(
        "import pytest\n"
        "class TestTill:\n    def test_pays(self): pass\n"
        "def test_counts(): assert 0\n"
        "@pytest.mark.skip(reason='no coins yet')\ndef test_coins(): pass\n"
        "@pytest.mark.xfail(reason='known')\ndef test_old(): assert 0\n"
        "@pytest.fixture\ndef broken(): assert 0\n"
        "def test_broken(broken): pass\n"
    )
    pytester.runpytest_subprocess("--junitxml=junit.xml")
    found = read_junit(pytester.path / "junit.xml", [SHELF, TILL])
    assert [(test.id, test.file, test.outcome) for test in found] == [
        (f"{TILL}::TestTill::test_pays", TILL, "passed"),
        (f"{TILL}::test_counts", TILL, "failed"),
        (f"{TILL}::test_coins", TILL, "skipped"),
        (f"{TILL}::test_old", TILL, "xfailed"),
        (f"{TILL}::test_broken", TILL, "error"),
    ]
    assert found[2].reason == "no coins yet"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file"),
        (b"", "is no XML: no element found: line 1, column 0: name a JUnit file"),
        (b"<html></html>", "has <html>, no <testsuites>: name a JUnit file"),
        (b"<!DOCTYPE x><testsuites/>", "has a document type: a JUnit file has none"),
    ],
    ids=["missing", "empty", "another kind", "document type"],
)
def test_what_is_no_junit_file(content: bytes | None, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SetupError, match=complaint):
        read_junit(file, [TILL])
