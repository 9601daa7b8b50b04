"""How often one may sign in wrongly, register and upload; and who does not suffer from others' tries."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from limits import parse
from pydantic import ValidationError
from sqlalchemy import func, select, text

from app_backend.api import Services, create_app, open_backend
from app_backend.database import RateLimit
from app_backend.errors import Problem
from app_backend.rate_limits import PostgresCounters, RateLimits, Rates
from app_backend.settings import PasswordHashing, Settings
from app_backend.sign_ins import Origin

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

UNLIMITED = Rates(
    wrong_passwords_per_address=None,
    wrong_passwords_here_per_account=None,
    wrong_passwords_per_account=None,
    registrations_per_address=None,
    uploads_per_person=None,
)
HOME, ELSEWHERE, FAR_AWAY = "192.0.2.1", "198.51.100.7", "203.0.113.9"

Reach = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def reach(services: Services) -> AsyncIterator[Reach]:
    """Reach a backend that has its limits (none but those given) from an address."""
    clients = []

    def client(at: str = HOME, *, signed_in_as: Member | None = None, **rates: str) -> httpx.AsyncClient:
        limits = replace(UNLIMITED, **{name: parse(rate) for name, rate in rates.items()})
        app = create_app(replace(services, rate_limits=RateLimits(services.database, limits)))
        headers = {"Authorization": f"Bearer {signed_in_as.token}"} if signed_in_as else {}
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(at, 1)),
            base_url="http://backend.test",
            headers=headers,
        )
        clients.append(made)
        return made

    yield client
    for each in clients:
        await each.aclose()


async def sign_in(client: httpx.AsyncClient, email: str, password: str) -> int:
    return (await client.post("/sessions", json={"email": email, "password": password})).status_code


async def window_over(services: Services) -> None:
    """Let every window's time be over."""
    async with services.database.engine.begin() as connection:
        await connection.execute(text("UPDATE rate_limits SET expires_at = now()"))


async def test_who_guesses_has_to_wait(reach: Reach, ada: Member, services: Services) -> None:
    client = reach(wrong_passwords_here_per_account="3 per hour")
    for _ in range(3):
        assert await sign_in(client, ada.email, "wrong one") == 401

    refused = await client.post("/sessions", json={"email": ada.email, "password": ada.password})

    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    wait = int(refused.headers["retry-after"])
    assert 0 < wait <= 3600
    assert str(wait) in refused.json()["detail"]
    assert refused.headers["ratelimit-policy"] == '"sign-in-here";q=3;w=3600'
    assert refused.headers["ratelimit"] == f'"sign-in-here";r=0;t={wait}'
    await window_over(services)
    assert await sign_in(client, ada.email, ada.password) == 201


async def test_a_refusal_does_not_say_whether_there_is_an_account(reach: Reach, ada: Member) -> None:
    client = reach(wrong_passwords_here_per_account="2 per hour")

    answers = {
        email: [await sign_in(client, email, "wrong one") for _ in range(3)]
        for email in (ada.email, "nobody@example.test")
    }

    assert answers[ada.email] == answers["nobody@example.test"] == [401, 401, 429]


async def test_writing_an_address_otherwise_is_no_way_around(reach: Reach, ada: Member) -> None:
    client = reach(wrong_passwords_here_per_account="2 per hour")

    statuses = [
        await sign_in(client, email, "x") for email in (ada.email, ada.email.upper(), ada.email.title())
    ]

    assert statuses == [401, 401, 429]


async def test_attempts_at_once_are_no_way_around(reach: Reach, ada: Member) -> None:
    client = reach(wrong_passwords_here_per_account="5 per hour")

    statuses = await asyncio.gather(*(sign_in(client, ada.email, "wrong one") for _ in range(20)))

    assert sorted(statuses) == [401] * 5 + [429] * 15


