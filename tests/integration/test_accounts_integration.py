"""Accounts: register, sign in, sign out."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import select

from app_backend.api import Services
from app_backend.database import PersonRow

if TYPE_CHECKING:
    from tests.backend_fixtures import Member, Register

pytestmark = pytest.mark.rolled_back

PASSWORD = "correct horse"


async def test_a_new_account_is_signed_in(http: httpx.AsyncClient) -> None:
    before = time.time()
    answer = await http.post(
        "/accounts",
        json={"email": "Ada@Example.test", "password": PASSWORD, "display_name": "  Ada   Lovelace "},
    )

    assert answer.status_code == 201
    account = answer.json()
    assert account["profile"]["email"] == "ada@example.test"
    assert account["profile"]["display_name"] == "Ada Lovelace"
    assert account["profile"]["avatar"]["is_default"] is True
    assert account["profile"]["avatar"]["version"] is None
    assert before <= account["committed_at"] <= time.time()
    assert datetime.fromisoformat(account["expires_at"]) > datetime.now(UTC)
    me = await http.get("/me", headers={"Authorization": f"Bearer {account['token']}"})
    assert me.json() == account["profile"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ada"),
        ("email", "ada@example"),
        ("email", "ada@example.test, eve@example.test"),
        ("email", "a" * 250 + "@example.test"),
        ("password", "short"),
        ("password", "x" * 201),
        ("display_name", "   "),
        ("display_name", "x" * 81),
        ("display_name", "Ada\x00"),
        ("display_name", None),
        ("is_admin", True),
    ],
)
async def test_what_is_not_valid_is_named(http: httpx.AsyncClient, field: str, value: object) -> None:
    wish = {"email": "ada@example.test", "password": PASSWORD, "display_name": "Ada", field: value}

    answer = await http.post("/accounts", json=wish)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}"]
    assert PASSWORD not in answer.text


async def test_sign_in_gives_a_new_token(http: httpx.AsyncClient, ada: Member) -> None:
    answer = await http.post("/sessions", json={"email": ada.email.title(), "password": ada.password})

    assert answer.status_code == 201
    assert answer.json()["profile"]["id"] == ada.id
    assert answer.json()["token"] != ada.token


@pytest.mark.parametrize(
    ("email", "password"), [("ada@example.test", "wrong"), ("nobody@example.test", PASSWORD), ("", "")]
)
async def test_what_does_not_fit_does_not_say_which_half(
    http: httpx.AsyncClient, register: Register, email: str, password: str
) -> None:
    await register("Ada", email="ada@example.test", password=PASSWORD)

    answer = await http.post("/sessions", json={"email": email, "password": password})

    assert answer.status_code == 401
    assert answer.json()["detail"] == "e-mail address or password is wrong"


async def test_a_password_is_not_kept(ada: Member, services: Services) -> None:
    async with services.database.reading() as session:
        person = await session.scalar(select(PersonRow))

    assert person is not None
    assert person.password_hash.startswith("$argon2id$")
    assert ada.password not in person.password_hash
