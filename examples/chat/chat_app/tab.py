"""One open tab: who is signed in there, and which screen it shows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import flet as ft

from chat_app.room import Conversation, Room
from chat_app.screens import ConversationScreen, ConversationsScreen, SignIn

TYPING_S = 10.0
"""Who has changed nothing for so long is typing no more."""

_CHAT = re.compile(r"/chats/(\w+)")


class Tab:
    """The chat as one browser tab shows it: a `Device` of whoever is signed in there.

    `arrive` is called each time the tab has a connection.
    """

    def __init__(self, page: ft.Page, room: Room, *, arrive: Callable[[Tab], None]) -> None:
        self.page = page
        self.name = ""
        self._room = room
        self._arrive = arrive
        self._sign_in = SignIn(self._enter)
        self._list: ConversationsScreen | None = None
        self._chat: ConversationScreen | None = None
        self._pause: asyncio.TimerHandle | None = None

    @property
    def reading(self) -> str:
        """The key of the conversation on screen; empty where none is."""
        return self._chat.conversation.key if self._chat is not None else ""

    def open(self) -> None:
        """Show the first screen."""
        page = self.page
        page.title = "Chat"
        page.theme = ft.Theme(color_scheme_seed=ft.Colors.INDIGO, font_family="Roboto")
        page.on_route_change = self._on_route_change
        page.on_view_pop = self._go_home
        page.on_connect = self._on_connect
        self._arrive(self)
        self._show()

    def refresh(self) -> None:
        """Show everything as it is now."""
        for screen in (self._list, self._chat):
            if screen is not None:
                screen.show()
        self.page.update()

    def leave(self) -> None:
        """Be nowhere any more, as far as others can see."""
        self._stop_typing()
        if self.name:
            self._room.leave(self)

    async def _enter(self, name: str) -> None:
        self.name = name
        self._list = ConversationsScreen(self._room, name, open_one=self._open_chat, sign_out=self._sign_out)
        self._room.join(self)
        self._show()
        self._room.look(self)

    async def _sign_out(self) -> None:
        self.leave()
        self.name, self._list, self._sign_in = "", None, SignIn(self._enter)
        self._show()

    async def _open_chat(self, key: str) -> None:
        await self.page.push_route(f"/chats/{key}")

    async def _go_home(self) -> None:
        await self.page.push_route("/")

    def _on_route_change(self) -> None:
        self._stop_typing()
        self._show()
        if self.name:
            self._room.look(self)

    def _on_connect(self) -> None:
        """Take up a tab that has lost its connection for a moment; the browser may be elsewhere by now."""
        self._arrive(self)
        self._show()
        if self.name:
            self._room.join(self)

    def _show(self) -> None:
        """Lay the screens that the address asks for on top of each other."""
        if self._list is None:
            self._chat = None
            self.page.views = [self._sign_in.view]
        else:
            chat = self._chat_at(self.page.route)
            if chat is None:
                self._chat = None
            elif self._chat is None or self._chat.conversation is not chat:
                self._chat = self._new_chat(chat)
            self.page.views = [self._list.view, *([self._chat.view] if self._chat is not None else [])]
        self.refresh()

    def _chat_at(self, route: str) -> Conversation | None:
        found = _CHAT.fullmatch(route)
        return self._room.conversation(found[1], self.name) if found else None

    def _new_chat(self, conversation: Conversation) -> ConversationScreen:
        def send(words: str) -> None:
            self._cancel_pause()
            self._room.send(conversation.key, self.name, words)

        return ConversationScreen(self._room, self.name, conversation, send=send, type_on=self._type_on)

    def _type_on(self, is_typing: bool) -> None:
        if not is_typing:
            self._stop_typing()
            return
        self._cancel_pause()
        self._pause = asyncio.get_running_loop().call_later(TYPING_S, self._stop_typing)
        self._room.set_typing(self.reading, self.name, is_typing=True)

    def _stop_typing(self) -> None:
        if self._cancel_pause():
            self._room.set_typing(self.reading, self.name, is_typing=False)

    def _cancel_pause(self) -> bool:
        """Wait for no pause in typing any more; whether one was waited for."""
        if self._pause is None:
            return False
        self._pause.cancel()
        self._pause = None
        return True
