"""Errors: one form everywhere, a reason for people, nothing internal."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from app_backend.api import Services, create_app
from app_backend.api.problems import UnexpectedErrors
from app_backend.database import Database
from app_backend.profiles import People

if TYPE_CHECKING:
    from tests.backend_fixtures import Member

pytestmark = pytest.mark.rolled_back


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/feed", 405), ("GET", "/people/x", 422), ("GET", "/me", 401)],
)
async def test_the_framework_answers_in_the_same_form(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await http.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "detail"} < set(problem)
    if status == 405:
        assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (b"{", "application/json"),
        (b"", "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b"[1]", "application/json"),
        (b'{"email": "a@b.test", "password": "long enough"}', "text/plain"),
        (b"email=a%40b.test", "application/x-www-form-urlencoded"),
        (b"--x--", "multipart/form-data"),
        (b'{"email": "\\u0000@b.test", "password": "long enough"}', "application/json"),
        (b'{"email": "\\ud800@b.test", "password": "long enough"}', "application/json"),
    ],
)
async def test_what_is_no_json_of_ours_is_refused(
    http: httpx.AsyncClient, content: bytes, declared: str
) -> None:
    answer = await http.post("/sessions", content=content, headers={"Content-Type": declared})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "long enough" not in answer.text, "what was sent is not sent back"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/me", "DELETE, GET, PATCH"),
        ("/me/avatar", "DELETE, PUT"),
        ("/people/00000000-0000-0000-0000-000000000000", "GET, PATCH"),
        ("/sessions/refresh", "POST"),
    ],
)
async def test_what_is_possible_at_a_path_is_named(http: httpx.AsyncClient, path: str, methods: str) -> None:
    answer = await http.options(path)

    assert answer.status_code == 405
    assert answer.headers["allow"] == methods
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_problem_has_what_programs_need_beside_its_words(ada: Member) -> None:
    await ada.http.post("/posts", json={"text": "one"})

    problem = (await ada.http.delete("/me")).json()

    assert problem == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "there are still 1 posts by you: ask for cascade=true to remove them as well",
        "posts": 1,
    }


@pytest.mark.parametrize("declared", [True, False])
async def test_json_without_end_is_refused(http: httpx.AsyncClient, declared: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 10_000

    content: Any = b" " * 100_000 if declared else pieces()
    answer = await http.post("/sessions", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_unexpected_error_tells_its_incident_and_nothing_else(
    services: Services, ada: Member, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(People):
        async def find(self, person_id: object) -> Any:  # noqa: ARG002 - as it is called
            raise RuntimeError("the secret inside")

    people = Broken.__new__(Broken)  # it needs nothing in order to fail
    app = create_app(replace(services, people=people))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
        with caplog.at_level(logging.ERROR):
            answer = await client.get(f"/people/{ada.id}", headers={"Origin": "http://elsewhere.test"})

    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == "*"
    problem = answer.json()
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text
    assert problem["incident"] in problem["detail"]
    assert problem["incident"] in caplog.text
    assert "the secret inside" in caplog.text


async def test_an_answer_that_breaks_off_is_cut_and_not_completed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever had half of it must not take a problem's text for the rest."""

    async def breaks_off(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half of", "more_body": True})
        raise RuntimeError("the secret inside")

    transport = httpx.ASGITransport(UnexpectedErrors(breaks_off), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
        with pytest.raises(RuntimeError, match="the secret inside"):
            await client.get("/people/x")

    assert "incident" in caplog.text


async def test_ready_says_when_the_database_is_away(
    services: Services, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    assert (await http.get("/readyz")).json()["status"] == "ok"

    away = Database(f"postgresql://postgres@/postgres?host={tmp_path}")
    app = create_app(replace(services, database=away))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
        answer = await client.get("/readyz")
        assert (await client.get("/healthz")).status_code == 200
    await away.close()

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_document_describes_every_route(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()

    assert "ProblemBody" in document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            assert route["description"], f"{method} {path} says nothing"
            for status, response in route["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], f"{path} {status}"
