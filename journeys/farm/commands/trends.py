"""Prints what the last nights say together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import inf
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from journeys.farm.commands.none_kept import none_of
from journeys.farm.store import open_store
from journeys.farm.trends import CellTrend, PropagationTrend, TrendsRecord
from journeys.report import in_milliseconds
from journeys.report.record import Bounds

MOST = 15
"""How many lines a table has; `--json` has everything."""

WIDTH = 140
"""How wide lines are where no terminal says how wide it is."""

DRAWN = 14
"""How many of the newest nights are drawn in a line."""

_STEPS = "▁▂▃▄▅▆▇█"


async def show_trends(
    address: str | None,
    folder: Path,
    console: Console,
    *,
    name: str = "",
    branch: str = "",
    nights: int = 30,
    as_json: bool = False,
) -> TrendsRecord:
    """Print the trends of the last nights and return them.

    `address` and `folder` are those of `open_store`.
    """
    async with open_store(address, folder) as store:
        trends = await store.trends(name, branch=branch, nights=nights)
        kept = [] if trends["nights"] else await store.kept()
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    if kept and not as_json:
        console.print(none_of(name, branch, kept), highlight=False, markup=False, soft_wrap=True)
    elif as_json:
        console.out(json.dumps(trends, indent=2, ensure_ascii=False), highlight=False)
    else:
        print_trends(trends, console)
    return trends


def print_trends(trends: TrendsRecord, console: Console) -> None:
    """Print trends: what changed, what fails and since when, what is flaky, how fast and how slow."""
    if not trends["nights"]:
        console.print("no night is kept yet: `journeys farm run` keeps one")
        return
    newest = trends["nights"][-1]
    count = len(trends["nights"])
    said = (
        f"{count} night{'s' * (count != 1)} up to {newest['id']} · {newest['revision'][:12] or 'no revision'}"
    )
    console.print(escape(said), style="dim")
    _print_changes(trends, console)
    failing = [cell for cell in trends["cells"] if cell["since"] is not None]
    failing.sort(key=lambda cell: cell["since"]["nights"] if cell["since"] else 0)
    _print_cells("not passed", failing, console)
    flaky = [cell for cell in trends["cells"] if cell["flake_score"] and cell["since"] is None]
    _print_cells("flaky", sorted(flaky, key=lambda cell: -(cell["flake_score"] or 0)), console)
    _print_propagation(trends["propagation"], console)
    _print_steps(trends, console)


def _print_changes(trends: TrendsRecord, console: Console) -> None:
    if not trends["changes"]:
        console.print("nothing has changed for more than chance", style="dim")
    for change in trends["changes"][:MOST]:
        style = "bold red" if change["worse"] else "green"
        console.print(f"{'▲' if change['worse'] else '▼'} {escape(change['summary'])}", style=style)
    _print_rest(trends["changes"], console)


def _print_cells(title: str, cells: Sequence[CellTrend], console: Console) -> None:
    if not cells:
        return
    told = any(cell["since"] for cell in cells)
    table = _table(title, "on", "nights", ">passed", ">flaky", *(("since", "passed last") if told else ()))
    for cell in cells[:MOST]:
        since = cell["since"]
        table.add_row(
            escape(cell["journey"]),
            escape(cell["casting"]),
            cell["outcomes"][-DRAWN:].replace("p", "·"),
            _percent(cell["pass_rate"]),
            _percent(cell["flake_score"]),
            *(
                (
                    escape(f"{since['night']} {since['revision'][:12]}".strip()),
                    escape(f"{since['passed_last']} {since['passed_revision'][:12]}".strip() or "never"),
                )
                if since
                else ()
            ),
        )
    console.print(table)
    _print_rest(cells, console)


def _print_propagation(trends: Sequence[PropagationTrend], console: Console) -> None:
    if not trends:
        return
    table = _table("commit → visible", "on", ">p50", ">p95", ">budget", "p95 by night")
    for trend in trends[:MOST]:
        newest = trend["nights"][-1]
        table.add_row(
            escape(trend["surface"]),
            escape(trend["target"]),
            _latency(newest["p50_s"]),
            _latency(newest["p95_s"]),
            f"{trend['budget_s'] * 1000:.0f} ms",
            _drawn([night["p95_s"]["high"] if night["p95_s"] else inf for night in trend["nights"][-DRAWN:]]),
        )
    console.print(table)
    _print_rest(trends, console)


def _print_steps(trends: TrendsRecord, console: Console) -> None:
    if not trends["steps"]:
        return
    table = _table("slowest steps", "of", ">p50", ">p95", ">before", ">share")
    for step in trends["steps"][:MOST]:
        before = step["p50_before_s"]
        table.add_row(
            escape(step["step"]),
            escape(step["journey"]),
            f"{step['p50_s']:.2f} s",
            f"{step['p95_s']:.2f} s",
            "—" if before is None else f"{before:.2f} s",
            _percent(step["share"]),
        )
    console.print(table)


def _print_rest(lines: Sequence[object], console: Console) -> None:
    if len(lines) > MOST:
        console.print(f"… and {len(lines) - MOST} more: --json has all of them", style="dim")


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left")
    for title in titles:
        right = title.startswith(">")
        table.add_column(title.lstrip(">"), justify="right" if right else "left", overflow="fold")
    return table


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.0f} %"


def _latency(bounds: Bounds | None) -> str:
    return "never" if bounds is None else in_milliseconds(bounds)


def _drawn(values: Sequence[float]) -> str:
    """Draw a series as bars from 0 to its greatest; one that was never seen is a cross."""
    greatest = max((value for value in values if value < inf), default=0.0) or 1.0
    return "".join(
        "×" if value == inf else _STEPS[min(len(_STEPS) - 1, int(value / greatest * len(_STEPS)))]
        for value in values
    )
