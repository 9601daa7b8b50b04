"""Who gets in, what a page elsewhere can do (nothing), and what is answered to what isn't right."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from playwright.async_api import Response

from journeys.review import files
from journeys.review.access import Access
from journeys.review.decisions import MAX_NOTE
from journeys.review.server import review_app
from tests.journeys.review.conftest import Made, Open, Place, Serve
from tests.journeys.review.repository import commit_all
from tests.journeys.review.results_folder import moved_button
from tests.journeys.review.review_page import shown

ADDRESS = "http://127.0.0.1:8123"
ENTRY = moved_button().key.id
APPROVAL = {"id": ENTRY, "verdict": "approved", "seen": 0}


@pytest.fixture
def here(place: Made) -> Place:
    return place(moved_button())


@pytest.fixture
def access() -> Access:
    return Access(8123)


@pytest.fixture
async def stranger(here: Place, access: Access) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without the token."""
    transport = httpx.ASGITransport(review_app(here.review(), access))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        yield client


@pytest.fixture
async def reviewer(stranger: httpx.AsyncClient, access: Access) -> httpx.AsyncClient:
    """Somebody who opened the printed address."""
    await stranger.get("/", params={"token": access.token})
    stranger.headers["origin"] = ADDRESS
    return stranger


async def decide(client: httpx.AsyncClient, *decisions: Any, **headers: str) -> httpx.Response:
    return await client.post("/decisions", json={"by": "ada", "decisions": list(decisions)}, headers=headers)


PATHS = [
    "/",
    "/page/review.js",
    f"/pictures/{ENTRY}/actual",
    f"/semantics/{ENTRY}",
    f"/film/{ENTRY}",
    f"/history/{ENTRY}",
    "/changes?after=0",
]


