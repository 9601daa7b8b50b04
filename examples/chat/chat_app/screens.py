"""The chat's three screens: sign in, the list of conversations, one conversation.

They say of themselves what Material's widgets say: labels, tooltips, texts. Identifiers have only those
places that no word of their own tells apart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from chat_app.room import Conversation, Delivery, Message, Room

Act = Callable[[], Awaitable[None]]

CONTENT_WIDTH = 720
"""How wide what there is to read gets on a wide screen; a narrow one is filled."""

_TICKS = {
    Delivery.SENT: ("Sent", ft.Icons.DONE, ft.Colors.OUTLINE),
    Delivery.DELIVERED: ("Delivered", ft.Icons.DONE_ALL, ft.Colors.OUTLINE),
    Delivery.READ: ("Read", ft.Icons.DONE_ALL, ft.Colors.LIGHT_BLUE_600),
}


class SignIn:
    """Ask for a name; `enter` takes it."""

    def __init__(self, enter: Callable[[str], Awaitable[None]]) -> None:
        self._enter = enter
        self._name = ft.TextField(
            label="Your name", max_length=40, counter="", width=320, on_submit=self._join
        )
        words = ft.Text("Chat", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
        self.view = ft.View(
            route="/sign-in",
            padding=32,
            spacing=16,
            vertical_alignment=ft.MainAxisAlignment.CENTER,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            controls=[words, self._name, ft.FilledButton("Join", on_click=self._join)],
        )

    async def _join(self) -> None:
        name = " ".join(self._name.value.split())
        if name:
            await self._enter(name)
        else:
            self._name.error = "Say who you are"
            self._name.update()


class ConversationTile:
    """One conversation in the list: with whom, the last words, and how many have not been read."""

    def __init__(self, conversation: Conversation, me: str, open_it: Act) -> None:
        self._conversation = conversation
        self._me = me
        self._partner = conversation.partner_of(me)
        self._words = ft.Text(max_lines=1, overflow=ft.TextOverflow.ELLIPSIS)
        self._dot = ft.Semantics(
            label="online",
            container=True,
            content=ft.Container(width=12, height=12, border_radius=6, bgcolor=ft.Colors.GREEN_600),
        )
        self._count = ft.Text(color=ft.Colors.ON_PRIMARY, weight=ft.FontWeight.BOLD)
        self._badge = ft.Semantics(
            container=True,
            exclude_semantics=True,
            content=ft.Container(
                self._count,
                width=28,
                height=28,
                border_radius=14,
                alignment=ft.Alignment.CENTER,
                bgcolor=ft.Colors.PRIMARY,
            ),
        )
        initial = ft.Semantics(exclude_semantics=True, content=ft.Text(self._partner[:1].upper()))
        self.control = ft.ListTile(
            key=conversation.key,
            leading=ft.Stack(
                [
                    ft.CircleAvatar(content=initial, radius=20),
                    ft.Container(self._dot, right=0, bottom=0),
                ],
                width=40,
                height=40,
            ),
            title=self._partner,
            subtitle=self._words,
            trailing=self._badge,
            on_click=open_it,
        )

    def show(self, room: Room) -> None:
        """Show how things stand."""
        messages = self._conversation.messages
        self._words.value = messages[-1].words if messages else "Nothing yet"
        self._dot.visible = room.is_online(self._partner)
        unread = self._conversation.unread_by(self._me)
        self._count.value = str(unread)
        self._badge.label = f"{unread} unread"
        self._badge.visible = unread > 0


class ConversationsScreen:
    """The list of conversations; `open_one` is called for one's key."""

    def __init__(
        self, room: Room, me: str, *, open_one: Callable[[str], Awaitable[None]], sign_out: Act
    ) -> None:
        self._room = room
        self._me = me
        self._open_one = open_one
        self._tiles: dict[str, ConversationTile] = {}
        self._list = ft.ListView(expand=True, width=CONTENT_WIDTH)
        self._nobody = ft.Text("Nobody else is here yet", color=ft.Colors.ON_SURFACE_VARIANT)
        self.view = ft.View(
            route="/",
            padding=0,
            appbar=ft.AppBar(
                title=ft.Text("Chats"),
                automatically_imply_leading=False,
                actions=[ft.IconButton(ft.Icons.LOGOUT, tooltip="Sign out", on_click=sign_out)],
            ),
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            controls=[self._nobody, self._list],
        )

    def show(self) -> None:
        """Show how things stand."""
        conversations = self._room.conversations_of(self._me)
        for each in conversations:
            if each.key not in self._tiles:
                self._tiles[each.key] = ConversationTile(each, self._me, self._opener(each.key))
            self._tiles[each.key].show(self._room)
        self._nobody.visible = not conversations
        self._list.controls = [self._tiles[each.key].control for each in conversations]

    def _opener(self, key: str) -> Act:
        async def open_it() -> None:
            await self._open_one(key)

        return open_it


