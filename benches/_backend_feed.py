"""Reading feeds with 100,000 posts in them: first, deep and long pages, of everybody and of one author."""

from __future__ import annotations

import random
import time
from itertools import cycle
from urllib.parse import parse_qs, urlsplit

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy.engine import make_url

from app_backend.feed import Cursor
from benches._backend_http import Connection, milliseconds, side_by_side
from benches._backend_plans import LONGEST, explain_page
from benches._backend_process import Backend, running_backend
from benches._results import print_table

POSTS = 100_000
PEOPLE = 1000
PROLIFIC_POSTS = 2000
"""How many posts one author has, so that there are deep pages by author as well."""

AT_ONCE = 8
SECONDS_EACH = 5.0
WARMING = 50
MIXED = "all mixed"
LONG, LONG_AND_DEEP = LONGEST_PAGES = ("100 posts", "100 posts deep")

FILL = f"""
INSERT INTO people (id, email, password_hash, display_name, bio, version, created_at)
SELECT gen_random_uuid(), 'reader' || n || '@example.test', '-', 'Person ' || n, 'About ' || n, 1, now()
FROM generate_series(1, {PEOPLE}) AS n;

WITH numbered AS (SELECT id, row_number() OVER (ORDER BY email) AS n FROM people)
INSERT INTO posts (id, author_id, text, created_at)
SELECT gen_random_uuid(), numbered.id, 'Post ' || each || repeat(' and more', each % 20),
       now() - each * interval '1 second'
FROM generate_series(1, {POSTS}) AS each
JOIN numbered
  ON numbered.n = CASE WHEN each % {POSTS // PROLIFIC_POSTS} = 0 THEN 1 ELSE 1 + each % {PEOPLE} END;

ANALYZE;
"""  # noqa: S608 - numbers from the lines above


async def feed() -> dict[str, object]:
    """Measure each kind of page by itself, then all mixed; return figures by key."""
    async with running_backend() as backend:
        kinds = await _paths(backend)
        # The longest pages are by themselves only: few ask for them.
        everything = [path for kind, paths in kinds.items() if kind not in LONGEST_PAGES for path in paths]
        # The first page once for each of the others, as people read.
        everything += kinds["first page"] * (len(everything) - 1)
        kinds[MIXED] = random.Random(1).sample(everything, len(everything))  # noqa: S311 - not a secret
        figures: dict[str, object] = {}
        rows = []
        for kind, paths in kinds.items():
            before = backend.processor_s()
            taken, seconds = await _read(backend, paths)
            figure = {
                "reads_per_s": round(len(taken) / seconds, 1),
                "p50_ms": milliseconds(taken, 50),
                "p95_ms": milliseconds(taken, 95),
                "p99_ms": milliseconds(taken, 99),
                # Of the backend alone, whatever else the machine does meanwhile.
                "server_ms_each": round((backend.processor_s() - before) / len(taken) * 1000, 2),
            }
            prefix = "feed" if kind == MIXED else f"feed_{kind.replace(' ', '_')}"
            figures |= {f"{prefix}_{name}": value for name, value in figure.items()}
            rows.append([kind, *(f"{value:.2f}" for value in figure.values())])
        first = await explain_page(backend.database_url, None)
        cursor = parse_qs(urlsplit(kinds[LONG_AND_DEEP][0]).query)["cursor"][0]
        deep = await explain_page(backend.database_url, Cursor.decode(cursor))
        for prefix, plan in (("feed_100_posts", first), ("feed_100_posts_deep", deep)):
            figures |= {f"{prefix}_{name}": value for name, value in plan.items()}
    columns = ["reads/s", "p50, ms", "p95, ms", "p99, ms", "server ms each"]
    print_table([f"{POSTS:,} posts, {AT_ONCE} readers at once", *columns], rows)
    return {**figures, "feed_posts": POSTS, "feed_readers": AT_ONCE}


async def _paths(backend: Backend) -> dict[str, list[str]]:
    """Fill the database; return the addresses to read, by kind."""
    connection = await asyncpg.connect(host=make_url(backend.database_url).query["host"], user="postgres")
    try:
        await connection.execute(FILL)
        count, prolific = await connection.fetchrow(
            "SELECT count(*), mode() WITHIN GROUP (ORDER BY author_id) FROM posts"
        )
        assert count == POSTS, count
        deep = await connection.fetch(
            "SELECT created_at, id, author_id FROM posts ORDER BY created_at OFFSET 100 LIMIT $1", POSTS // 2
        )
    finally:
        await connection.close()
    some = random.Random(2)  # noqa: S311 - not a secret
    authors = [row["author_id"] for row in some.sample(deep, 200)]
    cursors = [Cursor(row["created_at"], row["id"]).encode() for row in some.sample(deep, 200)]
    return {
        "first page": ["/feed"],
        "deep page": [f"/feed?cursor={cursor}" for cursor in cursors],
        LONG: [f"/feed?limit={LONGEST}"],
        LONG_AND_DEEP: [f"/feed?limit={LONGEST}&cursor={cursor}" for cursor in cursors],
        "by author": [f"/people/{author}/posts" for author in authors],
        "by author deep": [f"/people/{prolific}/posts?cursor={cursor}" for cursor in cursors],
    }


async def _read(backend: Backend, paths: list[str]) -> tuple[list[float], float]:
    """Read for a while; return how long each read took, and how long all of it."""
    waiting, taken = cycle(paths), list[float]()
    until = time.perf_counter() + SECONDS_EACH

    async def work(connection: Connection) -> None:
        for _ in range(WARMING // AT_ONCE):
            await connection.request("GET", next(waiting))
        while time.perf_counter() < until:
            answer = await connection.request("GET", next(waiting))
            if answer.status != 200:
                raise SystemExit(f"a feed was answered with {answer.status}: {answer.body[:200]!r}")
            taken.append(answer.took)

    return taken, await side_by_side(backend.port, AT_ONCE, work)
