"""Posts and feeds: newest first, page by page, whatever is written meanwhile."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import text

from app_backend.api import Services
from app_backend.database import Post

if TYPE_CHECKING:
    from tests.backend_fixtures import Member

pytestmark = pytest.mark.rolled_back


async def say(member: Member, *texts: str) -> None:
    for each in texts:
        answer = await member.http.post("/posts", json={"text": each})
        assert answer.status_code == 201


async def read(http: httpx.AsyncClient, path: str = "/feed", **params: Any) -> tuple[list[str], str | None]:
    answer = await http.get(path, params={k: v for k, v in params.items() if v is not None})
    assert answer.status_code == 200, answer.text
    return [item["text"] for item in answer.json()["items"]], answer.json()["next_cursor"]


async def test_a_post_is_in_the_feed_with_its_author_as_they_are_now(
    http: httpx.AsyncClient, ada: Member
) -> None:
    before = time.time()
    written = await ada.http.post("/posts", json={"text": "  Hello, 世界!\n"})
    assert written.status_code == 201
    assert before <= written.json()["committed_at"] <= time.time()
    assert written.json()["post"]["text"] == "Hello, 世界!"

    await ada.http.patch("/me", json={"display_name": "Ada L."})

    (post,) = (await http.get("/feed")).json()["items"]
    assert post["id"] == written.json()["post"]["id"]
    assert post["created_at"] == written.json()["post"]["created_at"]
    assert post["author"]["display_name"] == "Ada L."


async def test_newest_first_everybody_or_one_person(
    http: httpx.AsyncClient, ada: Member, grace: Member
) -> None:
    await say(ada, "1")
    await say(grace, "2")
    await say(ada, "3")

    assert await read(http) == (["3", "2", "1"], None)
    assert await read(http, f"/people/{ada.id}/posts") == (["3", "1"], None)


async def test_pages_neither_repeat_nor_skip_while_posts_come_in(
    http: httpx.AsyncClient, ada: Member
) -> None:
    await say(ada, *"abcdefg")

    seen: list[str] = []
    cursor = None
    for newcomer in "xyz":
        texts, cursor = await read(http, limit=3, cursor=cursor)
        seen += texts
        await say(ada, newcomer)

    assert seen == list("gfedcba")
    assert cursor is None


async def test_posts_of_the_same_moment_are_paged_by_id(
    http: httpx.AsyncClient, ada: Member, services: Services
) -> None:
    await say(ada, *"abcde")
    async with services.database.engine.begin() as connection:
        await connection.execute(text("UPDATE posts SET created_at = now()"))

    seen: list[str] = []
    cursor = None
    for _ in range(5):
        texts, cursor = await read(http, limit=1, cursor=cursor)
        seen += texts

    assert sorted(seen) == list("abcde")
    assert cursor is None


async def test_the_last_page_may_be_exactly_full(http: httpx.AsyncClient, ada: Member) -> None:
    await say(ada, *"ab")

    assert await read(http, limit=2) == (["b", "a"], None)


async def test_an_empty_feed_is_a_feed(http: httpx.AsyncClient) -> None:
    assert await read(http) == ([], None)


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"cursor": "x"},
        {"cursor": "ä"},
        {"cursor": "A" * 32},
    ],
)
async def test_what_is_no_page_is_said(http: httpx.AsyncClient, params: dict[str, str]) -> None:
    answer = await http.get("/feed", params=params)

    # A well-formed cursor far in the past is just an empty rest of the feed.
    assert answer.status_code == (200 if params == {"cursor": "A" * 32} else 422)


@pytest.mark.parametrize("said", ["", "  \n", "x" * 1001, "a\x00b", None])
async def test_what_is_no_post_is_refused(http: httpx.AsyncClient, ada: Member, said: str | None) -> None:
    assert (await ada.http.post("/posts", json={"text": said})).status_code == 422
    assert await read(http) == ([], None)


@pytest.mark.parametrize("person", [None, "somebody"])
async def test_pages_are_read_from_an_index(services: Services, ada: Member, person: str | None) -> None:
    """A thousand posts are enough for PostgreSQL to prefer its index to sorting."""
    async with services.database.sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO posts SELECT gen_random_uuid(), :author, 'x', now() - i * interval '1 s' "
                "FROM generate_series(1, 5000) AS i"
            ),
            {"author": ada.id},
        )
    where = "author_id = (SELECT id FROM people) AND" if person else ""
    before = f"SELECT * FROM posts WHERE {where} (created_at, id) < (now(), :id)"  # noqa: S608 - as above
    query = f"{before} ORDER BY created_at DESC, id DESC"
    async with services.database.engine.begin() as connection:
        await connection.execute(text("ANALYZE posts"))
        plan = await connection.scalars(text(f"EXPLAIN {query} LIMIT 20"), {"id": ada.id})
        lines = "\n".join(plan)

    assert "Index Scan Backward" in lines
    assert "Sort" not in lines


async def test_a_post_knows_its_moment_to_the_microsecond(ada: Member, services: Services) -> None:
    before = datetime.now(UTC)
    await say(ada, "now")
    async with services.database.reading() as session:
        (post,) = await session.scalars(Post.__table__.select().with_only_columns(Post.created_at))

    assert before <= post <= datetime.now(UTC)
