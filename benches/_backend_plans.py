"""How PostgreSQL goes about the longest page of a feed: the plan of the statement that the backend sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import event

from app_backend.database import Database
from app_backend.feed import Cursor, Posts

LONGEST = 100


async def explain_page(database_url: str, cursor: Cursor | None) -> dict[str, object]:
    """Run a page of 100 posts as EXPLAIN ANALYZE; return its plan's nodes, rows read and time, by key.

    Raises `AssertionError` where a table is read to its end, or rows are sorted.
    """
    database = Database(database_url)
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    try:
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        posts, _ = await Posts(database).page(limit=LONGEST, cursor=cursor)
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
        assert len(posts) == LONGEST
        (statement, parameters), *others = sent
        assert not others, others
        async with database.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            found = await driver.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *parameters)
    finally:
        await database.close()
    nodes = list(_nodes(found[0]["Plan"]))
    kinds = [" ".join((node["Node Type"], *_names(node))) for node in nodes]
    assert not [kind for kind in kinds if "Seq Scan" in kind or "Sort" in kind], kinds
    scans = [node for node in nodes if node.get("Relation Name") == "posts"]
    return {
        "plan": kinds,
        "plan_posts_read": sum(node["Actual Rows"] * node["Actual Loops"] for node in scans),
        "plan_ms": found[0]["Execution Time"],
    }


def _names(node: dict[str, Any]) -> Iterator[str]:
    if "Index Name" in node:
        yield node["Index Name"]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)
