"""Runs things together, and lets the first error out as what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def together(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all at once; when one fails the others are cancelled and its error is raised, not a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except BaseExceptionGroup as several:
        raise first_of(several) from None


def first_of(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error inside a group of errors."""
    first = several.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
