"""Repeated runs as a person reads them on the console and on the page, and a program in measure.json."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from flutter_bridge import Interval
from journeys.report import ConsoleReport, Run, write_measure_json, write_measure_page

if TYPE_CHECKING:
    from tests.journeys.report.conftest import Ran, Seen

BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def runs(seen: Seen, ran: Ran) -> list[Run]:
    """Give three runs: bob and carol look at the feed, and carol never sees the change in the last one."""
    feed = {"surface": "feed"}

    def run(number: int, ms: int) -> Run:
        return ran(
            number,
            seen(Interval(ms / 1000, (ms + 20) / 1000), tap=Interval(0.2, 0.25)),
            seen(Interval(0.1, 0.12), actor="bob", **feed),
            seen(Interval(0.11, 0.14), actor="carol", **feed),
        )

    late = ran(
        3,
        seen(Interval(0.09, 0.11), tap=Interval(0.3, 0.35)),
        seen(Interval(0.1, 0.12), actor="bob", **feed),
        seen(None, actor="carol", verdict="failed", reason="never showed <it>", fault="never <it>", **feed),
        status="failed",
        error="carol's feed never showed <it>\nat all",
    )
    return [run(1, 70), run(2, 80), late]


def printed(runs: list[Run], *, width: int) -> str:
    output = io.StringIO()
    report = ConsoleReport(console=Console(file=output, width=width, highlight=False))
    # What goes into no terminal is given more room; here it is to be as narrow as said.
    report._console.width = width
    report.print_summary(
        [run.record for run in runs], duration_s=12.3, results=["measure.html"], repeated=runs
    )
    return output.getvalue()


class TestConsole:
    def test_there_is_a_row_for_each_surface_and_for_each_of_several_observers(self, runs: list[Run]) -> None:
        lines = [re.split(r"\s{2,}", line.strip()) for line in printed(runs, width=140).splitlines()]
        assert ["Somebody looks on web, 3 runs: 2 passed, 1 failed"] in lines
        table = lines[lines.index(["surface", "seen by", "n", *["p50", "p95"] * 2, "budget", "verdicts"]) :]
        rows = [" | ".join(cells[:-1]) for cells in table[1:6]]
        assert rows == [
            "header | alice | 3 | 80–100 ms | 90–110 ms | 200–250 ms | 300–350 ms | 1000 ms",
            "feed | 2 observers | 6 | 100–120 ms | 110 ms–never | 0 ms–never | 0 ms–never | 1000 ms",
            "last of 2 | 3 | 110–140 ms | 110 ms–never | 0 ms–never | 0 ms–never | 1000 ms",
            "bob | 3 | 100–120 ms | 100–120 ms | — | — | 1000 ms",
            "carol | 3 | 110–140 ms | 110 ms–never | 0 ms–never | 0 ms–never | 1000 ms",
        ]
        assert [cells[-1] for cells in table[1:6]] == [
            "3 passed",
            "5 passed, 1 failed",
            "2 passed, 1 failed",
            "3 passed",
            "2 passed, 1 failed",
        ]

    def test_each_surface_is_drawn_and_few_runs_are_said_to_be_few(self, runs: list[Run]) -> None:
        text = printed(runs, width=140)
        assert "feed, seen by 2 observers: commit → visible" in text
        assert re.search(r"not seen \|#+ +1\.0", text)
        assert "The p95 of fewer than 20 values is the largest of them." in " ".join(text.split())
        assert text.splitlines()[-2].startswith("failed: 2 passed, 1 failed, 9 surfaces measured")

    @pytest.mark.parametrize("width", [80, 100, 140, 200])
    def test_nothing_is_wider_than_the_terminal_and_no_figure_is_cut(
        self, runs: list[Run], width: int
    ) -> None:
        text = printed(runs, width=width)
        assert max(map(len, text.splitlines())) <= width
        assert "…" not in text
        assert "300–350 ms" in text

    def test_a_finished_run_says_which_one_it_was(self, ran: Ran) -> None:
        output = io.StringIO()
        report = ConsoleReport(console=Console(file=output, width=140, highlight=False))
        report.print_journey(ran(3).record, run="run 3 of 50")
        assert output.getvalue() == "passed       P1  Somebody looks run 3 of 50  1.0 s\n"


class TestJson:
    def written(self, folder: Path, runs: list[Run], **details: Any) -> Any:
        file = folder / "measure.json"
        write_measure_json(file, runs, repeat=5, observers=2, started_at=BEGAN, **details)
        return json.loads(file.read_text(encoding="utf-8"))

    def test_it_has_what_was_asked_for_and_how_each_run_ended(self, runs: list[Run], tmp_path: Path) -> None:
        document = self.written(tmp_path, runs, error="interrupted")
        assert (document["schema"], document["repeat"], document["observers"]) == (1, 5, 2)
        assert (document["status"], document["error"]) == ("error", "interrupted")
        assert [(one["run"], one["status"]) for one in document["runs"]] == [
            (1, "passed"),
            (2, "passed"),
            (3, "failed"),
        ]
        assert self.written(tmp_path, runs)["status"] == "failed"

    def test_a_latency_without_an_end_has_null_for_it(self, runs: list[Run], tmp_path: Path) -> None:
        _, feed = self.written(tmp_path, runs)["distributions"]
        assert feed["all"]["actors"] == ["bob", "carol"]
        assert feed["all"]["verdicts"] == {"passed": 5, "failed": 1}
        assert feed["all"]["commit_to_visible_s"] == {
            "p50": {"low": 0.1, "high": 0.12},
            "p95": {"low": 0.11, "high": None},
        }
        assert feed["last"]["commit_to_visible_s"]["p50"] == {"low": 0.11, "high": 0.14}
        assert [one["actors"] for one in feed["observers"]] == [["bob"], ["carol"]]
        assert feed["observers"][0]["tap_to_visible_s"] == {"p50": None, "p95": None}
        assert feed["samples"][-1] == {
            "run": 3,
            "actor": "carol",
            "verdict": "failed",
            "fault": "never <it>",
            "commit_to_visible_s": {"low": 0.0, "high": None},
            "tap_to_visible_s": {"low": 0.0, "high": None},
        }


class Balanced(HTMLParser):
    """Checks that every element is closed where it has to be, and gathers what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


