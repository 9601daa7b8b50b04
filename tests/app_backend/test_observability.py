"""What an operator sees of a request: its id everywhere, its line in the log, where its time went."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app_backend.api import Services, create_app
from app_backend.observability import RequestPart, detach_request, request_id, time_part
from app_backend.observability.logs import Lines, redact
from app_backend.profiles import People
from app_backend.settings import Settings

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member, OpenStream, Register

Logged = Callable[[], list[dict[str, Any]]]


@contextmanager
def logging_to(lines: Lines) -> Iterator[io.StringIO]:
    """Log everything there is to log, as the backend's own process would."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(lines)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Read what is logged meanwhile, line by line."""
    with logging_to(Lines(machine_readable=True)) as written:
        yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]


class Broken(People):
    """Fails as nobody expected, and with what nobody should read."""

    async def find(self, person_id: object) -> Any:
        raise RuntimeError(f"no {person_id}: ada@example.test has Bearer abcdefghijklmnopqrstuvwxyz")


@pytest.fixture
def broken(services: Services) -> httpx.AsyncClient:
    people = Broken.__new__(Broken)  # it needs nothing in order to fail
    transport = httpx.ASGITransport(create_app(replace(services, people=people)))
    return httpx.AsyncClient(transport=transport, base_url="http://backend.test")


# --- the id


async def test_an_id_that_a_request_brings_comes_back(http: httpx.AsyncClient) -> None:
    answer = await http.get("/feed", headers={"X-Request-ID": "tap-17.of_ada"})

    assert answer.headers["x-request-id"] == "tap-17.of_ada"


async def test_who_can_send_no_header_says_the_id_in_the_address(http: httpx.AsyncClient) -> None:
    answer = await http.get("/feed?limit=1&request_id=tap-17")
    assert (answer.status_code, answer.headers["x-request-id"]) == (200, "tap-17")

    both = await http.get("/feed?request_id=tap-17", headers={"X-Request-ID": "tap-18"})
    assert both.headers["x-request-id"] == "tap-18"

    insane = await http.get("/feed?request_id=a%20b")
    assert re.fullmatch("[0-9a-f]{32}", insane.headers["x-request-id"])


@pytest.mark.parametrize("insane", ["", "a b", "x" * 65, "ü", "a\tb", "<script>", '"'])
async def test_an_id_that_is_not_sane_is_replaced(http: httpx.AsyncClient, insane: str) -> None:
    headers = httpx.Headers({"X-Request-ID": insane}, encoding="latin-1")
    answer = await http.get("/healthz", headers=headers)

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_every_request_without_one_gets_an_id_of_its_own(http: httpx.AsyncClient) -> None:
    ids = {
        (await http.get(path)).headers["x-request-id"] for path in ("/healthz", "/feed", "/nowhere", "/me")
    }

    assert len(ids) == 4


async def test_an_unexpected_error_is_found_by_the_id(broken: httpx.AsyncClient, logged: Logged) -> None:
    person = "00000000-0000-0000-0000-000000000000"
    answer = await broken.get(f"/people/{person}", headers={"X-Request-ID": "tap-18"})

    assert answer.status_code == 500
    assert answer.json()["incident"] == answer.headers["x-request-id"] == "tap-18"
    (error,) = [line for line in logged() if line["level"] == "error"]
    assert error["request_id"] == "tap-18"
    assert "RuntimeError" in error["exception"]


async def test_the_event_of_a_change_has_the_id_of_its_request(ada: Member, stream: OpenStream) -> None:
    async with stream() as events:
        await ada.http.patch("/me", json={"bio": "new"}, headers={"X-Request-ID": "tap-19"})
        told = json.loads((await anext(events)).data)

    assert told["request_id"] == "tap-19"


async def test_outside_of_a_request_there_is_none() -> None:
    assert request_id() is None
    with time_part(RequestPart.DATABASE):
        assert request_id() is None


# --- the log


async def test_each_request_has_a_line(http: httpx.AsyncClient, logged: Logged) -> None:
    await http.get("/people/not-an-id", headers={"X-Request-ID": "tap-20"})

    (line,) = [line for line in logged() if line["logger"] == "app_backend.access"]
    assert line.pop("duration_ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "app_backend.access",
        "request_id": "tap-20",
        "method": "GET",
        "route": "/people/{person_id}",
        "status": 422,
    }


