"""What a person sees while journeys run, and the table at the end."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import zip_longest
from textwrap import wrap
from typing import TextIO, cast

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from journeys.redaction import redact
from journeys.report.distribution import Run, count_statuses
from journeys.report.json_report import overall_status
from journeys.report.measure_console import print_measured
from journeys.report.record import MISSING_FONT, JourneyRecord, SurfaceRecord, format_latency
from journeys.timeline import Event, JourneyStarted, StepStarted, format_count

_STYLES = {"passed": "green", "failed": "bold red", "inconclusive": "bold yellow", "error": "bold magenta"}
_HEADER = ("surface", "seen by", "commit → visible", "tap → visible", "budget", "verdict")
_RIGHT = {"commit → visible", "tap → visible", "budget"}
_GAP = 2
_MIN_NAME_WIDTH = 24
# Where no terminal says how wide it is, lines are not cut to one.
_WIDTH_WITHOUT_TERMINAL = 140


class _StandardOutput:
    """Standard output, whichever that is by now; what can't be written there is lost, and the run goes on."""

    def __getattr__(self, name: str) -> object:
        return getattr(sys.stdout, name)

    def write(self, text: str) -> int:
        with _ignore_full_disk():
            sys.stdout.write(text)
        return len(text)

    def flush(self) -> None:
        with _ignore_full_disk():
            sys.stdout.flush()


@contextmanager
def _ignore_full_disk() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # nobody reads it any more
    except OSError:
        return


