"""One's own profile: the picture, the name, and a few words, all to be changed here."""

from __future__ import annotations

import re

import flet as ft

from flutter_app import semantics, theme
from flutter_app.backend import Rejected, RequestError
from flutter_app.model import Account, PersonProfile
from flutter_app.screens.person import Identity
from flutter_app.screens.screen import Screen, Shell
from flutter_app.widgets import Notice


class MeScreen(Screen):
    """Show and change the signed-in person's profile."""

    title = "Your profile"

    def __init__(self, shell: Shell, account: Account) -> None:
        super().__init__(shell)
        self._profile = account.profile
        # Events of the picker are told by the picker only; it must outlive the screen's widgets.
        self._picker = ft.FilePicker(on_result=self._on_pick, on_upload=self._on_upload)
        self._change = semantics.control(
            "profile-change-picture",
            ft.FilledTonalButton(
                "Change picture",
                icon=ft.Icons.PHOTO_CAMERA_OUTLINED,
                # Opened by the client within the click itself: browsers allow it only then.
                action=ft.PickFiles(self._picker, file_type=ft.FilePickerFileType.IMAGE),
            ),
        )
        self._remove = semantics.control(
            "profile-remove-picture", ft.TextButton("Remove picture", on_click=self._remove_picture)
        )
        self._remove.disabled = account.profile.avatar.is_default
        self._identity = Identity(
            account.profile,
            width=shell.width,
            email=account.email,
            actions=[self._change, self._remove],
        )
        self._notice = Notice("notice", reserve=64)
        self._name = theme.field("Name", value=account.profile.display_name)
        self._name.on_submit = self._save
        self._bio = theme.field("About you", value=account.profile.bio, lines=(2, 6))
        self._save_button = semantics.control("profile-save", ft.FilledButton("Save", on_click=self._save))
        self._form = theme.card(
            ft.Column(
                [
                    semantics.heading(
                        "profile-edit-heading",
                        ft.Text("Edit profile", theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
                        level=2,
                    ),
                    semantics.control("profile-name-field", self._name),
                    semantics.control("profile-bio-field", self._bio),
                    ft.Row(
                        [self._save_button],
                        alignment=ft.MainAxisAlignment.END,
                    ),
                ],
                spacing=theme.PADDING,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
            padding=24,
        )
        self._list = ft.ListView(
            [self._identity.control, self._notice.control, self._form],
            spacing=theme.GAP,
            expand=True,
            build_controls_on_demand=False,
        )
        self.resize(shell.width)
        self.control = semantics.group("profile", self._list, expand=True)

    async def load(self) -> None:
        """Read the account again."""
        try:
            account = await self.shell.backend.account(self.shell.session)
        except RequestError as error:
            self._notice.show_failure(await self.shell.explain(error))
            return
        self.shell.update_account(account)

    def show_profile(self, profile: PersonProfile) -> None:
        """Show oneself as one is now; a field that is being edited keeps what was typed."""
        before = self._profile
        if not self._identity.show(profile):
            return
        self._profile = profile
        self._remove.disabled = profile.avatar.is_default
        self._remove.update()
        for field, old, new in (
            (self._name, before.display_name, profile.display_name),
            (self._bio, before.bio, profile.bio),
        ):
            if field.value == old and old != new:
                field.value = new
                field.update()

    def resize(self, width: float) -> None:
        """Centre the column, with the scroll bar at the window's edge."""
        self._list.padding = ft.Padding.symmetric(horizontal=theme.gutter(width), vertical=theme.PADDING)
        self._identity.resize(width)

    async def _on_pick(self, event: ft.FilePickerResultEvent) -> None:
        if not event.files:
            return
        self._set_busy(True)
        self._notice.show_progress()
        try:
            address = await self.shell.backend.upload_address(self.shell.session)
        except RequestError as error:
            await self._show_failure(error)
            return
        chosen = event.files[0]
        upload = ft.FilePickerUploadFile(upload_url=address, method="PUT", id=chosen.id, name=chosen.name)
        await self._picker.upload([upload])

    async def _on_upload(self, event: ft.FilePickerUploadEvent) -> None:
        if event.error:
            await self._show_failure(_upload_error(event.error))
        elif event.progress == 1.0:
            self._set_busy(False)
            self._notice.show_success("Picture changed")
            # The event stream tells of it too; reading it here makes this screen right without that.
            await self.load()

    async def _remove_picture(self) -> None:
        self._set_busy(True)
        self._notice.show_progress()
        try:
            account = await self.shell.backend.remove_picture(self.shell.session)
        except RequestError as error:
            await self._show_failure(error)
            return
        self._set_busy(False)
        self.shell.update_account(account)
        self._notice.show_success("Picture removed")

    async def _save(self) -> None:
        if self._save_button.disabled:
            return
        name, bio = self._name.value.strip(), self._bio.value.strip()
        if not name:
            self._notice.show_failure("A name is needed.")
            return
        fields: dict[str, str] = {}
        if name != self._profile.display_name:
            fields["display_name"] = name
        if bio != self._profile.bio:
            fields["bio"] = bio
        if not fields:
            self._notice.show_success("Nothing to save")
            return
        self._set_busy(True)
        self._notice.show_progress()
        try:
            account = await self.shell.backend.change(self.shell.session, **fields)
        except RequestError as error:
            await self._show_failure(error)
            return
        self._set_busy(False)
        self.shell.update_account(account)
        self._notice.show_success("Name changed" if "display_name" in fields else "Profile changed")

    async def _show_failure(self, error: RequestError) -> None:
        self._set_busy(False)
        self._notice.show_failure(await self.shell.explain(error))

    def _set_busy(self, busy: bool) -> None:
        self._save_button.disabled = busy
        self._change.disabled = busy
        self._remove.disabled = busy or self._profile.avatar.is_default
        self.control.update()


def _upload_error(said: str) -> RequestError:
    """Find the backend's problem in what the browser side tells of a failed upload."""
    status = re.search(r"\b([45]\d\d)\b", said)
    if status is None:
        return RequestError("The picture didn't reach the server. Check the connection and try again.")
    return Rejected.read(int(status[1]), said[said.find("{") :])
