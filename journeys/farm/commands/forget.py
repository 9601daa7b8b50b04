"""Removes old nights from the store, and says which."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from journeys.farm.commands.none_kept import none_of
from journeys.farm.store import open_store


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
        kept = await store.kept()
    count = f"{len(gone)} night{'s' * (len(gone) != 1)}"
    said = f"{'would forget' if only_look else 'forgot'} {count}"
    if gone:
        said += f": {gone[0]}" if len(gone) == 1 else f": {gone[0]} to {gone[-1]}"
    elif kept and not any(name in {"", of} and branch in {"", on} for of, on in kept):
        said = none_of(name, branch, kept)
    console.print(said, highlight=False, markup=False, soft_wrap=True)
    return gone
