"""The two doors: sign in, and make an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from flutter_app import semantics, theme
from flutter_app.backend import Rejected, RequestError
from flutter_app.model import SignInResult
from flutter_app.screens.screen import Screen, Shell
from flutter_app.widgets import Notice

_SHORTEST_PASSWORD = 8


class _EntryScreen(Screen):
    """A short form in the middle; Enter in any field does what the button does."""

    def __init__(
        self,
        shell: Shell,
        *,
        name: str,
        heading: str,
        words: str,
        fields: dict[str, ft.TextField],
        button: str,
        elsewhere: ft.Control,
    ) -> None:
        super().__init__(shell)
        self._name = name
        self._fields = fields
        self._button = semantics.control(
            f"{name}-submit", ft.FilledButton(button, on_click=self._submit, height=48)
        )
        self._notice = Notice(f"{name}-error")
        for field in fields.values():
            field.on_submit = self._submit
        self._form = ft.Container(
            ft.Column(
                [
                    ft.Row([theme.logo(48)], alignment=ft.MainAxisAlignment.CENTER),
                    ft.Column(
                        [
                            semantics.heading(
                                f"{name}-heading",
                                ft.Text(heading, theme_style=ft.TextThemeStyle.HEADLINE_SMALL),
                            ),
                            ft.Text(
                                words,
                                theme_style=ft.TextThemeStyle.BODY_MEDIUM,
                                color=ft.Colors.ON_SURFACE_VARIANT,
                                text_align=ft.TextAlign.CENTER,
                            ),
                        ],
                        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
                        spacing=4,
                    ),
                    *(semantics.control(f"{name}-{key}", field) for key, field in fields.items()),
                    self._notice.control,
                    self._button,
                    elsewhere,
                ],
                spacing=theme.PADDING,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
            width=theme.FORM,
            padding=ft.Padding.symmetric(horizontal=28, vertical=32),
            border_radius=28,
        )
        self._holder = ft.Container(self._form, alignment=ft.Alignment.TOP_CENTER)
        self.control = ft.Column([self._holder], scroll=ft.ScrollMode.AUTO, expand=True)
        self.control.horizontal_alignment = ft.CrossAxisAlignment.CENTER
        self.resize(shell.width)

    def resize(self, width: float) -> None:
        """Let the form fill a phone, and lie on a card on a desk."""
        phone = theme.is_phone(width)
        self._form.width = width if phone else theme.FORM + 56
        self._form.bgcolor = None if phone else ft.Colors.SURFACE_CONTAINER_LOWEST
        self._form.border = None if phone else ft.Border.all(1, ft.Colors.OUTLINE_VARIANT)
        self._holder.padding = ft.Padding.only(top=0 if phone else 48, bottom=theme.PADDING)

    async def ask(self, typed: dict[str, str]) -> SignInResult:
        """Send what was typed to the backend."""
        raise NotImplementedError

    def describe_missing(self, typed: dict[str, str]) -> str:
        """Say what is still to be filled in; empty when nothing is."""
        for key, field in self._fields.items():
            if not typed[key].strip():
                return f"{field.label} is still empty."
        return ""

    def words_for(self, error: Rejected) -> str:
        """Find better words than the general ones for a refusal."""
        return str(error)

    async def _submit(self) -> None:
        if self._button.disabled:
            return
        typed = {key: field.value for key, field in self._fields.items()}
        if missing := self.describe_missing(typed):
            self._notice.show_failure(missing)
            return
        self._button.disabled = True
        self._notice.show_progress()
        self._button.update()
        try:
            signed_in = await self.ask(typed)
        except RequestError as error:
            self._button.disabled = False
            self._button.update()
            self._notice.show_failure(self.words_for(error) if isinstance(error, Rejected) else str(error))
            return
        await self.shell.enter(signed_in, self.after())

    def after(self) -> str:
        """Say where to go once signed in."""
        return "/"


class SignInScreen(_EntryScreen):
    """Sign in with e-mail and password; opened in the place of a screen that needs it, it leads on there."""

    title = "Sign in"

    def __init__(self, shell: Shell, *, then: str = "/") -> None:
        self._then = then
        super().__init__(
            shell,
            name="sign-in",
            heading="Welcome back",
            words=f"Sign in to {theme.NAME} to post and to change your profile.",
            fields={"email": _email(), "password": _password(ft.AutofillHint.PASSWORD)},
            button="Sign in",
            elsewhere=_link_elsewhere(
                "sign-in-register", "Create an account", partial(shell.go, "/register")
            ),
        )

    async def ask(self, typed: dict[str, str]) -> SignInResult:
        """Sign in."""
        return await self.shell.backend.sign_in(email=typed["email"].strip(), password=typed["password"])

    def words_for(self, error: Rejected) -> str:
        """Say what a person can do about a wrong password."""
        return "E-mail or password is wrong." if error.status == 401 else str(error)

    def after(self) -> str:
        """Go on to what was asked for."""
        return self._then


class RegisterScreen(_EntryScreen):
    """Make an account; leads to one's own profile, where a picture is the next thing to choose."""

    title = "Create an account"

    def __init__(self, shell: Shell) -> None:
        super().__init__(
            shell,
            name="register",
            heading="Create an account",
            words="Your name is public. Your e-mail address never is.",
            fields={
                "name": theme.field("Name", autofill=ft.AutofillHint.NAME),
                "email": _email(),
                "password": _password(ft.AutofillHint.NEW_PASSWORD),
            },
            button="Create account",
            elsewhere=_link_elsewhere("register-sign-in", "I have an account", partial(shell.go, "/sign-in")),
        )

    async def ask(self, typed: dict[str, str]) -> SignInResult:
        """Make the account."""
        return await self.shell.backend.register(
            email=typed["email"].strip(), password=typed["password"], display_name=typed["name"].strip()
        )

    def describe_missing(self, typed: dict[str, str]) -> str:
        """Ask for a password the backend will take."""
        if typed["password"] and len(typed["password"]) < _SHORTEST_PASSWORD:
            return f"Choose a password of at least {_SHORTEST_PASSWORD} characters."
        return super().describe_missing(typed)

    def words_for(self, error: Rejected) -> str:
        """Say what a person can do about a taken address."""
        if error.status == 409:
            return "There is an account with this e-mail already. Sign in instead."
        return str(error)

    def after(self) -> str:
        """Go on to one's profile."""
        return "/me"


def _email() -> ft.TextField:
    return theme.field("E-mail", keyboard=ft.KeyboardType.EMAIL, autofill=ft.AutofillHint.EMAIL)


def _password(hint: ft.AutofillHint) -> ft.TextField:
    return theme.field("Password", password=True, autofill=hint)


def _link_elsewhere(identifier: str, label: str, go: Callable[[], Awaitable[None]]) -> ft.Control:
    return semantics.control(identifier, ft.TextButton(label, on_click=go))
