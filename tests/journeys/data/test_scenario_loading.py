"""A scenario comes into a real backend, once, however often it is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from journeys.configuration import Configuration, Server
from journeys.data import DrawnPicture, Scenario
from journeys.errors import InfrastructureError
from journeys.profile.scenario_loading import PASSWORD, ScenarioBackend
from journeys.profile.scenario_records import PersonRecord, PostRecord, ProfileScenario
from journeys.run.servers import Servers

PICTURE = DrawnPicture("tiles", seed=5, format="jpeg", mode="CMYK", size=(300, 200))
ADA = PersonRecord("ada", name="Ada  Lovelace", bio="Engines.", picture=PICTURE)
GONE = PersonRecord("gone", name="Gone", deleted=True)
POSTS = [
    PostRecord("ada", text="Hello"),
    PostRecord("ada", text="Note", count=150, seed=3),
    PostRecord("gone", text="Bye"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = Server(
        name="backend",
        command=("{python}", "-m", "app_backend", "--port", "{port}", "--until-stdin-closes"),
        env={"APP_BACKEND_PASSWORD_HASHING": "cheap", "DATABASE_URL": ""},
        ready="/readyz",
    )
    folder = tmp_path_factory.mktemp("backend")
    with Servers(Configuration(root=folder, servers=(server,))) as servers:
        yield servers.addresses["backend"]


def scenario_of(name: str, *people: PersonRecord, posts: list[PostRecord]) -> Scenario:
    content = ProfileScenario(version=2, people=list(people), posts=posts)
    return Scenario(Path(f"{name}.toml"), 2, content)


async def facts(address: str, person_id: str) -> dict[str, Any]:
    """Return what everybody may know, asked for by a client of the test's own."""
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        profile = (await client.get(f"/people/{person_id}")).json()
        posts: list[str] = []
        cursor: dict[str, str] | None = {}
        while cursor is not None:
            page = (await client.get(f"/people/{person_id}/posts", params={"limit": "50"} | cursor)).json()
            posts += [item["text"] for item in page["items"]]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    return {**profile, "posts": posts}


async def test_twice_is_the_same_as_once(address: str) -> None:
    scenario = scenario_of("twice", ADA, posts=POSTS[:2])
    async with ScenarioBackend(address) as backend:
        people = await backend.load(scenario)
        assert backend.counts == {"people made": 1, "pictures sent": 1, "posts written": 151}
    once = await facts(address, people["ada"].id)
    assert (once["display_name"], once["bio"], len(once["posts"])) == ("Ada Lovelace", "Engines.", 151)
    assert not once["avatar"]["is_default"]
    async with ScenarioBackend(address) as backend:
        again = await backend.load(scenario)
        assert backend.counts == {"people there already": 1}
    assert again["ada"].id == people["ada"].id
    assert await facts(address, people["ada"].id) == once


async def test_only_what_differs_is_changed(address: str) -> None:
    async with ScenarioBackend(address) as backend:
        await backend.load(scenario_of("change", ADA, posts=POSTS[:1]))
    other = msgspec.structs.replace(ADA, bio="Numbers.", picture=DrawnPicture("relief", seed=1))
    more = [*POSTS[:1], PostRecord("ada", text="Hello"), PostRecord("ada", text="More")]
    async with ScenarioBackend(address) as backend:
        people = await backend.load(scenario_of("change", other, posts=more))
        changed = {"people changed": 1, "pictures sent": 1, "posts written": 2}
        assert backend.counts == {"people there already": 1, **changed}
    now = await facts(address, people["ada"].id)
    assert (now["bio"], sorted(now["posts"])) == ("Numbers.", ["Hello", "Hello", "More"])
    async with ScenarioBackend(address) as backend:
        await backend.load(scenario_of("change", msgspec.structs.replace(other, picture=None), posts=more))
        assert backend.counts == {"people there already": 1, "pictures removed": 1}
    assert (await facts(address, people["ada"].id))["avatar"]["is_default"]


async def test_who_is_deleted_was_there(address: str) -> None:
    async with ScenarioBackend(address) as backend:
        people = await backend.load(scenario_of("gone", GONE, posts=POSTS[2:]))
        assert backend.counts == {"people made": 1, "posts written": 1, "people removed": 1}
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        assert (await client.get(f"/people/{people['gone'].id}")).status_code == 404


async def test_people_are_taken_out_again_with_all_they_have_written(address: str) -> None:
    scenario = scenario_of("passing", ADA, GONE, posts=POSTS[:1])
    async with ScenarioBackend(address) as backend:
        people = await backend.load(scenario)
        await backend.remove(scenario, people)
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        assert (await client.get(f"/people/{people['ada'].id}")).status_code == 404
        posts = (await client.get("/feed")).json()["items"]
    assert people["ada"].id not in json.dumps(posts)


async def test_no_more_requests_are_under_way_than_may_be(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = most = 0
    send = httpx.AsyncClient.send

    async def count(client: httpx.AsyncClient, *words: Any, **options: Any) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await send(client, *words, **options)
        finally:
            under_way -= 1

    monkeypatch.setattr(httpx.AsyncClient, "send", count)
    done: list[tuple[int, int]] = []
    async with ScenarioBackend(address) as backend:
        await backend.load(
            scenario_of("many", replace_id(ADA, "one"), replace_id(ADA, "two"), posts=posts_of("one", "two")),
            lambda number, of: done.append((number, of)),
        )
    assert 1 < most <= 4
    assert done == [(number, 202) for number in range(1, 203)]


def replace_id(person: PersonRecord, name: str) -> PersonRecord:
    return msgspec.structs.replace(person, id=name, picture=None)


def posts_of(*names: str) -> list[PostRecord]:
    return [PostRecord(name, text="Note", count=100) for name in names]


async def test_somebody_elses_account_with_that_address_is_one_line(address: str) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        body = {"email": "ada@taken.example.test", "password": f"not {PASSWORD}", "display_name": "Eve"}
        (await client.post("/accounts", json=body)).raise_for_status()
    async with ScenarioBackend(address) as backend:
        with pytest.raises(InfrastructureError, match="POST /sessions answered 401"):
            await backend.load(scenario_of("taken", ADA, posts=[]))
