"""Shows who has which device, and takes devices from their holders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from journeys.errors import UsageError, nearest
from journeys.farm.commands.trends import WIDTH
from journeys.farm.leases import HeldLease
from journeys.farm.store import open_store


async def show_devices(address: str | None, folder: Path, console: Console, *, as_json: bool = False) -> None:
    """Print who has which device, since when, and for how long without a heartbeat.

    `address` and `folder` are those of `open_store`.
    """
    async with open_store(address, folder) as store:
        held = await store.leases.held()
    if as_json:
        console.out(json.dumps([asdict(one) for one in held], indent=2), highlight=False)
        return
    if not held:
        console.print("no device is leased")
        return
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("pool", "device", "holder"):
        table.add_column(title, overflow="fold")
    table.add_column("for", justify="right")
    table.add_column("heartbeat")
    for one in held:
        beats = "due in" if one.left_s > 0 else "missing for"
        style = None if one.left_s > 0 else "yellow"
        heard = f"{beats} {_seconds(abs(one.left_s))}"
        table.add_row(one.pool, one.device, one.holder, _seconds(one.age_s), heard, style=style)
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
        held = await store.leases.held()
        wanted = _named(held, names)
        wanted += [one for one in held if (everything or (expired and one.left_s <= 0)) and one not in wanted]
        taken = [before for one in wanted if (before := await store.leases.release(one.pool, one.device))]
    for one in taken:
        console.print(f"released {one.device} of {one.pool} from {one.holder}", markup=False, soft_wrap=True)
    if not taken:
        console.print("nothing had to be released")
    return len(taken)


def _named(held: Sequence[HeldLease], names: Sequence[str]) -> list[HeldLease]:
    wanted: list[HeldLease] = []
    for name in names:
        of_name = [one for one in held if name in {one.device, f"{one.pool}/{one.device}"}]
        if not of_name:
            known = [f"{one.pool}/{one.device}" for one in held]
            hint = nearest(name, known) if known else "none is leased"
            raise UsageError(f"nobody has a device {name}: {hint}")
        if len(of_name) > 1:
            pools = " or ".join(f"{one.pool}/{one.device}" for one in of_name)
            raise UsageError(f"several pools have a device {name}: say {pools}")
        wanted += [one for one in of_name if one not in wanted]
    return wanted


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
