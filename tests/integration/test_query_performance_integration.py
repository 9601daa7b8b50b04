"""Feeds are read by index, however many posts there are: PostgreSQL's own plans for what is really sent."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import event, text

from app_backend.api import Services
from app_backend.feed import Cursor

POSTS = 20_000
PEOPLE = 500
"""Enough that reading a whole table would be the dearest of all plans, and still made in a moment.

Indexes are made anew: what tests before have left in them would make them look dearer than they are.
"""

FILL = f"""
INSERT INTO people (id, email, password_hash, display_name, bio, version, created_at)
SELECT gen_random_uuid(), n || '@plans.test', '-', 'Person ' || n, '', 1, now()
FROM generate_series(1, {PEOPLE}) AS n;
INSERT INTO posts (id, author_id, text, created_at)
SELECT gen_random_uuid(), author.id, 'Post ' || n, now() - n * interval '1 second'
FROM generate_series(1, {POSTS}) AS n
JOIN (SELECT id, row_number() OVER () AS place FROM people) AS author
  ON author.place = CASE WHEN n % 200 = 0 THEN 1 ELSE 1 + n % {PEOPLE} END;
REINDEX TABLE people;
REINDEX TABLE posts;
ANALYZE people;
ANALYZE posts;
"""  # noqa: S608 - numbers from the lines above


@dataclass(frozen=True)
class Statement:
    """One statement as it was sent to PostgreSQL, with its parameters."""

    text: str
    parameters: tuple[Any, ...]


@dataclass(frozen=True)
class Filled:
    """The database with many posts: the author of one in two hundred, and places in the middle of the feeds.

    Of a tenth it would be a toss-up which index is read: theirs are soon found among all others.
    """

    author: uuid.UUID
    middle: Cursor
    middle_of_author: Cursor


@pytest.fixture
async def filled(services: Services) -> AsyncIterator[Filled]:
    async with services.database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.execute(FILL)
        author = await raw.fetchval("SELECT mode() WITHIN GROUP (ORDER BY author_id) FROM posts")
        place = "SELECT created_at, id FROM posts {} ORDER BY created_at DESC, id DESC OFFSET {} LIMIT 1"
        middle = await raw.fetchrow(place.format("", POSTS // 2))
        of_author = await raw.fetchrow(place.format("WHERE author_id = $1", POSTS // 400), author)
        yield Filled(
            author,
            Cursor(middle["created_at"], middle["id"]),
            Cursor(of_author["created_at"], of_author["id"]),
        )
    async with services.database.engine.begin() as connection:
        for table in ("posts", "people"):
            await connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names from the line above
    async with services.database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        # What later tests' plans, and their time, are made from.
        await raw.execute("VACUUM ANALYZE posts, people")


@pytest.fixture
def sent(services: Services) -> Iterator[list[Statement]]:
    """Every statement that is sent meanwhile."""
    heard: list[Statement] = []
    engine = services.database.engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append(Statement(statement, tuple(parameters)))

    event.listen(engine, "before_cursor_execute", note)
    yield heard
    event.remove(engine, "before_cursor_execute", note)


Read = Callable[[Services, Filled], Awaitable[Any]]
READS: dict[str, tuple[Read, str]] = {
    "first page": (
        lambda services, _: services.posts.page(limit=20),
        "posts_created_at_id_idx",
    ),
    "deep page": (
        lambda services, filled: services.posts.page(limit=20, cursor=filled.middle),
        "posts_created_at_id_idx",
    ),
    "longest page": (
        lambda services, filled: services.posts.page(limit=100, cursor=filled.middle),
        "posts_created_at_id_idx",
    ),
    "by author": (
        lambda services, filled: services.posts.page(limit=20, author_id=filled.author),
        "posts_author_id_created_at_id_idx",
    ),
    "by author, deep": (
        lambda services, filled: services.posts.page(
            limit=20, author_id=filled.author, cursor=filled.middle_of_author
        ),
        "posts_author_id_created_at_id_idx",
    ),
    "profile": (lambda services, filled: services.people.find(filled.author), "people_pkey"),
}


@pytest.mark.parametrize("plan_for", ["these values", "any values"])
async def test_every_read_of_a_feed_goes_by_an_index(
    services: Services, filled: Filled, sent: list[Statement], plan_for: str
) -> None:
    """For the values given, and as PostgreSQL plans a statement that it has seen often, for any."""
    for kind, (read, index) in READS.items():
        sent.clear()
        await read(services, filled)
        (statement,) = (each for each in sent if each.text.lstrip().startswith("SELECT"))

        plan = await _plan(services, statement, generic=plan_for == "any values")

        nodes = list(_nodes(plan))
        assert index in {node.get("Index Name") for node in nodes}, (kind, plan)
        assert "Seq Scan" not in {node["Node Type"] for node in nodes}, (kind, plan)
        # All are in order already: nothing may be read and sorted only to be thrown away.
        assert not {node["Node Type"] for node in nodes} & {"Sort", "Incremental Sort"}, (kind, plan)


@pytest.mark.parametrize("kind", [kind for kind in READS if kind != "profile"])
async def test_a_page_reads_no_more_rows_than_it_shows(
    services: Services, filled: Filled, sent: list[Statement], kind: str
) -> None:
    """However deep the page is: counted by PostgreSQL while it reads."""
    read, index = READS[kind]
    posts, _ = await read(services, filled)
    (statement,) = (each for each in sent if each.text.lstrip().startswith("SELECT"))

    plan = await _plan(services, statement, analyze=True)

    (scan,) = (node for node in _nodes(plan) if node.get("Index Name") == index)
    assert scan["Actual Rows"] * scan["Actual Loops"] <= len(posts) + 1
    assert scan.get("Rows Removed by Filter", 0) == 0


async def _plan(
    services: Services, statement: Statement, *, generic: bool = False, analyze: bool = False
) -> dict[str, Any]:
    """Return how PostgreSQL goes about a statement; `generic`: whatever its parameters are."""
    options = f"FORMAT JSON{', ANALYZE' if analyze else ''}"
    async with services.database.engine.connect() as connection:
        raw: asyncpg.Connection = (await connection.get_raw_connection()).driver_connection
        if generic:
            # `EXPLAIN (GENERIC_PLAN)` with parameters at hand goes by them all the same.
            given = ", ".join(f"'{value}'" for value in statement.parameters)
            async with raw.transaction():
                await raw.execute("SET LOCAL plan_cache_mode = force_generic_plan")
                await raw.execute(f"PREPARE asked AS {statement.text}")
                found = await raw.fetchval(f"EXPLAIN ({options}) EXECUTE asked({given})")
                await raw.execute("DEALLOCATE asked")
        else:
            found = await raw.fetchval(f"EXPLAIN ({options}) {statement.text}", *statement.parameters)
    plan: dict[str, Any] = found[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)