@pytest.mark.parametrize("path", PATHS)
async def test_without_the_token_there_is_nothing(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert answer.status_code == 401
    assert "Open the address that `journeys review` printed" in answer.text


@pytest.mark.parametrize("path", PATHS)
async def test_with_it_there_is_everything(reviewer: httpx.AsyncClient, path: str) -> None:
    assert (await reviewer.get(path)).status_code == 200


async def test_a_wrong_token_lets_nobody_in(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/", params={"token": "wrong"})).status_code == 401
    assert (await stranger.get("/")).status_code == 401


async def test_the_token_leaves_the_address_and_the_cookie_stays_here(
    stranger: httpx.AsyncClient, access: Access
) -> None:
    answer = await stranger.get("/", params={"token": access.token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert access.token not in cookie


async def test_a_code_for_a_browser_is_good_once(stranger: httpx.AsyncClient, access: Access) -> None:
    code = access.code()
    assert (await stranger.get("/", params={"token": code})).status_code == 303
    assert (await stranger.get("/", params={"token": code})).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:8123", "127.0.0.1.evil.test", "", "[", "10.0.0.7:8123"]
)
async def test_another_name_for_this_host_is_refused(reviewer: httpx.AsyncClient, host: str) -> None:
    for answer in (
        await reviewer.get("/", headers={"host": host}),
        await decide(reviewer, APPROVAL, host=host),
    ):
        assert answer.status_code == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8123"]
)
async def test_a_page_elsewhere_decides_nothing(
    here: Place, reviewer: httpx.AsyncClient, origin: str
) -> None:
    before = here.tree()
    assert (await decide(reviewer, APPROVAL, origin=origin)).status_code == 403
    del reviewer.headers["origin"]
    assert (await decide(reviewer, APPROVAL)).status_code == 403
    assert here.tree() == before


async def test_a_form_elsewhere_decides_nothing(here: Place, reviewer: httpx.AsyncClient) -> None:
    before = here.tree()
    body = f'{{"by": "", "decisions": [{{"id": "{ENTRY}", "verdict": "approved"}}]}}'
    answer = await reviewer.post("/decisions", content=body, headers={"content-type": "text/plain"})
    assert answer.status_code == 422
    assert here.tree() == before


async def test_every_answer_says_what_a_browser_may_do(reviewer: httpx.AsyncClient) -> None:
    for path in (*PATHS, "/nowhere"):
        headers = (await reviewer.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


async def test_what_a_run_says_is_text_on_the_page(place: Callable[..., Place], access: Access) -> None:
    evil = replace(
        moved_button(), reasons=("</script><script>alert(1)</script><img src=x onerror=alert(1)>",)
    )
    review = place(
        evil, replace(evil, name="other", cause="x"), replace(evil, name="third", cause="x")
    ).review()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(review_app(review, access)), base_url=ADDRESS
    ) as client:
        page = await client.get("/", params={"token": access.token}, follow_redirects=True)
    assert page.text.count("<script") == page.text.count("</script>") == 7
    assert "<img" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/page/../server.py",
        "/page/%2e%2e%2fserver.py",
        f"/pictures/{ENTRY}/..%2f..%2fscreens.json",
        f"/pictures/{ENTRY}/film-9",
        f"/pictures/{ENTRY}/",
        "/pictures/..%2f..%2fetc/passwd",
        f"/versions/{ENTRY}/HEAD",
        "/semantics/000000000000",
    ],
)
async def test_no_path_leads_out_of_the_results(reviewer: httpx.AsyncClient, path: str) -> None:
    assert (await reviewer.get(path)).status_code in {404, 422}


async def test_a_picture_that_is_a_link_out_of_the_results_is_not_shown(
    here: Place, reviewer: httpx.AsyncClient
) -> None:
    secret = here.root / "secret.png"
    shutil.move(here.actual(moved_button()), secret)
    here.actual(moved_button()).symlink_to(secret)
    answer = await reviewer.get(f"/pictures/{ENTRY}/actual")
    assert answer.status_code == 422
    assert "lies outside" in answer.json()["message"]


async def test_only_pictures_are_shown_as_pictures(here: Place, reviewer: httpx.AsyncClient) -> None:
    here.actual(moved_button()).write_text("<script>alert(1)</script>")
    assert (await reviewer.get(f"/pictures/{ENTRY}/actual")).status_code == 422


async def test_an_oversized_picture_is_not_read(
    reviewer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.read_inside, "__kwdefaults__", {"most": 10})
    assert (await reviewer.get(f"/pictures/{ENTRY}/actual")).status_code == 413


async def test_an_earlier_version_is_shown(here: Place, reviewer: httpx.AsyncClient) -> None:
    before = here.baseline(moved_button()).read_bytes()
    commit = commit_all(here.root, "Record")
    answer = await reviewer.get(f"/versions/{ENTRY}/{commit}")
    assert (answer.headers["content-type"], answer.content) == ("image/png", before)


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ({"id": ENTRY, "verdict": "loved"}, "a verdict is approved or rejected"),
        (
            {"id": ENTRY, "verdict": "rejected", "note": "x" * (MAX_NOTE + 1)},
            "a note is a text of at most 2000",
        ),
        ({"id": ENTRY, "verdict": "rejected", "note": 7}, "a note is a text"),
        (
            {"id": ENTRY, "verdict": "rejected", "note": "a\0b"},
            "a note is a text, and this one has the character NUL",
        ),
        ({"id": 7, "verdict": "approved"}, "names its entry"),
        ({"id": ENTRY, "verdict": "approved", "seen": "1"}, "what was seen"),
        ("approve it", "a list of objects"),
    ],
)
async def test_a_decision_that_is_not_sound_is_refused(
    here: Place, reviewer: httpx.AsyncClient, decision: Any, said: str
) -> None:
    before = here.tree()
    answer = await decide(reviewer, decision)
    assert answer.status_code == 422
    assert said in answer.json()["message"]
    assert here.tree() == before


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"[" * 100_000, b'{"by": "ada"}', b'{"by": "ada", "decisions": {}}']
)
async def test_a_body_that_is_not_sound_is_refused(reviewer: httpx.AsyncClient, body: bytes) -> None:
    for path in ("/decisions", "/undo"):
        answer = await reviewer.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (b'"\\ud83d"', "what was sent has half a character in a text"),
        (b'"\xed\xa0\xbd"', "what was sent is no JSON (Invalid UTF-8"),
        (b"9" * 5_000, "what was sent"),
        (b"NaN", "what was sent is no JSON"),
        (b"[" * 500 + b"]" * 500, "more than 100 levels deep"),
    ],
    ids=["half a character", "half a character in UTF-8", "5,000 digits", "no number", "deep"],
)
async def test_what_no_json_of_ours_has_is_refused(
    here: Place, reviewer: httpx.AsyncClient, note: bytes, said: str
) -> None:
    before = here.tree()
    body = b'{"by": "ada", "decisions": [{"id": "%s", "verdict": "rejected", "note": %s}]}' % (
        ENTRY.encode(),
        note,
    )
    answer = await reviewer.post("/decisions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert said in answer.json()["message"]
    assert here.tree() == before


async def test_a_body_without_end_is_refused(reviewer: httpx.AsyncClient) -> None:
    body = b'{"by": "' + b"x" * (5 * 2**20)
    answer = await reviewer.post("/decisions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413


async def test_the_second_of_two_decisions_is_a_conflict(reviewer: httpx.AsyncClient) -> None:
    assert (await decide(reviewer, APPROVAL)).status_code == 200
    answer = await decide(reviewer, {**APPROVAL, "verdict": "rejected"})
    assert answer.status_code == 409
    (refused,) = answer.json()["refused"]
    assert "another reviewer has approved it meanwhile" in refused["message"]
    assert refused["decision"]["verdict"] == "approved"


async def test_results_that_vanish_are_said_everywhere(here: Place, reviewer: httpx.AsyncClient) -> None:
    shutil.rmtree(here.folder)
    for answer in (
        await reviewer.get("/"),
        await reviewer.get("/changes?after=0"),
        await decide(reviewer, APPROVAL),
    ):
        assert answer.status_code == 410
        assert "are gone: run the journeys again" in answer.text
    assert (await reviewer.get(f"/pictures/{ENTRY}/actual")).status_code == 410


async def test_nothing_of_what_is_installed_is_shown(reviewer: httpx.AsyncClient) -> None:
    for path in ("/docs", "/openapi.json", "/redoc"):
        assert (await reviewer.get(path)).status_code == 404


async def test_nothing_is_loaded_from_elsewhere(place: Made, serve: Serve, open_page: Open) -> None:
    served = await serve(place().review())
    page = await open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    refused: list[str] = []

    def answered(answer: Response) -> None:
        if answer.status >= 400:
            refused.append(answer.url)

    page.on("response", answered)
    await page.goto(served.address_with_token)
    await shown(page)
    assert asked
    assert [url for url in asked if not url.startswith(served.address)] == []
    assert refused == []
