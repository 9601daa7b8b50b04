"""Pauses of the tests here take no time, and what a thread is asked takes its own."""

from __future__ import annotations

import asyncio
import time

from flutter_bridge import now


async def test_a_pause_is_over_at_once_and_has_been_as_long_as_it_was_to_be(skipped_pauses: None) -> None:
    really, begun = time.monotonic(), now()
    await asyncio.sleep(3600)
    assert now() - begun >= 3600
    assert time.monotonic() - really < 1800


async def test_no_time_limit_is_over_before_a_thread_has_answered(skipped_pauses: None) -> None:
    async with asyncio.timeout(3600):
        await asyncio.to_thread(time.sleep, 0.1)