@pytest.mark.parametrize(("path", "level"), [("/healthz", "debug"), ("/readyz", "debug"), ("/feed", "info")])
async def test_that_all_is_well_is_not_worth_a_line(
    http: httpx.AsyncClient, logged: Logged, path: str, level: str
) -> None:
    await http.get(path)

    (line,) = [line for line in logged() if line["logger"] == "app_backend.access"]
    assert line["level"] == level


async def test_that_something_is_wrong_is(faulty: httpx.AsyncClient, logged: Logged) -> None:
    await faulty.put("/faults/database_dropped", json={})
    assert (await faulty.get("/readyz")).status_code == 503

    last = [line for line in logged() if line["logger"] == "app_backend.access"][-1]
    assert (last["route"], last["level"]) == ("/readyz", "info")


async def test_all_that_a_request_logs_has_its_id(broken: httpx.AsyncClient, logged: Logged) -> None:
    await broken.get("/people/00000000-0000-0000-0000-000000000000", headers={"X-Request-ID": "tap-21"})

    own = [line for line in logged() if line["logger"].startswith("app_backend")]
    assert len(own) == 2
    assert {line["request_id"] for line in own} == {"tap-21"}


async def test_nothing_secret_or_personal_is_logged(
    services: Services,
    broken: httpx.AsyncClient,
    register: Register,
    http: httpx.AsyncClient,
    picture: MakePicture,
    logged: Logged,
) -> None:
    ada = await register("Ada")
    again = await http.post("/sessions", json={"email": ada.email, "password": ada.password})
    await http.post("/sessions", json={"email": ada.email, "password": "wrong password"})
    await http.post("/accounts", json={"email": ada.email, "password": ada.password, "display_name": "A"})
    address = (await ada.http.post("/me/avatar/uploads")).json()["url"]
    assert (await http.put(address, content=picture())).status_code == 200
    assert (await http.put(address, content=picture())).status_code == 410
    await broken.get(f"/people/{ada.id}", headers={"Authorization": f"Bearer {ada.token}"})

    assert len(logged()) >= 8
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in logged())
    secrets = {
        "e-mail address": ada.email,
        "another one": "ada@example.test",
        "password": ada.password,
        "token": ada.token,
        "second token": again.json()["token"],
        "token in a text": "abcdefghijklmnopqrstuvwxyz",
        "ticket": address.rpartition("/")[2],
        "secret key": services.settings.secret_key.get_secret_value(),
    }
    assert [kind for kind, secret in secrets.items() if secret in text] == []


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Key (email)=(ada.l+x@example.co.test) exists", "Key (email)=([e-mail]) exists"),
        ("Authorization: Bearer abc.DEF-123_~", "Authorization: Bearer [token]"),
        ("PUT /uploads/aGVsbG8_-8 410", "PUT /uploads/[ticket] 410"),
        ("at postgresql://ada:s3cret@127.0.0.1:5433/x", "at postgresql://[credentials]@127.0.0.1:5433/x"),
        ("?X-Amz-Signature=0123abcd&x=1", "?X-Amz-Signature=[secret]&x=1"),
        ("token Zk3" + "aB-_9" * 8, "token [secret]"),
        ("id 0123456789abcdef0123456789abcdef of 5 @ 3", "id 0123456789abcdef0123456789abcdef of 5 @ 3"),
        ("app_backend/profiles/accounts.py line 40", "app_backend/profiles/accounts.py line 40"),
    ],
)
def test_what_looks_secret_is_blotted_out_and_nothing_else(said: str, written: str) -> None:
    assert redact(said) == written


def render(lines: Lines, error: Exception) -> str:
    def fail(secret: str) -> None:
        raise error

    with logging_to(lines) as written:
        try:
            fail("a local" + " variable")
        except RuntimeError:
            logging.getLogger("app_backend.test").exception("it failed: %s", 1)
    return written.getvalue()


