"""What `./run bench farm` does for minutes, for a moment: processes killed under their leases."""

from __future__ import annotations

from benches._nightly_leases import figures, kill_parts


async def test_no_device_stays_busy_and_no_result_is_lost_where_processes_are_killed() -> None:
    told = figures(await kill_parts(kills=6, seed=3))

    assert told["kills"] == 6
    assert (told["busy_after_ttl"], told["results_lost"], told["used_by_two"]) == (0, 0, 0)