async def test_several_processes_count_together(
    ada: Member, services: Services, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        password_hashing=PasswordHashing.CHEAP, wrong_passwords_here_per_account=parse("4 per hour")
    )

    @asynccontextmanager
    async def process() -> AsyncIterator[httpx.AsyncClient]:
        async with (
            open_backend(settings, database_url=database_url, pictures=tmp_path) as (app, _),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://backend.test") as client,
        ):
            yield client

    async with process() as one, process() as other:
        attempts = [sign_in(client, ada.email, "wrong one") for client in (one, other) for _ in range(5)]
        statuses = await asyncio.gather(*attempts)

    assert sorted(statuses) == [401] * 4 + [429] * 6


async def test_signing_in_well_counts_nothing(reach: Reach, ada: Member) -> None:
    once = "1 per hour"
    client = reach(
        wrong_passwords_here_per_account=once,
        wrong_passwords_per_account=once,
        wrong_passwords_per_address=once,
    )

    assert [await sign_in(client, ada.email, ada.password) for _ in range(3)] == [201] * 3


async def test_a_person_who_remembers_starts_afresh(reach: Reach, ada: Member) -> None:
    client = reach(wrong_passwords_here_per_account="3 per hour")

    for _ in range(3):
        tries = [await sign_in(client, ada.email, password) for password in ("one", "two", ada.password)]
        assert tries == [401, 401, 201]


async def test_a_stranger_does_not_keep_a_person_out(reach: Reach, ada: Member) -> None:
    limits = {"wrong_passwords_here_per_account": "3 per hour", "wrong_passwords_per_account": "6 per hour"}
    home = reach(HOME, **limits)
    assert await sign_in(home, ada.email, ada.password) == 201

    strangers = [reach(address, **limits) for address in (ELSEWHERE, FAR_AWAY, "198.51.100.8")]
    guesses = [[await sign_in(stranger, ada.email, "a guess") for _ in range(4)] for stranger in strangers]

    # From one address, from another, and then from no new one any more.
    assert guesses == [[401, 401, 401, 429], [401, 401, 401, 429], [429] * 4]
    assert await sign_in(strangers[2], ada.email, ada.password) == 429
    assert await sign_in(home, ada.email, ada.password) == 201


@pytest.mark.parametrize("proxy", ["127.0.0.1", "::1"])
async def test_behind_a_proxy_nobody_trusts_a_stranger_is_not_at_home(
    reach: Reach, ada: Member, proxy: str
) -> None:
    """Everybody has the proxy's address there: that somebody signed in from it before says nothing."""
    everybody = reach(proxy, wrong_passwords_per_account="3 per hour")
    assert await sign_in(everybody, ada.email, ada.password) == 201

    assert [await sign_in(everybody, ada.email, "a guess") for _ in range(4)] == [401, 401, 401, 429]


async def test_a_stranger_does_not_try_one_password_on_many_accounts(reach: Reach, ada: Member) -> None:
    stranger = reach(ELSEWHERE, wrong_passwords_per_address="5 per hour")

    guesses = [await sign_in(stranger, f"person-{number}@example.test", "password1") for number in range(6)]

    assert guesses == [401] * 5 + [429]
    assert (
        await sign_in(reach(HOME, wrong_passwords_per_address="5 per hour"), ada.email, ada.password) == 201
    )


async def test_an_ipv6_network_is_one_client(reach: Reach, ada: Member) -> None:
    rates = {"wrong_passwords_per_address": "2 per hour"}
    addresses = ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:1::3", "2001:db8:0:2::1")

    statuses = [await sign_in(reach(each, **rates), ada.email, "a guess") for each in addresses]

    assert statuses == [401, 401, 429, 401]


@pytest.mark.parametrize("error", [RuntimeError("a bug"), Problem(503, "the database is out of reach")])
async def test_an_error_of_ours_is_no_wrong_password(services: Services, error: Exception) -> None:
    limits = RateLimits(
        services.database, replace(UNLIMITED, wrong_passwords_per_address=parse("1 per hour"))
    )
    origin = Origin(HOME, "")

    for _ in range(3):
        with pytest.raises(type(error), match=str(error)):
            async with limits.sign_in("ada@example.test", origin):
                raise error


