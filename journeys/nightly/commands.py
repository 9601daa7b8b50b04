"""What the commands of `journeys farm` print besides the run's own: leases, trends, what was forgotten."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from math import inf
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from journeys.devices.leases import HeldLease
from journeys.errors import UsageError, name_nearest
from journeys.nightly.store import open_store
from journeys.nightly.trends import CellTrend, PropagationTrend, TrendsRecord
from journeys.report import Bounds, format_latency
from journeys.timeline import format_count, format_duration

MAX_ROWS = 15
"""How many lines a table has; `--json` has everything."""

PLAIN_WIDTH = 140
"""How wide lines are where no terminal says how wide it is."""

DRAWN_NIGHTS = 14
"""How many of the newest nights are drawn in a line."""

_BARS = "▁▂▃▄▅▆▇█"


async def show_devices(address: str | None, folder: Path, console: Console, *, as_json: bool = False) -> None:
    """Print who has which device, since when, and for how long without a heartbeat.

    `address` and `folder` are those of `open_store`.
    """
    async with open_store(address, folder) as store:
        held = await store.leases.list_held()
    if as_json:
        console.out(json.dumps([asdict(one) for one in held], indent=2), highlight=False)
        return
    if not held:
        console.print("no device is leased")
        return
    if not console.is_terminal:
        console.width = max(console.width, PLAIN_WIDTH)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("pool", "device", "holder"):
        table.add_column(title, overflow="fold")
    table.add_column("for", justify="right")
    table.add_column("heartbeat")
    for one in held:
        beats = "due in" if one.left_s > 0 else "missing for"
        style = None if one.left_s > 0 else "yellow"
        heartbeat = f"{beats} {format_duration(round(abs(one.left_s)))}"
        age = format_duration(round(one.age_s))
        table.add_row(one.pool, one.device, one.holder, age, heartbeat, style=style)
    console.print(table)


async def release_devices(
    address: str | None,
    folder: Path,
    console: Console,
    names: Sequence[str] = (),
    *,
    expired: bool = False,
    everything: bool = False,
) -> int:
    """Take devices from whoever has them, print which and whose they were, and return how many.

    `names` are `DEVICE` or `POOL/DEVICE`; `expired` takes those whose holder has not been heard of within its
    time to live, `everything` all. Raises `UsageError` for a name that nobody has, or for nothing to release.
    """
    if not (names or expired or everything):
        raise UsageError("say which devices to release: their names, --expired or --all")
    async with open_store(address, folder) as store:
        held = await store.leases.list_held()
        wanted = _find(held, names)
        wanted += [one for one in held if (everything or (expired and one.left_s <= 0)) and one not in wanted]
        taken = [before for one in wanted if (before := await store.leases.release(one.pool, one.device))]
    for one in taken:
        console.print(f"released {one.device} of {one.pool} from {one.holder}", markup=False, soft_wrap=True)
    if not taken:
        console.print("nothing had to be released")
    return len(taken)


async def forget_nights(
    address: str | None,
    folder: Path,
    console: Console,
    keep: int,
    *,
    name: str = "",
    branch: str = "",
    only_look: bool = False,
) -> list[str]:
    """Forget all nights but the newest `keep` of each name and branch, print which, and return their ids.

    `address` and `folder` are those of `open_store`; `only_look` forgets none.
    """
    async with open_store(address, folder) as store:
        gone = await store.forget(keep, name=name, branch=branch, only_look=only_look)
        kept = await store.names_and_branches()
    message = f"{'would forget' if only_look else 'forgot'} {format_count(len(gone), 'night')}"
    if gone:
        message += f": {gone[0]}" if len(gone) == 1 else f": {gone[0]} to {gone[-1]}"
    elif kept and not any(name in {"", of} and branch in {"", on} for of, on in kept):
        message = _describe_none_kept(name, branch, kept)
    console.print(message, highlight=False, markup=False, soft_wrap=True)
    return gone


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
        kept = [] if trends["nights"] else await store.names_and_branches()
    if not console.is_terminal:
        console.width = max(console.width, PLAIN_WIDTH)
    if kept and not as_json:
        console.print(_describe_none_kept(name, branch, kept), highlight=False, markup=False, soft_wrap=True)
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
    nights = format_count(len(trends["nights"]), "night")
    revision = newest["revision"][:12] or "no revision"
    console.print(escape(f"{nights} up to {newest['id']} · {revision}"), style="dim")
    _print_changes(trends, console)
    failing = [cell for cell in trends["cells"] if cell["since"] is not None]
    failing.sort(key=lambda cell: cell["since"]["nights"] if cell["since"] else 0)
    _print_cells("not passed", failing, console)
    flaky = [cell for cell in trends["cells"] if cell["flake_score"] and cell["since"] is None]
    _print_cells("flaky", sorted(flaky, key=lambda cell: -(cell["flake_score"] or 0)), console)
    _print_propagation(trends["propagation"], console)
    _print_steps(trends, console)


def _find(held: Sequence[HeldLease], names: Sequence[str]) -> list[HeldLease]:
    wanted: list[HeldLease] = []
    for name in names:
        of_name = [one for one in held if name in {one.device, f"{one.pool}/{one.device}"}]
        if not of_name:
            known = [f"{one.pool}/{one.device}" for one in held]
            hint = name_nearest(name, known) if known else "none is leased"
            raise UsageError(f"nobody has a device {name}: {hint}")
        if len(of_name) > 1:
            pools = " or ".join(f"{one.pool}/{one.device}" for one in of_name)
            raise UsageError(f"several pools have a device {name}: say {pools}")
        wanted += [one for one in of_name if one not in wanted]
    return wanted


def _describe_none_kept(name: str, branch: str, kept: Sequence[tuple[str, str]]) -> str:
    """Return the sentence, with the nearest of the names and branches that are `kept`."""
    names = {known for known, _ in kept}
    if name and name not in names:
        return f"no night called {name!r} is kept: {name_nearest(name, names)}"
    called = f" called {name!r}" if name else ""
    branches = {known for of, known in kept if known and name in {"", of}}
    return f"no night{called} of branch {branch!r} is kept: {name_nearest(branch, branches)}"


def _print_changes(trends: TrendsRecord, console: Console) -> None:
    if not trends["changes"]:
        console.print("nothing has changed for more than chance", style="dim")
    for change in trends["changes"][:MAX_ROWS]:
        style = "bold red" if change["worse"] else "green"
        console.print(f"{'▲' if change['worse'] else '▼'} {escape(change['summary'])}", style=style)
    _print_rest(trends["changes"], console)


def _print_cells(title: str, cells: Sequence[CellTrend], console: Console) -> None:
    if not cells:
        return
    dated = any(cell["since"] for cell in cells)
    table = _make_table(
        title, "on", "nights", ">passed", ">flaky", *(("since", "passed last") if dated else ())
    )
    for cell in cells[:MAX_ROWS]:
        since = cell["since"]
        table.add_row(
            escape(cell["journey"]),
            escape(cell["casting"]),
            cell["outcomes"][-DRAWN_NIGHTS:].replace("p", "·"),
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
    table = _make_table("commit → visible", "on", ">p50", ">p95", ">budget", "p95 by night")
    for trend in trends[:MAX_ROWS]:
        newest = trend["nights"][-1]
        table.add_row(
            escape(trend["surface"]),
            escape(trend["target"]),
            _latency(newest["p50_s"]),
            _latency(newest["p95_s"]),
            f"{trend['budget_s'] * 1000:.0f} ms",
            _sparkline(
                [
                    night["p95_s"]["high"] if night["p95_s"] else inf
                    for night in trend["nights"][-DRAWN_NIGHTS:]
                ]
            ),
        )
    console.print(table)
    _print_rest(trends, console)


def _print_steps(trends: TrendsRecord, console: Console) -> None:
    if not trends["steps"]:
        return
    table = _make_table("slowest steps", "of", ">p50", ">p95", ">before", ">share")
    for step in trends["steps"][:MAX_ROWS]:
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
    if len(lines) > MAX_ROWS:
        console.print(f"… and {len(lines) - MAX_ROWS} more: --json has all of them", style="dim")


def _make_table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left")
    for title in titles:
        right = title.startswith(">")
        table.add_column(title.lstrip(">"), justify="right" if right else "left", overflow="fold")
    return table


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.0f} %"


def _latency(bounds: Bounds | None) -> str:
    return "never" if bounds is None else format_latency(bounds)


def _sparkline(values: Sequence[float]) -> str:
    """Draw a series as bars from 0 to its greatest; one that was never seen is a cross."""
    greatest = max((value for value in values if value < inf), default=0.0) or 1.0
    return "".join(
        "×" if value == inf else _BARS[min(len(_BARS) - 1, int(value / greatest * len(_BARS)))]
        for value in values
    )
