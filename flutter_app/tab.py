"""One open browser tab: who is signed in there, and which screen it shows."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import datetime

import flet as ft

from flutter_app import semantics, theme
from flutter_app.backend import BackendClient, Rejected, RequestError, Session
from flutter_app.header import HeaderBar
from flutter_app.model import Account, PersonProfile, PostContent, SessionTokens, SignInResult
from flutter_app.screens import Screen, screen_for
from flutter_app.widgets import error_panel

# The names under which the browser keeps them, no secrets.
_TOKEN = "roundel.token"  # noqa: S105 - the name of a key
_REFRESH_TOKEN = "roundel.refresh_token"  # noqa: S105 - as above

_NOBODYS = SessionTokens(access="", refresh="")
_BROWSER_ANSWER_S = 3

# How many seconds a tab whose connection broke may come back to where it was: a reload needs a moment, and a
# closed tab is to be forgotten soon.
COME_BACK_WITHIN_S = 10


class Tab:
    """The app as one browser tab shows it: the header, the screen below, and what they share.

    `join` has it updated live, `leave` no more.
    """

    def __init__(
        self,
        page: ft.Page,
        backend: BackendClient,
        *,
        join: Callable[[Tab], None],
        leave: Callable[[Tab], None],
    ) -> None:
        self.backend = backend
        self._page = page
        self._join = join
        self._leave = leave
        self._store = ft.SharedPreferences()
        self._session = backend.session(_NOBODYS)
        self._account: Account | None = None
        self._restored = False
        self._seen: dict[str, PersonProfile] = {}
        self._route = ""
        self._screen: Screen | None = None
        self._header = HeaderBar(go=self.go, sign_out=self._sign_out)
        self._offline = _offline_bar()
        self._body = ft.Container(expand=True)

    @property
    def account(self) -> Account | None:
        """Who is signed in in this browser."""
        return self._account

    @property
    def session(self) -> Session:
        """The sign-in of who is signed in; one whose tokens are empty when nobody is."""
        return self._session

    @property
    def width(self) -> float:
        """The window's width in logical pixels."""
        return float(self._page.width or 0)

    async def open(self) -> None:
        """Show the frame at once, then who is signed in, then what the address asks for."""
        page = self._page
        page.title = theme.NAME
        page.theme, page.dark_theme, page.theme_mode = (
            theme.light_theme(),
            theme.dark_theme(),
            ft.ThemeMode.SYSTEM,
        )
        page.padding = 0
        page.spacing = 0
        self._header.resize(self.width)
        page.controls = [self._header.control, self._offline, self._body]
        page.on_route_change = self._on_route_change
        page.on_resize = self._on_resize
        page.on_connect = self._on_connect
        page.on_disconnect = self._on_disconnect
        page.on_close = self._on_disconnect
        page.update()
        self._join(self)
        self._route = page.route
        await self._restore()

    async def go(self, route: str) -> None:
        """Open a route, and put it into the browser's address bar and history."""
        if route != self._route:
            self._route = route
            await self._page.push_route(route)
        await self._show(route)

    async def enter(self, signed_in: SignInResult, route: str) -> None:
        """Sign in, remember it in the browser, and go on to a route."""
        self._session, self._account = self.backend.session(signed_in.tokens), signed_in.account
        self._session.keep(self)
        self._header.show(signed_in.account.profile)
        await self._keep(signed_in.tokens)
        await self.go(route)

    async def remember(self, session: Session) -> None:
        """Keep the tokens in the browser, unless somebody else is signed in here by now."""
        if session is self._session:
            async with asyncio.timeout(_BROWSER_ANSWER_S):
                await self._keep(session.tokens)

    def update_account(self, account: Account) -> None:
        """Show one's own account as the backend has just said it is."""
        profile = self.choose_newest(account.profile)
        self._account = dataclasses.replace(account, profile=profile)
        self._header.show(profile)
        if self._screen is not None:
            self._screen.show_profile(profile)

    async def explain(self, error: RequestError) -> str:
        """Find the words for an error; signs out where the backend no longer takes the token."""
        if isinstance(error, Rejected) and error.status == 401 and self._account is not None:
            await self._forget()
            await self.go("/sign-in")
            return "You have been signed out. Sign in again."
        return str(error)

    def choose_newest(self, profile: PersonProfile) -> PersonProfile:
        """Choose between a profile just read and what an event has said about the same person meanwhile."""
        seen = self._seen.get(profile.id)
        if seen is not None and seen.version > profile.version:
            return seen
        self._seen[profile.id] = profile
        return profile

    def show_profile(self, profile: PersonProfile) -> None:
        """Show somebody as they are now, wherever they are on screen."""
        profile = self.choose_newest(profile)
        if self._account is not None and self._account.profile.id == profile.id:
            self._account = dataclasses.replace(self._account, profile=profile)
            self._header.show(profile)
        if self._screen is not None:
            self._screen.show_profile(profile)

    def show_post(self, post: PostContent) -> None:
        """Show a new post where it belongs on screen."""
        self.show_profile(post.author)
        if self._screen is not None:
            self._screen.show_post(post)

    def remove_post(self, post_id: str) -> None:
        """Take away a post that is on screen."""
        if self._screen is not None:
            self._screen.remove_post(post_id)

    def remove_person(self, person_id: str) -> None:
        """Take away a person, and whatever is by them, from the screen."""
        if self._screen is not None:
            self._screen.remove_person(person_id)

    def show_offline(self, *, offline: bool) -> None:
        """Say, or stop saying, that what is on screen may be out of date."""
        if self._offline.visible != offline:
            self._offline.visible = offline
            self._offline.update()

    async def connection_ended(self) -> None:
        """Stop being updated, and let Flet drop the session, where it has not seen to that itself."""
        self._leave(self)
        if self._page.session.connection is not None:
            await self._page.session.disconnect(COME_BACK_WITHIN_S)

    def tick(self, now: datetime) -> None:
        """Say again how long ago things were."""
        if self._screen is not None:
            self._screen.tick(now)

    async def refresh(self) -> None:
        """Read again what is on screen."""
        if not self._restored:
            await self._restore()
            return
        if self._account is not None:
            try:
                self.update_account(await self.backend.account(self._session))
            except RequestError as error:
                await self.explain(error)
        if self._screen is not None:
            await self._screen.load()

    async def _restore(self) -> None:
        """Find out who is signed in here, and show what the address asks for."""
        token = await self._read_stored(_TOKEN)
        account: Account | None = None
        if token:
            stored = SessionTokens(access=token, refresh=await self._read_stored(_REFRESH_TOKEN))
            self._session = self.backend.session(stored)
            self._session.keep(self)
            try:
                account = await self.backend.account(self._session)
            except Rejected as error:
                if error.status != 401:
                    self._show_error(error)
                    return
                await self._forget()
            except RequestError as error:
                self._show_error(error)
                return
        self._restored = True
        self._account = account
        self._header.show(account.profile if account else None)
        await self._show(self._route)

    async def _read_stored(self, name: str) -> str:
        """Ask the browser for a token it keeps; again where no answer comes: it may still be starting."""
        for _ in range(5):
            try:
                async with asyncio.timeout(_BROWSER_ANSWER_S):
                    token = await self._store.get(name)
            except TimeoutError:
                continue
            return token if isinstance(token, str) else ""
        return ""

    async def _keep(self, tokens: SessionTokens) -> None:
        # This one first: with it alone, the other can be had again.
        await self._store.set(_REFRESH_TOKEN, tokens.refresh)
        await self._store.set(_TOKEN, tokens.access)

    def _show_error(self, error: RequestError) -> None:
        self._body.content = error_panel(str(error), self._restore)
        self._body.update()

    async def _show(self, route: str) -> None:
        self._seen.clear()
        screen = screen_for(route, self)
        self._screen = screen
        self._body.content = screen.control
        self._page.title = f"{screen.title} - {theme.NAME}"
        self._page.update()
        await screen.load()

    async def _sign_out(self) -> None:
        session = self._session
        await self._forget()
        await self.go("/")
        try:
            await self.backend.sign_out(session)
        except RequestError:
            # Signed out here all the same: the browser has forgotten the token, and it ends by itself.
            return

    async def _forget(self) -> None:
        self._session, self._account = self.backend.session(_NOBODYS), None
        for name in (_REFRESH_TOKEN, _TOKEN):
            await self._store.remove(name)
        self._header.show(None)

    async def _on_route_change(self, event: ft.RouteChangeEvent) -> None:
        if event.route != self._route and self._restored:
            self._route = event.route
            await self._show(event.route)

    def _on_resize(self, event: ft.PageResizeEvent) -> None:
        self._header.resize(event.width)
        if self._screen is not None:
            self._screen.resize(event.width)
        self._page.update()

    async def _on_connect(self) -> None:
        """Take up a tab whose connection was lost for a moment; the browser may be elsewhere by now."""
        self._join(self)
        if self._page.route != self._route:
            self._route = self._page.route
            await self._show(self._route)
        else:
            await self.refresh()

    def _on_disconnect(self) -> None:
        self._leave(self)


def _offline_bar() -> ft.Container:
    words = ft.Text(
        "No connection to the server. Trying again.",
        theme_style=ft.TextThemeStyle.BODY_MEDIUM,
        color=ft.Colors.ON_ERROR_CONTAINER,
    )
    return ft.Container(
        ft.Row([semantics.text("offline", words, live=True)], alignment=ft.MainAxisAlignment.CENTER),
        padding=ft.Padding.symmetric(horizontal=theme.PADDING, vertical=theme.GAP),
        bgcolor=ft.Colors.ERROR_CONTAINER,
        visible=False,
    )
