"""What is told of a night besides its causes: since when, how to see it again, in a few lines of Markdown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from journeys.nightly.record import CellRecord, QuarantineRecord
from journeys.nightly.report import write_report
from journeys.nightly.report.content import NightReport, reopenings
from journeys.nightly.report.summary import as_code, as_plain, summary_of
from tests.journeys.nightly.sample_nights import HOSTILE, cell, night, surface, target
from tests.journeys.nightly.sample_trends import trends

WEB = ("new_avatar_reaches_every_surface", "web")
FLAKY = QuarantineRecord(owner="ada", reason="?", until="2026-12-01")
PIXEL = ("new_avatar_reaches_every_surface", "pixel")


def since(outcomes: dict[tuple[str, str], str], *cells: CellRecord) -> str:
    record = night(*cells)
    return NightReport(record, trends(record, outcomes)).history.describe_since(cells)


def test_what_passed_the_night_before_is_new_tonight() -> None:
    text = since({WEB: "ppf"}, cell("failed"))
    assert text == "new tonight; passed last on 20 Nov 2026 at 3333333333"


def test_what_has_not_passed_for_nights_says_since_when_and_what_passed_last() -> None:
    text = since({WEB: "pfef"}, cell("failed"))
    assert text == "since 19 Nov 2026, 3 nights; passed last on 18 Nov 2026 at 1111111111"


def test_targets_that_broke_in_other_nights_are_told_apart() -> None:
    text = since({WEB: "pppf", PIXEL: "ppff"}, cell("failed"), cell("failed", on="pixel"))
    assert text == "since 20 Nov 2026, 2 nights on pixel; new tonight on web"


def test_what_was_never_played_before_is_not_called_broken_tonight() -> None:
    assert since({WEB: "--f", PIXEL: "ppp"}, cell("failed")) == "played for the first time"
    assert since({PIXEL: "ppp"}, cell("failed")) == "played for the first time"


@pytest.mark.parametrize("outcomes", [{}, {WEB: "f"}], ids=["no nights", "the first one"])
def test_without_nights_before_nothing_is_said(outcomes: dict[tuple[str, str], str]) -> None:
    assert since(outcomes, cell("failed")) == ""
    assert NightReport(night(cell("failed")), None).history.describe_since([cell("failed")]) == ""


def test_what_was_not_played_is_not_called_new() -> None:
    assert since({WEB: "pn"}, cell("not run")) == ""


def test_a_command_plays_journeys_on_targets_and_casts() -> None:
    cells = [cell("failed", on=name) for name in ("web", "alice=pixel,bob=web", "mixed")]
    made = NightReport(night(*cells, targets=[target("web")]), None, command=["./run", "farm"])
    assert made.rerun.command(cells) == (
        "./run farm new_avatar_reaches_every_surface --target web --cast alice=pixel,bob=web --cast mixed"
    )


def test_a_command_names_the_file_whose_targets_it_needs() -> None:
    record = night(cell("failed"), targets_file="jobs/nightly.toml")
    assert NightReport(record, None).rerun.command(record["cells"]) == (
        "journeys run --targets-file jobs/nightly.toml new_avatar_reaches_every_surface --target web"
    )


@pytest.mark.parametrize("name", ["a; rm -rf ~", "$(id)`id`", "it's", "two\nlines", HOSTILE])
def test_a_command_is_harmless_whatever_the_names_are(name: str) -> None:
    (one,) = cells = [cell("failed", of=name, on=name)]
    command = NightReport(night(*cells), None).rerun.command([one])
    word, option = " ".join(name.split()), "--cast" if "=" in name else "--target"
    assert "\n" not in command
    assert shlex.split(command) == ["journeys", "run", word, option, word]


def test_a_cell_that_passed_with_an_app_opened_anew_is_told_with_those_tried_again() -> None:
    line = "alice's app on pixel was opened again: Appium did not answer in time"
    shaky, steady = cell(reopened=[line]), cell(of="steady")
    made = NightReport(night(shaky, steady, cell("failed", of="late", reopened=[line])), None)
    assert made.retried_cells == [shaky]
    assert summary_of(made).endswith("Tried again, and passed then: 1 cell.\n")
    assert reopenings(shaky) == [line]


def test_the_message_says_what_broke_since_when_and_how_to_see_it_again() -> None:
    cells = [
        cell("failed", surfaces=[surface()]),
        cell("failed", on="pixel", surfaces=[surface()]),
        cell("inconclusive", on="tablet", surfaces=[surface("inconclusive", None)]),
        cell("failed", of="flaky", quarantine=FLAKY),
        cell("passed", of="shaky", failed_tries=["socket hang up"]),
        cell(),
    ]
    expired = "old: in quarantine until 2026-11-01"
    record = night(*cells, error="shard 2 of 3 can't be found", expired=[expired])
    message = """\