def test_for_machines_a_record_is_one_line_however_many_its_text_has() -> None:
    text = render(Lines(machine_readable=True), RuntimeError("first\nsecond"))

    (line,) = text.splitlines()
    assert json.loads(line)["event"] == "it failed: 1"
    assert "first\nsecond" in json.loads(line)["exception"]
    assert "a local variable" not in text


def test_for_people_a_record_is_readable() -> None:
    text = render(Lines(machine_readable=False), RuntimeError("first"))

    assert "it failed: 1" in text.splitlines()[0]
    assert "RuntimeError: first" in text
    assert "\x1b" not in text
    assert "a local variable" not in text


# --- where the time goes


def timing(answer: httpx.Response) -> dict[str, float]:
    """Server-Timing, in milliseconds by part."""
    parts = (part.split(";dur=") for part in answer.headers["server-timing"].split(", "))
    return {name: float(duration) for name, duration in parts}


async def test_an_answer_tells_where_its_time_went(ada: Member, picture: MakePicture) -> None:
    read = timing(await ada.http.get("/feed"))
    assert set(read) == {"total", "db"}
    changed = await ada.http.put("/me/avatar", content=picture())
    uploaded = timing(changed)
    assert set(uploaded) == {"total", "db", "renditions", "storage"}
    shown = timing(await ada.http.get(changed.json()["profile"]["avatar"]["urls"]["96"]))
    assert "storage" in shown
    assert set(timing(await ada.http.get("/healthz"))) == {"total"}

    for each in (read, uploaded, shown):
        # Each is rounded by itself.
        assert max(each.values()) <= each["total"] + 0.1


async def test_the_same_part_within_itself_is_counted_once() -> None:
    from app_backend.observability.requests import RequestFacts  # noqa: PLC0415 - inner workings, here only

    facts = RequestFacts("1")
    facts.begin(RequestPart.DATABASE)
    facts.begin(RequestPart.DATABASE)
    facts.end(RequestPart.DATABASE)
    assert facts.seconds == {}
    facts.end(RequestPart.DATABASE)
    assert facts.seconds[RequestPart.DATABASE] >= 0


async def test_a_task_that_is_detached_has_its_requests_id_and_none_of_its_time() -> None:
    from app_backend.observability.requests import RequestFacts, current  # noqa: PLC0415 - as above

    async def go_on() -> str | None:
        detach_request()
        with time_part(RequestPart.DATABASE):
            return request_id()

    facts = RequestFacts("tap-21")
    token = current.set(facts)
    try:
        assert await asyncio.create_task(go_on()) == "tap-21"
    finally:
        current.reset(token)
    assert facts.seconds == {}


async def test_a_statement_that_fails_is_counted_and_over(ada: Member, http: httpx.AsyncClient) -> None:
    taken = {"email": ada.email, "password": ada.password, "display_name": "Ada"}
    answer = await http.post("/accounts", json=taken)

    assert answer.status_code == 409
    assert 0 < timing(answer)["db"] <= timing(answer)["total"] + 0.1


async def test_pages_of_other_origins_may_read_id_and_timing(http: httpx.AsyncClient) -> None:
    answer = await http.get("/healthz", headers={"Origin": "http://elsewhere.test"})

    assert answer.headers["timing-allow-origin"] == answer.headers["access-control-allow-origin"] == "*"
    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {"x-request-id", "server-timing", "retry-after"} <= exposed


async def test_a_line_names_the_whole_template_and_no_path(http: httpx.AsyncClient, logged: Logged) -> None:
    document = (await http.get("/openapi.json")).json()["paths"]
    for path in document:
        if path != "/events":  # never ends over this transport
            await http.request("OPTIONS", re.sub(r"{\w+}", str(uuid.uuid4()), path))

    routes = {line["route"] for line in logged() if line["logger"] == "app_backend.access"}
    assert set(document) - {"/events"} <= routes


async def test_where_not_every_page_may_call_only_those_that_may_read_the_timing(services: Services) -> None:
    for allowed, told in (("https://app.test", "https://app.test"), ("", None)):
        settings = Settings.model_validate({"allowed_origins": allowed})
        transport = httpx.ASGITransport(create_app(replace(services, settings=settings)))
        async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
            assert (await client.get("/healthz")).headers.get("timing-allow-origin") == told
