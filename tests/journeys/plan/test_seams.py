"""The table of a test plan: what is read from it, and which line is wrong where it can't be."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.errors import SetupError
from journeys.plan import UnsoundPlan, missing_files, read_plan

RULE = "| --- | --- | --- |"
TABLE = f"| id | priority | tests |\n{RULE}\n"
PLAN = r"""# Plan

| requirement | priority | journey |
| --- | --- | --- |
| not a seam | P7 | `x` |

```markdown
| id | priority | tests |
| --- | --- | --- |
| an-example | P9 | `nowhere.py` |
```

| Priority | ID | owner | Scope | tests | contracts | impact | strategy | success |
| :-: | --- | --- | --- | ---: | --- | --- | --- | --- |
| P1 | **feed** | ada | app \| backend | `a.py`, `b.py::test_1` | the face: `c.pyi` | loss | real | posts |
| P0 | `sign-in` | grace | app | tests/test_in.py | - | | | |
| P2 | later | ada | app | – | | | | |

Afterwards.
"""


def read(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a plan."""
    (folder / "PLAN.md").write_text(text)
    with pytest.raises(UnsoundPlan) as caught:
        read_plan("PLAN.md", folder)
    return list(caught.value.problems)


def test_a_plan_has_its_seams_in_any_order_of_columns(tmp_path: Path) -> None:
    (tmp_path / "PLAN.md").write_text(PLAN)
    plan = read_plan("PLAN.md", tmp_path)
    feed, sign_in, later = plan.seams
    assert (feed.id, feed.priority, feed.line) == ("feed", "P1", 15)
    assert feed.tests == ("a.py", "b.py::test_1")
    assert feed.files == ("a.py", "b.py")
    assert feed.contracts == ("c.pyi",)
    assert (feed.scope, feed.impact, feed.strategy, feed.success) == (
        *("app | backend", "loss", "real", "posts"),
    )
    assert (sign_in.tests, sign_in.contracts) == (("tests/test_in.py",), ())
    assert later.tests == ()
    assert [seam.id for seam in plan.of(["P0", "P1"])] == ["sign-in", "feed"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("# Nothing", [": has no table of seams: add one"], id="no table"),
        pytest.param(
            f"{TABLE}| a | P0 | `a.py` |\n\n{TABLE}| b | P0 | `b.py` |\n",
            [":5: a second table of seams, after line 1: make them one"],
            id="two tables",
        ),
        pytest.param(TABLE, [":1: the table of seams has no rows"], id="no rows"),
        pytest.param(
            f"{TABLE}| a | P3 | `a.py` |\n",
            [":3: unknown priority 'P3': write P0, P1 or P2"],
            id="unknown priority",
        ),
        pytest.param(
            f"{TABLE}| a | high | `a.py` |\n",
            [":3: unknown priority 'high': write P0, P1 or P2"],
            id="another word for a priority",
        ),
        pytest.param(
            f"{TABLE}| a | P0 | `a.py` |\n| b | P1 | `b.py` |\n| a | P1 | `c.py` |\n",
            [":5: the id a is in line 3 already: give one of them another"],
            id="duplicate id",
        ),
        pytest.param(
            f"{TABLE}| Sign in | P0 | `a.py` |\n",
            [":3: 'Sign in' is no id: small letters, digits and single dashes, such as sign-in"],
            id="no id",
        ),
        pytest.param(
            f"{TABLE}| a | P0 | `a.py` | more |\n| b | P0 |\n",
            [":3: 4 cells in a table of 3 columns: add", ":4: 2 cells in a table of 3 columns: add"],
            id="cells",
        ),
        pytest.param(
            "| id | priority | scope |\n| --- | --- | --- |\n| a | P0 | x |\n",
            [":1: the table of seams has no column tests: mend its headings"],
            id="no column of tests",
        ),
        pytest.param(
            "| id | priority | tests | id |\n| --- | --- | --- | --- |\n",
            [":1: the table of seams has the column id twice: mend its headings"],
            id="a column twice",
        ),
        pytest.param(
            "| id | priority | tests |\n| a | P0 | `a.py` |\n",
            [":2: dashes have to follow the headings: --- for each of 3 columns"],
            id="no dashes",
        ),
        pytest.param(
            f"{TABLE}| a | P0 | `../a.py` |\n| b | P0 | `/b.py` |\n",
            [":3: '../a.py' leads out of the project", ":4: '/b.py' leads out of the project"],
            id="out of the project",
        ),
    ],
)
def test_what_is_wrong_has_its_line(text: str, problems: list[str], tmp_path: Path) -> None:
    found = read(tmp_path, text)
    assert len(found) == len(problems)
    for line, expected in zip(found, problems, strict=True):
        assert line.startswith(f"PLAN.md{expected}")
        assert "\n" not in line


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "PLAN.md is not there: write a test plan, or name one by --plan"),
        (b"\xff\xfe|", r"PLAN.md is no UTF-8 \(byte 0\): save it as UTF-8"),
    ],
    ids=["missing", "another encoding"],
)
def test_a_plan_that_is_none(content: bytes | None, complaint: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "PLAN.md").write_bytes(content)
    with pytest.raises(SetupError, match=complaint):
        read_plan("PLAN.md", tmp_path)


def test_missing_files_have_the_line_of_their_seam(tmp_path: Path) -> None:
    (tmp_path / "here.py").touch()
    (tmp_path / "PLAN.md").write_text(
        f"{TABLE}| a | P0 | `here.py` `gone.py` |\n| b | P1 | `here.py::test_x` |\n| c | P1 | |\n"
    )
    plan = read_plan("PLAN.md", tmp_path)
    assert missing_files(plan, plan.seams) == [
        "PLAN.md:3: gone.py of a is not there: write it, or mend its path",
        "PLAN.md:5: c names no test file: write one, and name it under tests",
    ]