## nightly: 1 thing broke, in 2 of 6 cells

21 Nov 2026, 02:00 to 03:12 UTC · 1 h 12 min · `8c1f0d2e7a` on main

3 failed, 1 inconclusive, 2 passed

- **Not the whole night: shard 2 of 3 can't be found**
- **Quarantine expired: old: in quarantine until 2026-11-01**

### What broke: 2 cells

1. **The feed never showed the change** · 2 cells on pixel, web · SINCE
   `journeys run new_avatar_reaches_every_surface --target pixel`

### Inconclusive: 1 cell

1. **The feed showed the change, but nobody can tell whether in time** · 1 cell on tablet · FIRST
   `journeys run new_avatar_reaches_every_surface --target tablet`

### In quarantine: 1 cell

1. **Nothing was said about why** · 1 cell on web · FIRST
   `journeys run flaky --target web`

Tried again, and passed then: 1 cell.
"""
    since_when = "since 20 Nov 2026, 2 nights on pixel; new tonight on web"
    expected = message.replace("SINCE", since_when).replace("FIRST", "played for the first time")
    assert summary_of(NightReport(record, trends(record, {WEB: "pf", PIXEL: "ff"}))) == expected


def test_the_message_counts_cells_by_target_where_there_are_several() -> None:
    cells = [cell("error", of=name, error="no grid") for name in "ab"]
    assert "2 cells on web\n" in summary_of(NightReport(night(*cells), None))
    cells.append(cell("error", on="pixel", error="no grid"))
    assert "3 cells on web ×2, pixel\n" in summary_of(NightReport(night(*cells), None))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([cell(), cell(on="pixel")], "All 2 cells passed"),
        ([], "Nothing was played"),
        ([cell(), cell("inconclusive", on="pixel")], "Nothing broke, yet 1 of 2 cells was inconclusive"),
        (
            [cell(), *[cell("not run", on=f"{n}") for n in "ab"]],
            "Nothing broke, yet 2 of 3 cells were not run",
        ),
        ([cell("not run"), cell("not run", on="pixel")], "None of 2 cells was played"),
        ([cell(), cell("failed", on="a", quarantine=FLAKY)], "Nothing broke: 1 of 2 cells passed"),
        ([cell("error", error="x")], "1 thing broke, in 1 of 1 cell"),
    ],
)
def test_the_headline(cells: list[CellRecord], expected: str) -> None:
    assert NightReport(night(*cells), None).headline == expected


def test_the_message_stays_short_however_much_went_wrong() -> None:
    cells = [cell("failed", of=f"journey_{'x' * n}", on=f"t{n}", error="no " * n) for n in range(1, 71)]
    targets = [target(f"t{n}", error="no credentials") for n in range(70)]
    summary = summary_of(NightReport(night(*cells, targets=targets), None))
    assert len(summary) < 8_000
    assert "And 62 more causes: see the report." in summary


def test_the_message_is_plain_whatever_the_names_are() -> None:
    hostile = f"{HOSTILE} [a](http://b) ![a](b) **c** @everyone <!here> | ~~d~~ _e_ &lt; *f* `g` a_b # - 1."
    record = night(cell("error", of=hostile, on=hostile, error=hostile), name=hostile, branch=hostile)
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    html = page.render(summary_of(NightReport(record, None)))
    assert set(re.findall(r"</?(\w+)", html)) == {"h2", "h3", "p", "ol", "li", "strong", "code"}
    assert as_plain(hostile).replace("\\", "").replace("\u2060", "") == hostile
    assert "@everyone" not in re.sub(r"<code>.*?</code>", "", html)
    assert as_plain("a_b c-d (e)") == "a_b c-d (e)"


@pytest.mark.parametrize("text", ["plain", "a `b` c", "``", "`", "a\nb"])
def test_code_ends_where_it_should(text: str) -> None:
    written = as_code(text)
    fence = written[: len(written) - len(written.lstrip("`"))]
    inside = written.removeprefix(fence).removesuffix(fence)
    assert fence not in inside
    assert inside.strip() == " ".join(text.split("\n")).strip()


def test_nothing_is_left_of_a_report_that_could_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(OSError, match=r"index\.html"):
        write_report(night(cell()), None, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