class Bubble:
    """One message; one's own has a tick that says how far it has come."""

    def __init__(self, message: Message, me: str) -> None:
        self._message = message
        self._own = message.author == me
        self._icon = ft.Icon(ft.Icons.DONE, size=18)
        self._tick = ft.Semantics(image=True, container=True, content=self._icon, visible=self._own)
        words = ft.Container(
            ft.Text(message.words, theme_style=ft.TextThemeStyle.BODY_LARGE),
            padding=ft.Padding.symmetric(horizontal=14, vertical=8),
            border_radius=16,
            bgcolor=ft.Colors.PRIMARY_CONTAINER if self._own else ft.Colors.SURFACE_CONTAINER_HIGH,
        )
        text = ft.Semantics(identifier=f"message-{message.id}", container=True, content=words)
        text.expand = text.expand_loose = True
        # However long it is, it shows by its place whose it is.
        free = ft.Container(width=40)
        self.control = ft.Row(
            [free, text, self._tick] if self._own else [text, free],
            key=f"{message.id}",
            spacing=6,
            alignment=ft.MainAxisAlignment.END if self._own else ft.MainAxisAlignment.START,
            vertical_alignment=ft.CrossAxisAlignment.END,
        )

    def show(self) -> None:
        """Show how far it has come."""
        self._tick.label, self._icon.icon, self._icon.color = _TICKS[self._message.delivery]


class ConversationScreen:
    """One conversation; `send` takes words, `type_on` hears at each change whether there are any."""

    def __init__(
        self,
        room: Room,
        me: str,
        conversation: Conversation,
        *,
        send: Callable[[str], None],
        type_on: Callable[[bool], None],
    ) -> None:
        self.conversation = conversation
        self._room = room
        self._me = me
        self._partner = conversation.partner_of(me)
        self._send = send
        self._type_on = type_on
        self._bubbles: dict[int, Bubble] = {}
        self._presence = ft.Text(theme_style=ft.TextThemeStyle.BODY_SMALL)
        # The newest stands at the bottom, and the list stays there as it grows.
        self._messages = ft.ListView(
            reverse=True,
            expand=True,
            width=CONTENT_WIDTH,
            spacing=8,
            padding=16,
            build_controls_on_demand=False,
        )
        self._typing = ft.Text(
            f"{self._partner} is typing",
            theme_style=ft.TextThemeStyle.BODY_MEDIUM,
            color=ft.Colors.ON_SURFACE_VARIANT,
        )
        self._field = ft.TextField(
            label="Message", border_radius=24, on_change=self._change, on_submit=self._submit
        )
        compose = ft.MergeSemantics(content=ft.Semantics(identifier="compose", content=self._field))
        compose.expand = True
        self.view = ft.View(
            route=f"/chats/{conversation.key}",
            padding=0,
            spacing=0,
            appbar=ft.AppBar(title=self._title()),
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            controls=[
                self._messages,
                # Its place is kept free, so that nothing moves when somebody types.
                ft.Container(
                    self._typing,
                    width=CONTENT_WIDTH,
                    height=28,
                    padding=ft.Padding.symmetric(horizontal=16),
                ),
                ft.Container(
                    ft.Row([compose, ft.IconButton(ft.Icons.SEND, tooltip="Send", on_click=self._submit)]),
                    width=CONTENT_WIDTH,
                    padding=ft.Padding.only(left=12, right=4, bottom=12),
                ),
            ],
        )

    def show(self) -> None:
        """Show how things stand."""
        for message in self.conversation.messages:
            if message.id not in self._bubbles:
                self._bubbles[message.id] = Bubble(message, self._me)
            self._bubbles[message.id].show()
        self._messages.controls = [
            self._bubbles[each.id].control for each in reversed(self.conversation.messages)
        ]
        self._presence.value = "online" if self._room.is_online(self._partner) else "offline"
        self._typing.visible = self._partner in self.conversation.typing

    def _title(self) -> ft.Control:
        presence = ft.Semantics(identifier="presence", container=True, content=self._presence)
        return ft.Column([ft.Text(self._partner), presence], spacing=0, tight=True)

    def _change(self) -> None:
        self._type_on(bool(self._field.value.strip()))

    def _submit(self) -> None:
        words = self._field.value.strip()
        if words:
            self._field.value = ""
            self._field.update()
            self._send(words)
