"""What there may be once is there once: PostgreSQL sees to it, and the second gets a clear answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app_backend.api import Services
from app_backend.database import Base, PersonRow

if TYPE_CHECKING:
    from tests.backend_fixtures import Member

PASSWORD = "correct horse"
WISH = {"email": "ada@example.test", "password": PASSWORD, "display_name": "Ada"}

PERSON = (
    "INSERT INTO people (id, email, password_hash, display_name, bio, version, created_at)"
    " VALUES (gen_random_uuid(), 'ada@example.test', '', 'Ada', '', 1, now())"
)
SIGN_IN = (
    "INSERT INTO sign_ins (id, person_id, address, user_agent, created_at, refreshed_at, expires_at)"
    " SELECT gen_random_uuid(), id, '', '', now(), now(), now() FROM people"
)
ONCE = {
    "people_email_key": [PERSON],
    "token_pairs_access_digest_key": [
        PERSON,
        SIGN_IN,
        (
            "INSERT INTO token_pairs"
            " (refresh_digest, access_digest, sign_in_id, access_expires_at, refresh_expires_at)"
            " SELECT uuid_send(gen_random_uuid()), '\\x01', id, now(), now() FROM sign_ins"
        ),
    ],
    "idempotency_keys_pkey": [
        PERSON,
        (
            "INSERT INTO idempotency_keys (person_id, key, fingerprint, expires_at)"
            " SELECT id, 'a key', '\\x01', now() FROM people"
        ),
    ],
    "used_tickets_pkey": [
        "INSERT INTO used_tickets (id, expires_at) VALUES ('00000000-0000-4000-8000-000000000001', now())"
    ],
    "pictures_pkey": [
        (
            "INSERT INTO pictures (person_id, version, state, since)"
            " VALUES ('00000000-0000-4000-8000-000000000001', 'v1', 'shown', now())"
        )
    ],
    "circuits_pkey": ["INSERT INTO circuits (name, state, failures) VALUES ('twins', 'closed', 0)"],
    "rate_limits_pkey": ["INSERT INTO rate_limits (key, hits, expires_at) VALUES ('twins', 1, now())"],
}
"""Each constraint that a promise rests on, and statements of which the last can't be done twice."""


@pytest.mark.parametrize("constraint", ONCE)
async def test_the_database_itself_lets_it_in_once(services: Services, constraint: str) -> None:
    *before, twice = ONCE[constraint]
    async with services.database.engine.connect() as connection:
        for statement in (*before, twice):
            assert (await connection.execute(text(statement))).rowcount == 1
        with pytest.raises(IntegrityError, match=constraint):
            await connection.execute(text(twice))
        await connection.rollback()


async def test_an_email_address_has_one_account_whatever_its_case(
    http: httpx.AsyncClient, ada: Member
) -> None:
    answer = await http.post(
        "/accounts", json={"email": ada.email.upper(), "password": PASSWORD, "display_name": "Another"}
    )

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"


async def test_of_registrations_at_once_one_wins_on_whatever_backend(
    http: httpx.AsyncClient, faulty: httpx.AsyncClient, services: Services
) -> None:
    """Neither backend knows of the other's: the one that commits second hears it from PostgreSQL."""
    answers = await asyncio.gather(*(each.post("/accounts", json=WISH) for each in (http, faulty) * 2))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    async with services.database.reading() as session:
        assert len(list(await session.scalars(select(PersonRow)))) == 1


async def test_who_came_second_left_nothing_behind(http: httpx.AsyncClient, services: Services) -> None:
    first = (await http.post("/accounts", json=WISH)).json()

    second = await http.post("/accounts", json=WISH | {"password": "another one", "display_name": "Eve"})

    assert second.status_code == 409
    assert "sign in, or use another" in second.json()["detail"]
    assert (await http.get(f"/people/{first['profile']['id']}")).json()["display_name"] == "Ada"
    wrong = {"email": WISH["email"], "password": "another one"}
    assert (await http.post("/sessions", json=wrong)).status_code == 401
    async with services.database.reading() as session:
        for table in ("people", "sign_ins", "token_pairs"):
            rows = select(func.count()).select_from(Base.metadata.tables[table])
            assert await session.scalar(rows) == 1, table