class ConsoleReport:
    """Prints progress as it happens and the result as a table.

    `uncaptured` opens a way past whatever captures the output of tests while one runs.
    """

    def __init__(
        self,
        *,
        console: Console | None = None,
        uncaptured: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        output = cast(TextIO, _StandardOutput())
        self._console = console or Console(file=output, highlight=False, soft_wrap=False)
        if not self._console.is_terminal:
            self._console.width = max(self._console.width, _WIDTH_WITHOUT_TERMINAL)
        self._uncaptured = uncaptured
        self._on_line = False
        self._several = False

    def print_start(self, played: Mapping[str, str], targets: Sequence[str], count: int | None) -> None:
        """Say what is about to run, and against what; `count` is None where that isn't known yet.

        `played` are the servers' addresses, and the builds of the app that are installed, by their names.
        """
        self._several = len(targets) > 1
        where = " · ".join(f"{name} {each}" for name, each in played.items())
        what = "journeys" if count is None else format_count(count, "journey")
        self._console.print(f"{what} on {', '.join(targets)} · {escape(where)}", style="dim")

    def show_event(self, event: Event) -> None:
        """Show a journey's first event as a line, and on a terminal its current step behind it."""
        match event:
            case JourneyStarted() if self._console.is_terminal:
                self._show_current(event.name, "")
            case StepStarted() if self._console.is_terminal:
                self._show_current("", event.title)

    def _show_current(self, name: str, step: str) -> None:
        with self._uncaptured():
            self._clear()
            room = self._console.width - 4
            # Before it is cut: half a secret is found by nobody.
            self._console.print(
                f"  [dim]{escape(redact(step or name)[:room])}[/]", end="", overflow="crop", no_wrap=True
            )
            self._console.file.flush()
            self._on_line = True

    def _clear(self) -> None:
        if self._on_line:
            self._console.file.write("\r\x1b[2K")
            self._on_line = False

    def print_journey(self, record: JourneyRecord, *, run: str = "") -> None:
        """Print a finished journey: one line, and why where it didn't pass; `run` says which one of many."""
        status = record["status"]
        with self._uncaptured():
            self._clear()
            # 18 columns are for status, priority and duration.
            name = escape(record["name"] or record["id"])
            on = f" on {escape(record['casting'])}" if self._several and record["casting"] else ""
            self._console.print(
                f"[{_STYLES[status]}]{status:<12}[/] {record['priority'] or '--'}  {name}{on} "
                f"[dim]{f'{run}  ' if run else ''}{record['duration_s']:.1f} s[/]"
            )
            # Why comes first: what else is worth knowing may have nothing to do with it.
            if status != "passed":
                for line in record["error"].splitlines():
                    self._console.print(f"             [{_STYLES[status]}]{escape(line)}[/]", soft_wrap=True)
            # Apps ask for much that they can do without, but not for fonts.
            unreached = (
                line for line in record.get("unreached", ()) if status != "passed" or MISSING_FONT in line
            )
            for line in (*record.get("reopened", ()), *record.get("unreported", ()), *unreached):
                self._console.print(f"             [yellow]{escape(line)}[/]", soft_wrap=True)
            self._console.file.flush()

    def print_line(self, text: str, *, style: str = "") -> None:
        """Print a line about the run itself, such as why it ended early."""
        with self._uncaptured():
            self._clear()
            self._console.print(escape(text), style=style, soft_wrap=True)

    def print_summary(
        self,
        records: Sequence[JourneyRecord],
        *,
        duration_s: float,
        results: Sequence[str],
        cut_short: bool = False,
        repeated: Sequence[Run] = (),
    ) -> None:
        """Print the table of everything measured, and the total; a run cut short has not passed.

        Of `repeated` runs, the distributions are printed instead of every single latency.
        """
        self._clear()
        rows = [(record, surface) for record in records for surface in record["surfaces"]]
        if repeated:
            print_measured(self._console, repeated)
        elif rows:
            self._console.print()
            self._console.print(_table(records, width=self._console.width))
        self._print_screens(records)
        self._console.print()
        self._console.print(_total(records, rows, duration_s, cut_short=cut_short))
        if results:
            self._console.print(f"results: {', '.join(results)}", style="dim", soft_wrap=True)

    def _print_screens(self, records: Sequence[JourneyRecord]) -> None:
        """Print what became of the screens, and a line for each that somebody has to look at."""
        screens = [screen for record in records for screen in record["screens"]]
        if not screens:
            return
        statuses = Counter(screen["status"] for screen in screens)
        counted = ", ".join(f"{count} {status}" for status, count in statuses.items())
        self._console.print()
        self._console.print(f"{format_count(len(screens), 'screen')} compared: {counted}")
        for screen in screens:
            if screen["status"] != "same":
                style = "yellow" if screen["accepted"] else "bold red"
                place = f"{screen['screen']} ({screen['target']}, {screen['theme']})"
                status, why = f"[{style}]{screen['status']:<10}[/]", escape(screen["summary"])
                self._console.print(f"  {status} {escape(place)} [dim]{why}[/]", soft_wrap=True)
        if any(screen["status"] != "same" for screen in screens):
            self._console.print("  look at them: journeys review", style="dim")


def _table(records: Sequence[JourneyRecord], *, width: int) -> Table:
    """Make a row of each surface; a journey's name goes on beside its surfaces, line by line."""
    several = len({surface["target"] for record in records for surface in record["surfaces"]}) > 1
    measured = [
        (record["name"], [_cells(surface, several=several) for surface in record["surfaces"]])
        for record in records
        if record["surfaces"]
    ]
    rows = [row for _, rows in measured for row in rows]
    taken = [max(map(cell_len, column)) for column in zip(_HEADER, *rows, strict=True)]
    room = max(_MIN_NAME_WIDTH, width - sum(taken) - _GAP * len(taken))
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    table.add_column("journey", no_wrap=True)
    for title in _HEADER:
        table.add_column(title, justify="right" if title in _RIGHT else "left", no_wrap=True)
    for name, beside in measured:
        for line, row in zip_longest(wrap(name, room), beside):
            cells = row or [""] * len(_HEADER)
            verdict = f"[{_STYLES[cells[-1]]}]{cells[-1]}[/]" if row else ""
            table.add_row(escape(line or ""), *map(escape, cells[:-1]), verdict)
    return table


def _cells(surface: SurfaceRecord, *, several: bool) -> list[str]:
    return [
        surface["surface"],
        f"{surface['actor']} ({surface['target']})" if several else surface["actor"],
        format_latency(surface["commit_to_visible_s"]),
        format_latency(surface["tap_to_visible_s"]),
        f"{surface['budget_s'] * 1000:.0f} ms",
        surface["verdict"],
    ]


def _total(
    records: Sequence[JourneyRecord],
    rows: Sequence[tuple[JourneyRecord, SurfaceRecord]],
    duration_s: float,
    *,
    cut_short: bool,
) -> str:
    counted = count_statuses(record["status"] for record in records)
    parts = [f"[{_STYLES[status]}]{count} {status}[/]" for status, count in counted.items()]
    worst = "error" if cut_short else overall_status(records)
    text = ", ".join(parts) if parts else "no journey was run"
    text += ", then cut short" if cut_short else ""
    surfaces = f", {format_count(len(rows), 'surface')} measured" if rows else ""
    return f"[{_STYLES[worst]}]{worst}[/]: {text}{surfaces} in {duration_s:.1f} s"
