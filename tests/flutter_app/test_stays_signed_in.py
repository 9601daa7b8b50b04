"""A token expires, and the person stays signed in: the app gets another one by itself, and only once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from flutter_app.backend import BackendClient, Rejected, Session, Unreachable
from flutter_app.model import SessionTokens

if TYPE_CHECKING:
    from tests.flutter_app.conftest import MakePerson, OpenTab, Person

# What the backend doesn't know is to the app what has expired: 401.
EXPIRED = "expired"
KEPT = """name => JSON.parse(localStorage.getItem(`flutter.roundel.${name}`))"""
# What a tab keeps is written down some time after it shows.
CHANGED = f"([name, before]) => ({KEPT})(name) !== before"


class Kept:
    """Keeps tokens, as a tab does in its browser."""

    def __init__(self) -> None:
        self.tokens: list[SessionTokens] = []

    async def remember(self, session: Session) -> None:
        self.tokens.append(session.tokens)


@pytest.fixture
async def ada(make_person: MakePerson) -> Person:
    return await make_person("Ada")


@pytest.fixture
def asked() -> Counter[str]:
    return Counter()


@pytest.fixture
async def backend(backend_url: str, asked: Counter[str]) -> AsyncIterator[BackendClient]:
    async def count(request: httpx.Request) -> None:
        asked[f"{request.method} {request.url.path}"] += 1

    async with httpx.AsyncClient(
        base_url=backend_url, trust_env=False, event_hooks={"request": [count]}
    ) as http:
        yield BackendClient(http)


@pytest.fixture
def session(backend: BackendClient, ada: Person) -> Session:
    return backend.session(SessionTokens(EXPIRED, ada.refresh_token))


async def test_an_expired_token_is_renewed(
    backend: BackendClient, session: Session, ada: Person, asked: Counter[str]
) -> None:
    assert (await backend.account(session)).email == ada.email
    await backend.post(session, "Still here")

    assert asked == {"GET /me": 2, "POST /sessions/refresh": 1, "POST /posts": 1}
    assert EXPIRED not in session.tokens.access


async def test_requests_at_once_renew_once(
    backend: BackendClient, session: Session, ada: Person, asked: Counter[str]
) -> None:
    accounts = await asyncio.gather(*(backend.account(session) for _ in range(6)))

    assert {account.email for account in accounts} == {ada.email}
    assert asked["POST /sessions/refresh"] == 1


async def test_tabs_of_one_browser_renew_once_and_all_keep_the_new_tokens(
    backend: BackendClient, session: Session, ada: Person, asked: Counter[str]
) -> None:
    other_tab = backend.session(SessionTokens(EXPIRED, ada.refresh_token))
    kept = [Kept(), Kept()]
    for each, store in zip((session, other_tab), kept, strict=True):
        each.keep(store)

    await asyncio.gather(backend.account(session), backend.account(other_tab))

    assert asked["POST /sessions/refresh"] == 1
    assert [each.tokens for each in kept] == [[session.tokens], [session.tokens]]
    # A tab that read the browser's storage just before, and one that reads it now.
    assert backend.session(SessionTokens(EXPIRED, ada.refresh_token)) is session
    assert backend.session(session.tokens) is session


async def test_an_answer_that_was_lost_is_asked_for_again(backend_url: str, ada: Person) -> None:
    class LosesTheFirst(httpx.AsyncHTTPTransport):
        lost = False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            if request.url.path == "/sessions/refresh" and not self.lost:
                self.lost = True
                await response.aclose()
                raise httpx.ReadError("lost")
            return response

    async with httpx.AsyncClient(base_url=backend_url, transport=LosesTheFirst()) as http:
        backend = BackendClient(http)
        session = backend.session(SessionTokens(EXPIRED, ada.refresh_token))
        with pytest.raises(Unreachable):
            await backend.account(session)

        assert (await backend.account(session)).email == ada.email


async def test_a_sign_in_that_has_ended_is_not_renewed(
    backend: BackendClient, session: Session, ada: Person, asked: Counter[str]
) -> None:
    await backend.account(session)
    await backend.sign_out(session)

    for _ in range(2):
        with pytest.raises(Rejected) as refused:
            await backend.account(session)
        assert refused.value.status == 401


async def test_a_token_alone_works_as_long_as_it_does(backend: BackendClient, ada: Person) -> None:
    assert (await backend.account(backend.session(SessionTokens(ada.token, "")))).email == ada.email
    with pytest.raises(Rejected):
        await backend.account(backend.session(SessionTokens(EXPIRED, "")))


async def test_a_tab_that_cannot_keep_its_tokens_holds_up_nothing(
    backend: BackendClient, session: Session, ada: Person
) -> None:
    class Closed:
        async def remember(self, session: Session) -> None:  # noqa: ARG002 - as it is called
            raise TimeoutError

    closed, kept = Closed(), Kept()
    session.keep(closed)
    session.keep(kept)

    assert (await backend.account(session)).email == ada.email
    assert kept.tokens == [session.tokens]


async def test_in_the_browser_a_person_stays_signed_in(open_tab: OpenTab, ada: Person) -> None:
    tab = await open_tab("/me", person=replace(ada, token=EXPIRED))
    await tab.says("header-name", "Ada")
    await tab.says("profile-email", ada.email)
    await tab.page.wait_for_function(CHANGED, arg=["token", EXPIRED])
    await tab.page.wait_for_function(CHANGED, arg=["refresh_token", ada.refresh_token])
    kept = await tab.page.evaluate(KEPT, "token")

    later = await open_tab("/me", person=replace(ada, token=kept))
    await later.says("header-name", "Ada")


async def test_signing_in_by_hand_keeps_both_tokens_and_signing_out_forgets_them(
    open_tab: OpenTab, ada: Person
) -> None:
    tab = await open_tab("/sign-in")
    await tab.type("sign-in-email", ada.email)
    await tab.type("sign-in-password", ada.password)
    await tab.tap("sign-in-submit")
    await tab.says("header-name", "Ada")
    for name in ("token", "refresh_token"):
        await tab.page.wait_for_function(CHANGED, arg=[name, None])

    await tab.tap("header-sign-out")
    await tab.shows("header-sign-in")
    for name in ("token", "refresh_token"):
        await tab.page.wait_for_function(f"name => ({KEPT})(name) === null", arg=name)
