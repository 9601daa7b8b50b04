"""Sign-ins: short-lived tokens, refreshed by tokens that work once, listed and ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import func, select, update

from app_backend.api import Services
from app_backend.database import Base, SignIn, TokenPair

if TYPE_CHECKING:
    from tests.backend_fixtures import Member


@dataclass
class Clock:
    """Lets time pass, as the database sees it."""

    services: Services

    async def pass_by(self, seconds: float) -> None:
        past = timedelta(seconds=seconds)
        async with self.services.database.sessions.begin() as session:
            await session.execute(
                update(TokenPair).values(
                    access_expires_at=TokenPair.access_expires_at - past,
                    refresh_expires_at=TokenPair.refresh_expires_at - past,
                    exchanged_at=TokenPair.exchanged_at - past,
                )
            )
            await session.execute(update(SignIn).values(expires_at=SignIn.expires_at - past))


@pytest.fixture
def clock(services: Services) -> Clock:
    return Clock(services)


class Client:
    """A client that keeps its tokens, as an app does."""

    def __init__(self, http: httpx.AsyncClient, member: Member) -> None:
        self._http = http
        self._member = member
        self.tokens: dict[str, Any] = {}

    async def sign_in(self, **headers: str) -> None:
        credentials = {"email": self._member.email, "password": self._member.password}
        answer = await self._http.post("/sessions", json=credentials, headers=headers)
        assert answer.status_code == 201
        self.tokens = answer.json()

    async def refresh(self, refresh_token: str | None = None) -> int:
        wish = {"refresh_token": refresh_token or self.tokens["refresh_token"]}
        answer = await self._http.post("/sessions/refresh", json=wish)
        if answer.status_code == 200:
            self.tokens = answer.json()
        return answer.status_code

    async def ask(self, method: str, path: str, *, token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.tokens['token']}"}
        return await self._http.request(method, path, headers=headers)

    async def works(self, token: str | None = None) -> bool:
        status = (await self.ask("GET", "/me", token=token)).status_code
        assert status in {200, 401}
        return status == 200


@pytest.fixture
async def client(http: httpx.AsyncClient, ada: Member) -> Client:
    client = Client(http, ada)
    await client.sign_in()
    return client


async def test_a_token_works_for_a_while_and_is_then_refreshed(
    client: Client, services: Services, clock: Clock
) -> None:
    assert await client.works()
    await clock.pass_by(services.settings.token_lifetime_s)
    assert not await client.works()
    expired = client.tokens["token"]

    assert await client.refresh() == 200

    assert await client.works()
    assert not await client.works(expired)
    assert set(client.tokens) == {"token", "expires_at", "refresh_token", "refresh_expires_at"}


async def test_the_answer_says_how_long_tokens_work(client: Client, services: Services) -> None:
    left = {
        name: (datetime.fromisoformat(client.tokens[name]) - datetime.now(UTC)).total_seconds()
        for name in ("expires_at", "refresh_expires_at")
    }

    assert 0 < left["expires_at"] <= services.settings.token_lifetime_s == 3600
    assert 3600 < left["refresh_expires_at"] <= services.settings.refresh_lifetime_s == 30 * 24 * 3600


async def test_who_refreshes_in_time_stays_signed_in(
    client: Client, services: Services, clock: Clock
) -> None:
    for _ in range(4):
        await clock.pass_by(services.settings.refresh_lifetime_s / 2)
        assert await client.refresh() == 200
    assert await client.works()


async def test_a_refresh_token_expires(client: Client, services: Services, clock: Clock) -> None:
    await clock.pass_by(services.settings.refresh_lifetime_s)

    assert await client.refresh() == 401


async def test_requests_under_way_keep_their_token_while_it_is_refreshed(client: Client) -> None:
    before = client.tokens["token"]

    assert await client.refresh() == 200

    assert await client.works(before)


async def test_a_refresh_token_that_comes_twice_ends_the_sign_in(
    client: Client, services: Services, clock: Clock
) -> None:
    stolen = client.tokens["refresh_token"]
    assert await client.refresh() == 200
    first = client.tokens
    await clock.pass_by(services.settings.refresh_grace_s + 1)

    assert await client.refresh(stolen) == 401

    # Whichever of the two is the thief: neither goes on.
    assert not await client.works(first["token"])
    assert await client.refresh(first["refresh_token"]) == 401


async def test_the_end_of_one_sign_in_leaves_the_others(
    http: httpx.AsyncClient, ada: Member, client: Client, services: Services, clock: Clock
) -> None:
    elsewhere = Client(http, ada)
    await elsewhere.sign_in()
    stolen = client.tokens["refresh_token"]
    await client.refresh()
    await clock.pass_by(services.settings.refresh_grace_s + 1)
    assert await client.refresh(stolen) == 401

    assert await elsewhere.works()
    assert await elsewhere.refresh() == 200


async def test_a_lost_answer_can_be_asked_for_again(client: Client) -> None:
    sent = client.tokens["refresh_token"]
    assert await client.refresh() == 200
    lost = client.tokens

    assert await client.refresh(sent) == 200

    assert await client.works()
    assert not await client.works(lost["token"]), "what was lost is worthless"
    assert await client.refresh() == 200


async def test_a_lost_answer_that_somebody_uses_after_all_ends_the_sign_in(client: Client) -> None:
    sent = client.tokens["refresh_token"]
    await client.refresh()
    lost = client.tokens
    await client.refresh(sent)

    assert await client.refresh(lost["refresh_token"]) == 401

    assert not await client.works()


async def test_an_answer_whose_tokens_were_refreshed_was_not_lost(client: Client) -> None:
    sent = client.tokens["refresh_token"]
    await client.refresh()
    await client.refresh()

    assert await client.refresh(sent) == 401

    assert not await client.works()


async def test_of_many_refreshes_at_once_one_pair_remains(client: Client, services: Services) -> None:
    sent = client.tokens["refresh_token"]
    others = [Client(client._http, client._member) for _ in range(5)]

    statuses = await asyncio.gather(*(other.refresh(sent) for other in others))

    # Each asked for what may have been an answer that was lost: the last one's tokens count.
    assert statuses == [200] * 5
    assert [await other.works() for other in others].count(True) == 1
    async with services.database.reading() as session:
        open_pairs = await session.scalar(
            select(func.count()).select_from(TokenPair).where(TokenPair.exchanged_at.is_(None))
        )
    # And the one of the registration.
    assert open_pairs == 2


@pytest.mark.parametrize("unknown", ["", "forged", "ä", "x" * 200])
async def test_a_token_that_was_never_given_out_is_none(http: httpx.AsyncClient, unknown: str) -> None:
    answer = await http.post("/sessions/refresh", json={"refresh_token": unknown})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_neither_token_does_the_others_work(client: Client) -> None:
    assert not await client.works(client.tokens["refresh_token"])
    assert await client.refresh(client.tokens["token"]) == 401
    assert await client.works()


async def test_signing_out_ends_both_tokens(client: Client, ada: Member) -> None:
    assert (await client.ask("DELETE", "/sessions/current")).status_code == 204

    assert not await client.works()
    assert await client.refresh() == 401
    assert (await ada.http.get("/me")).status_code == 200, "this sign-in only"


async def test_one_sees_where_one_is_signed_in(
    http: httpx.AsyncClient, ada: Member, grace: Member, client: Client
) -> None:
    await client.sign_in(**{"User-Agent": "a phone"})

    listed = (await client.ask("GET", "/sessions")).json()["items"]

    assert len(listed) == 3
    assert [each["current"] for each in listed] == [True, False, False]
    assert listed[0]["user_agent"] == "a phone"
    assert listed[0]["address"] == "127.0.0.1"
    assert listed[0]["created_at"] <= listed[0]["refreshed_at"] < listed[0]["expires_at"]
    for secret in (client.tokens["token"], client.tokens["refresh_token"]):
        assert secret not in str(listed)
    assert len((await grace.http.get("/sessions")).json()["items"]) == 1


async def test_one_ends_a_sign_in_elsewhere(client: Client, ada: Member) -> None:
    listed = (await ada.http.get("/sessions")).json()["items"]
    (elsewhere,) = [each for each in listed if not each["current"]]

    assert (await ada.http.delete(f"/sessions/{elsewhere['id']}")).status_code == 204

    assert not await client.works()
    assert await client.refresh() == 401
    assert (await ada.http.delete(f"/sessions/{elsewhere['id']}")).status_code == 404


async def test_nobody_ends_or_finds_anothers_sign_in(ada: Member, grace: Member) -> None:
    (hers,) = (await ada.http.get("/sessions")).json()["items"]

    refused = await grace.http.delete(f"/sessions/{hers['id']}")
    unknown = await grace.http.delete("/sessions/00000000-0000-0000-0000-000000000000")

    assert refused.status_code == unknown.status_code == 404
    assert refused.json() == unknown.json(), "nobody learns which sign-ins there are"
    assert (await ada.http.get("/me")).status_code == 200


async def test_sign_ins_that_expired_are_forgotten(
    client: Client, ada: Member, services: Services, clock: Clock
) -> None:
    await clock.pass_by(services.settings.refresh_lifetime_s + 1)
    await client.sign_in()

    async with services.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SignIn)) == 1
        assert await session.scalar(select(func.count()).select_from(TokenPair)) == 1


@pytest.fixture
async def everything_kept(services: Services, client: Client) -> str:
    """Every value in every table, as text."""
    await client.refresh()
    found: list[str] = []
    async with services.database.reading() as session:
        for table in Base.metadata.tables.values():
            for row in await session.execute(table.select()):
                found += [str(value) for value in row]
                found += [bytes(value).decode(errors="replace") for value in row if isinstance(value, bytes)]
    return "\n".join(found)


async def test_no_token_is_kept(everything_kept: str, client: Client, ada: Member) -> None:
    assert ada.email in everything_kept
    for secret in (client.tokens["token"], client.tokens["refresh_token"], ada.token, ada.password):
        assert secret not in everything_kept