async def test_registrations_are_limited_by_address(reach: Reach) -> None:
    def account() -> dict[str, str]:
        return {"email": f"{uuid.uuid4().hex}@example.test", "password": "long enough", "display_name": "Ada"}

    rates = {"registrations_per_address": "2 per hour"}
    client = reach(HOME, **rates)
    statuses = [(await client.post("/accounts", json=account())).status_code for _ in range(3)]

    assert statuses == [201, 201, 429]
    assert (await reach(ELSEWHERE, **rates).post("/accounts", json=account())).status_code == 201


async def test_uploads_are_limited_by_person_whichever_way_they_come(
    reach: Reach, ada: Member, grace: Member, picture: MakePicture
) -> None:
    rates = {"uploads_per_person": "2 per hour"}
    hers, others = (reach(signed_in_as=member, **rates) for member in (ada, grace))
    address = (await hers.post("/me/avatar/uploads")).json()["url"]

    assert (await hers.put("/me/avatar", content=picture())).status_code == 200
    assert (await hers.put("/me/avatar", content=picture())).status_code == 200
    before = (await hers.get("/me")).json()
    assert (await hers.put("/me/avatar", content=picture())).status_code == 429
    assert (await hers.put(address, content=picture())).status_code == 429

    assert (await hers.get("/me")).json() == before
    assert (await others.put("/me/avatar", content=picture())).status_code == 200


async def test_the_table_keeps_no_addresses_and_stays_small(
    reach: Reach, ada: Member, services: Services
) -> None:
    client = reach(HOME, wrong_passwords_here_per_account="9 per hour")
    for number in range(20):
        await sign_in(client, f"nobody-{number}@example.test", "a guess")
        await window_over(services)
    await sign_in(client, ada.email, "a guess")

    async with services.database.reading() as session:
        (key,) = await session.scalars(select(RateLimit.key))
        assert await session.scalar(select(func.sum(RateLimit.hits))) == 1
    assert ada.email not in key
    assert re.fullmatch(r"LIMITER/sign-in-here/[0-9a-f]{32}/9/1/hour", key)


async def test_a_window_begins_with_its_first_hit_and_ends_in_time(services: Services) -> None:
    counters = PostgresCounters(services.database)

    assert [await counters.incr("key", 60) for _ in range(3)] == [1, 2, 3]
    assert await counters.get("key") == 3
    await counters.give_back("key")
    assert await counters.get("key") == 2
    first = await counters.get_expiry("key")
    await counters.incr("key", 60)
    assert await counters.get_expiry("key") == pytest.approx(first, abs=1)
    await window_over(services)
    assert await counters.get("key") == 0
    assert await counters.incr("key", 60, amount=5) == 5
    await counters.clear("key")
    assert await counters.get("key") == 0
    assert await counters.check()


@pytest.mark.parametrize(
    ("written", "meant"), [("3 per 2 minutes", "3 per 2 minute"), ("5/hour", "5 per 1 hour"), ("off", "None")]
)
def test_rates_are_written_in_words(monkeypatch: pytest.MonkeyPatch, written: str, meant: str) -> None:
    monkeypatch.setenv("APP_BACKEND_UPLOADS_PER_PERSON", written)

    assert str(Settings().uploads_per_person) == meant


@pytest.mark.parametrize("written", ["", "many", "0 per hour", "-1 per hour", "5 per fortnight"])
def test_what_is_no_rate_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("APP_BACKEND_UPLOADS_PER_PERSON", written)

    with pytest.raises(ValidationError, match="10 per 5 minutes"):
        Settings()


def test_by_default_there_is_room_for_a_test_run() -> None:
    settings = Settings()

    # Many accounts from one machine in a short time, and more than a picture change a second.
    registrations, uploads = settings.registrations_per_address, settings.uploads_per_person
    assert registrations is not None
    assert uploads is not None
    assert registrations.amount / registrations.get_expiry() >= 10
    assert uploads.amount / uploads.get_expiry() >= 5
