"""Text that comes in: one form is kept, and what is no text is refused, whatever field it stands in."""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from app_backend.api import Services, create_app
from app_backend.settings import Mode
from tests.backend_fixtures import PASSWORD

if TYPE_CHECKING:
    from tests.backend_fixtures import Member

pytestmark = pytest.mark.rolled_back

JSON = {"Content-Type": "application/json"}
OPERATOR = "the operator's own token"

ODD = {
    "NUL": "a\0b",
    "escape": "\x1b[31m",
    "C1 control": "a\x9bb",
    "first half of a pair": "a\ud83db",
    "second half of a pair": "\udc00",
    "byte order mark": "\ufeffa",
    "no character": "a\uffff",
    "beyond the first plane": "😀" * 300,
    "decomposed": "e\u0301" * 300,
    "grows when composed": "\ufb2c" * 400,
    "grows in lower case": "İ@İ.test",
    "right to left": "\u202eabc",
    "blank": " \t\n ",
    "empty": "",
    "long": "a" * 20_000,
    "path": "../../etc/passwd",
    "percent": "%00%ff%",
    "quotes": "'\";--",
}
NO_TEXT = ("NUL", "escape", "C1 control", "first half of a pair", "second half of a pair")
NO_STRINGS: tuple[Any, ...] = (
    None, True, -1, 10**400, 1.5, [], {}, ["a"], {"a": "b"}, [[[[[[]]]]]], {"\ud800": 1}, {"\0": 1},
)  # fmt: skip


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path != "/events":  # it has no end
                yield path, method.upper(), operation