class TestPage:
    @pytest.fixture
    def document(self, runs: list[Run], tmp_path: Path) -> str:
        return self.written(tmp_path, runs)

    def written(self, folder: Path, runs: list[Run], **details: Any) -> str:
        file = folder / "measure.html"
        write_measure_page(file, runs, repeat=3, started_at=BEGAN, **details)
        return file.read_text(encoding="utf-8")

    def drawings(self, document: str) -> list[ET.Element]:
        # Parsed as XML, so that they are sound by its stricter rules.
        found = re.findall(r"<svg.*?</svg>", document, re.DOTALL)
        return [ET.fromstring(one) for one in found]  # noqa: S314 - our own

    def test_it_is_well_formed_and_needs_nothing_but_itself(self, document: str) -> None:
        parser = Balanced()
        parser.feed(document)
        assert parser.open == []
        assert not {tag for tag, _ in parser.tags} & {"script", "link", "img", "iframe"}
        assert not any({"src", "href"} & set(attributes) for _, attributes in parser.tags)
        assert "url(" not in document
        ids = [attributes["id"] for _, attributes in parser.tags if "id" in attributes]
        assert len(ids) == len(set(ids))

    def test_every_drawing_has_a_title_a_description_and_its_figures_in_a_table(self, document: str) -> None:
        drawings = self.drawings(document)
        assert len(drawings) == 2
        for drawing in drawings:
            assert drawing.get("role") == "img"
            title, description = (drawing.find(name) for name in ("title", "desc"))
            assert title is not None
            assert description is not None
            assert drawing.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
            assert "budget 1000 ms" in (description.text or "")
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", document)
        assert {"80–100 ms", "90–110 ms", "110 ms–never", "5 passed, 1 failed"} <= set(cells)

    def test_every_run_is_a_bar_that_says_which_it_is(self, document: str) -> None:
        header, feed = self.drawings(document)
        bars = [bar for bar in header.iter("rect") if (bar.get("class") or "").startswith("run")]
        assert [bar.findtext("title") for bar in bars] == [
            "run 1, alice: 70–90 ms, passed",
            "run 2, alice: 80–100 ms, passed",
            "run 3, alice: 90–110 ms, passed",
        ]
        # On one axis: the same distance apart, and as wide as each other.
        lefts, widths = ([float(str(bar.get(name)).rstrip("%")) for bar in bars] for name in ("x", "width"))
        assert lefts[1] - lefts[0] == pytest.approx(lefts[2] - lefts[1], abs=0.01)
        assert widths[0] == pytest.approx(widths[1], abs=0.01)
        assert widths[0] == pytest.approx(2 * (lefts[1] - lefts[0]), abs=0.01)
        (unseen,) = [line for line in feed.iter("line") if line.get("class") == "unseen"]
        assert "in milliseconds; 1 not seen<" in document
        assert unseen.findtext("title") == "run 3, carol: failed, never showed <it>"

    def test_nothing_is_drawn_outside(self, seen: Seen, ran: Ran, tmp_path: Path) -> None:
        values = [Interval(0.08 + n / 1000, 0.1 + n / 1000) for n in range(19)] + [Interval(5, 6)]
        document = self.written(tmp_path, [ran(n, seen(value)) for n, value in enumerate(values)])
        (drawing,) = self.drawings(document)
        for rect in drawing.iter("rect"):
            left, width = (float(str(rect.get(name)).rstrip("%")) for name in ("x", "width"))
            assert left >= 0
            assert left + width <= 100.5
        assert "in milliseconds; 1.0 further right<" in document

    @pytest.mark.parametrize(
        ("budget", "drawn", "said"),
        [(0.095, True, "budget 95 ms<"), (1.0, False, "budget 1000 ms ▸"), (0.01, False, "◂ budget 10 ms")],
    )
    def test_the_budget_is_a_line_or_a_hint_where_it_lies(
        self, seen: Seen, ran: Ran, tmp_path: Path, budget: float, drawn: bool, said: str
    ) -> None:
        document = self.written(tmp_path, [ran(1, seen(Interval(0.08, 0.1), budget_s=budget))])
        (drawing,) = self.drawings(document)
        assert any(line.get("class") == "budget" for line in drawing.iter("line")) is drawn
        assert said in document

    def test_a_budget_that_runs_from_the_tap_is_drawn_with_what_was_measured_from_there(
        self, seen: Seen, ran: Ran, tmp_path: Path
    ) -> None:
        late = ran(1, seen(None, tap=Interval(0.08, 0.1), since="tap", budget_s=0.095))
        document = self.written(tmp_path, [late])
        (drawing,) = self.drawings(document)
        assert "tap → visible, in milliseconds<" in document
        assert any(line.get("class") == "budget" for line in drawing.iter("line"))
        assert re.search(r"tap → visible\n(.+\n)+.* p95 budget\n", printed([late], width=120))

    def test_what_runs_said_is_text_and_no_markup(self, document: str) -> None:
        assert "carol&#x27;s feed never showed &lt;it&gt;<br>at all" in document
        assert "<td>failed: never &lt;it&gt;</td>" in document
        assert "<it>" not in document

    def test_light_and_dark_are_the_readers_choice(self, document: str) -> None:
        assert "color-scheme: light dark" in document
        assert "@media (prefers-color-scheme: dark)" in document

    def test_runs_that_measured_nothing_still_make_a_page(self, ran: Ran, tmp_path: Path) -> None:
        document = self.written(
            tmp_path, [ran(1, status="error", error="<gone>")], error="interrupted <here>"
        )
        assert "Nothing was measured: no run came as far as a change that it watched." in document
        assert "Ended early: interrupted &lt;here&gt;" in document
        assert "<li>run 1, error: &lt;gone&gt;</li>" in document
        assert "histogram" not in document

    def test_journeys_that_watch_no_change_are_told_how(self, ran: Ran, tmp_path: Path) -> None:
        document = self.written(tmp_path, [ran(1), ran(2)])
        assert "Nothing was measured: these journeys watch no change." in document
        assert "did not pass" not in document

    def test_a_session_that_ended_before_any_run_says_so(self, tmp_path: Path) -> None:
        assert "Nothing was measured: no run ended." in self.written(tmp_path, [], error="no backend")

    def test_others_may_read_it_where_they_may_read_any_file(self, runs: list[Run], tmp_path: Path) -> None:
        self.written(tmp_path, runs)
        (tmp_path / "any").touch()
        modes = {(tmp_path / name).stat().st_mode for name in ("measure.html", "any")}
        assert len(modes) == 1
