"""What the backend does in time, and under faults: uploads, fan-out of events, feeds, requests lost.

Real processes: an embedded PostgreSQL and a backend on temporary data (its PostgreSQL doesn't wait for the
disk), and clients in processes of their own, all on the same cores.

`bench-results/backend.json`: `uploads_ratio_to_pillow` (uploads per second through the API / a plain Pillow
loop doing the same renditions in as many processes as there are cores; goal: at least 0.8),
`fanout_1000_p99_ms` and `fanout_5000_p99_ms` (commit -> event received, over all readers and events, posts
half a second apart; goal: under 1000; `…_burst_…`: posts at once), `feed_p99_ms` (100,000 posts, all kinds of
pages mixed), `feed_100_posts_p95_ms` and `feed_100_posts_plan` (a page of 100 of these, and how PostgreSQL
goes about it), `faults_tried`, `requests_lost` (no answer, a wrong one, or an error that doesn't say what it
is; goal: 0), `attack_p95_ratio` (one person's uploads while another sends pictures made to take long / with
nobody else there, p95, the worst kind of them; goal: at most 2), `unfinished_memory_ratio` (memory of the
backend and its workers under 150 uploads of 10 MiB that never end / before; goal: at most 1.3). Beside each
more of its kind, by the same prefix; `load`: the load average before each part.
With `--only kills`, which takes some minutes: `kills` (backends killed with -9 in the middle of uploads),
`kills_wrong` (what was wrong afterwards; goal: nothing).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benches._backend_attack import attack, unfinished
from benches._backend_fanout import fanout
from benches._backend_faults import faults
from benches._backend_feed import feed
from benches._backend_kills import kill_backends
from benches._backend_uploads import uploads
from benches._results import write_results
from embedded_postgres import EmbeddedPostgres

KILLS = 100


async def kills() -> dict[str, object]:
    """Kill backends in the middle of uploads; return figures by key."""
    with EmbeddedPostgres() as postgres, tempfile.TemporaryDirectory() as folder:
        url = await postgres.url()
        survival = await kill_backends(url, Path(folder), kills=KILLS, uploads_per_kill=4)
    print(f"{survival.kills} kills, {survival.sent} uploads, {survival.cut_off} of them cut off")
    for wrong in survival.wrong:
        print(f"  {wrong}")
    return {"kills": survival.kills, "kills_wrong": survival.wrong, "kills_uploads": survival.sent}


PARTS: dict[str, Callable[[], Awaitable[dict[str, object]]]] = {
    "uploads": uploads,
    "fanout": fanout,
    "feed": feed,
    "faults": faults,
    "attack": attack,
    "unfinished": unfinished,
    "kills": kills,
}
BY_DEFAULT = [part for part in PARTS if part != "kills"]


async def bench(parts: list[str]) -> None:
    """Run the parts one after the other, and write what came of them."""
    figures: dict[str, object] = {}
    load: dict[str, float] = {}
    for part in parts:
        load[part] = round(os.getloadavg()[0], 2)
        print(f"{part} (load average {load[part]:.2f}, {os.cpu_count()} cores)")
        figures |= await PARTS[part]()
    write_results("backend", {**figures, "load": load, "parts": parts})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--only",
        choices=PARTS,
        action="append",
        help="run this part only; may be repeated (by default all but the kills, which take some minutes)",
    )
    try:
        asyncio.run(bench(parser.parse_args().only or BY_DEFAULT))
    except KeyboardInterrupt:
        sys.exit(130)