def sound(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """A value that a field takes, so that the one beside it gets looked at."""
    return {
        "email": "someone@example.test",
        "password": PASSWORD,
        "refresh_token": "x" * 43,
        "display_name": "Ada",
        "bio": "Somebody",
        "text": "Something",
    }.get(schema.get("name", ""), "a")


@pytest.fixture
async def all_routes(services: Services, faulty_services: Services) -> Any:
    """An app with every route there is, production's and the faults', for an operator with a token."""
    settings = services.settings.model_copy(
        update={"operator_token": SecretStr(OPERATOR), "registrations_per_address": None}
    )
    app = create_app(replace(services, settings=settings, faults=faulty_services.faults))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
        yield client
    assert faulty_services.faults is not None
    faulty_services.faults.disarm_all()


async def test_no_text_in_any_field_of_the_document_is_our_fault(
    all_routes: httpx.AsyncClient, ada: Member
) -> None:
    document = (await all_routes.get("/openapi.json")).json()
    asked = 0
    for path, method, operation in operations(document):
        token = OPERATOR if path.startswith(("/faults", "/metrics")) else ada.token
        signed = {"Authorization": f"Bearer {token}"}
        for place, request in requests_for(path, operation, document):
            headers = {**(signed if place != "header authorization" else {}), **request.pop("headers", {})}
            answer = await all_routes.request(method, headers=headers, **request)
            asked += 1
            assert answer.status_code < 500, f"{method} {path}, {place}: {request} -> {answer.text}"
            answer.text.encode()  # text, to whoever reads it
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
    assert asked > 400


def requests_for(
    path: str, operation: dict[str, Any], document: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Requests with something odd in one place each: a field, a parameter, a header, or the body as such."""
    url = path.replace("{person_id}", "0f6e27a2-0000-4000-8000-000000000000").replace("{owner}", "default")
    url = url.replace("{version}", "0" * 16).replace("{file}", "48.webp").replace("{name}", "storage_slow")
    url = url.replace("{post_id}", "1f6e27a2-0000-4000-8000-000000000000").replace("{ticket}", "x")
    url = url.replace("{session_id}", "2f6e27a2-0000-4000-8000-000000000000")
    content = operation.get("requestBody", {}).get("content", {})
    schema = resolved(content.get("application/json", {}).get("schema", {}), document)
    fields = schema.get("properties", {})
    if not fields and "application/json" in content:
        fields = {"path": {}, "delay_ms": {}, "operations": {}, "times": {}}
    base = {name: sound({"name": name}, document) for name in schema.get("required", ())}
    for field in fields:
        for kind, value in (*ODD.items(), *((repr(each)[:30], each) for each in NO_STRINGS)):
            body = json.dumps({**base, field: value})
            yield f"{field} {kind}", {"url": url, "content": body, "headers": JSON}
    yield from with_odd_parameters(path, url, operation)
    for name in ("authorization", "content-type", "origin", "if-none-match", "user-agent", "host"):
        for raw in (b"\xff\xfe", b"a" * 9000, b"[::1", b"Bearer \xe9", b"\xf0\x9f\x98\x80;="):
            yield f"header {name}", {"url": url, "headers": {name: raw}, "content": b"{}"}
    if content:
        for odd in BODIES:
            yield "body", {"url": url, "content": odd, "headers": JSON}


def with_odd_parameters(
    path: str, url: str, operation: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for parameter, (kind, text) in itertools.product(operation.get("parameters", []), ODD.items()):
        name, place = parameter["name"], parameter["in"]
        raw = text.encode("utf-8", "surrogatepass")
        quoted = "".join(f"%{each:02x}" for each in raw)
        if place == "query":
            yield f"{name} {kind}", {"url": f"{url}?{name}={quoted}"}
        elif place == "path":
            yield f"{name} {kind}", {"url": path.replace(f"{{{name}}}", quoted or "%20")}
        elif place == "header" and not set(raw) & {0, 10, 13}:
            yield f"{name} {kind}", {"url": url, "headers": {name: raw}}


BODIES = (
    b"",
    b"\xff\xfe{}",
    '{"email": "a"}'.encode("utf-16"),
    b"\xef\xbb\xbf{}",
    b"[" * 30_000,
    b'{"a":' * 9_000,
    b"[" * 900 + b"]" * 900,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b"1" * 20_000,
    b'{"email": ' + b"9" * 20_000 + b"}",
    b'{"email": NaN}',
    b'{"delay_ms": -Infinity}',
    b'{"delay_ms": 1e999}',
    b'{"email": "a@b.test", "email": "c@d.test"}',
    b'{"\\ud800": 1}',
    b'{"\\u0000": 1}',
    b'{"email": "\xed\xa0\x80"}',
    b'"text"',
    b"null",
    b"{} {}",
)


@pytest.mark.parametrize("kind", NO_TEXT)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/accounts", {"email": "?@example.test", "password": PASSWORD, "display_name": "Ada"}),
        ("POST", "/accounts", {"email": "a@example.test", "password": "long enough ?", "display_name": "A"}),
        ("POST", "/accounts", {"email": "a@example.test", "password": PASSWORD, "display_name": "?"}),
        ("POST", "/sessions", {"email": "?@example.test", "password": PASSWORD}),
        ("POST", "/sessions", {"email": "a@example.test", "password": "?"}),
        ("POST", "/sessions/refresh", {"refresh_token": "?"}),
        ("PATCH", "/me", {"display_name": "?"}),
        ("PATCH", "/me", {"bio": "?"}),
        ("POST", "/posts", {"text": "?"}),
    ],
)
async def test_what_is_no_text_is_refused_in_words(
    ada: Member, kind: str, method: str, path: str, body: dict[str, str]
) -> None:
    content = json.dumps({name: value.replace("?", ODD[kind]) for name, value in body.items()})

    answer = await ada.http.request(method, path, content=content, headers=JSON)

    assert answer.status_code == 422
    said = answer.json()["detail"]
    assert "half of a surrogate pair" in said if "pair" in kind else "control characters" in said


async def test_what_looks_alike_is_kept_alike(ada: Member, http: httpx.AsyncClient) -> None:
    decomposed = unicodedata.normalize("NFD", "Zoé Ångström")

    changed = await ada.http.patch("/me", json={"display_name": decomposed, "bio": decomposed})
    posted = await ada.http.post("/posts", json={"text": decomposed})

    profile = changed.json()["profile"]
    assert [profile["display_name"], profile["bio"]] == ["Zo\xe9 \xc5ngstr\xf6m"] * 2
    assert posted.json()["post"]["text"] == "Zo\xe9 \xc5ngstr\xf6m"


async def test_an_account_is_one_however_its_letters_are_put_together(http: httpx.AsyncClient) -> None:
    """Keyboards differ in how they write é: who registered on one signs in on the other."""
    account = {"email": "ZOÉ@example.test", "password": "caf\xe9 caf\xe9", "display_name": "Zo"}
    made = await http.post("/accounts", json=account)
    again = await http.post("/accounts", json=account | {"email": "zoe\u0301@example.test"})
    credentials = {"email": "Zoe\u0301@example.test", "password": "cafe\u0301 cafe\u0301"}
    signed_in = await http.post("/sessions", json=credentials)

    assert [made.status_code, again.status_code, signed_in.status_code] == [201, 409, 201]


@pytest.mark.parametrize(
    ("field", "fits", "too_long"),
    [
        # 80 letters, each sent as two; and white space that nobody keeps.
        ("display_name", "e\u0301" * 80, "e\u0301" * 81),
        ("display_name", "  " + "a" * 40 + " " * 9 + "b" * 39 + "  ", "a" * 81),
        ("bio", "e\u0301" * 500, "e\u0301" * 501),
        # Letters that are two once they are composed.
        ("display_name", "\u0958" * 40, "\u0958" * 41),
    ],
)
async def test_limits_count_what_is_kept(ada: Member, field: str, fits: str, too_long: str) -> None:
    assert (await ada.http.patch("/me", json={field: fits})).status_code == 200
    assert (await ada.http.patch("/me", json={field: too_long})).status_code == 422


async def test_an_address_that_grows_in_lower_case_is_counted_as_it_is_kept(http: httpx.AsyncClient) -> None:
    account = {"password": PASSWORD, "display_name": "A"}
    kept = await http.post("/accounts", json={**account, "email": "İ" * 120 + "@example.test"})
    refused = await http.post("/accounts", json={**account, "email": "İ" * 125 + "@example.test"})

    assert [kept.status_code, refused.status_code] == [201, 422]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"bio": "a", "bio": "b"}', "twice"),
        (b'{"bio": NaN}', "NaN is no number"),
        (b'{"bio": 1e999}', "far too large"),
        (b'{"bio": ' + b"1" * 5000 + b"}", "far too long"),
        (b"[" * 20_000, "nested too deeply"),
        (b'{"bio": "\xff"}', "not UTF-8"),
        (b'{"\\udc00": 1}', "half of a surrogate pair"),
    ],
)
async def test_json_that_readers_understand_in_different_ways_is_refused(
    ada: Member, body: bytes, word: str
) -> None:
    answer = await ada.http.patch("/me", content=body, headers=JSON)

    assert answer.status_code == 422
    assert word in answer.json()["detail"]


async def test_production_is_no_different(services: Services) -> None:
    settings = services.settings.model_copy(update={"mode": Mode.PRODUCTION})
    transport = httpx.ASGITransport(create_app(replace(services, settings=settings)))
    async with httpx.AsyncClient(transport=transport, base_url="https://backend.test") as client:
        for field in ("email", "password"):
            body = {"email": "a@example.test", "password": PASSWORD, field: "\ud800\0"}
            answer = await client.post("/sessions", content=json.dumps(body), headers=JSON)
            assert answer.status_code == 422


async def test_a_query_that_is_no_text_is_no_fault_of_ours(services: Services) -> None:
    app = create_app(services)

    async def with_odd_query(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "query_string": b"limit=\xff&\xfe"}, receive, send)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(with_odd_query), base_url="http://backend.test"
    ) as client:
        statuses = [(await client.post(path)).status_code for path in ("/nothing", "/feed", "/me")]
        statuses.append((await client.get("/feed")).status_code)

    assert statuses == [404, 405, 405, 422]
