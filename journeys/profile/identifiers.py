"""What an app calls the places the journeys look at: its semantics identifiers and deep links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from string import Formatter

from flutter_bridge import Finder, by
from journeys.documents import quote_key, quote_value
from journeys.errors import SetupError, name_nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiers:
    """An app's names, the reference app's by default; `{person}` stands for a person's id.

    An app of your own says its names in `[tool.journeys.identifiers]`, each key one of these fields.
    """

    header_avatar: str = "header-avatar"
    header_name: str = "header-name"
    header_feed: str = "header-feed"
    header_profile: str = "header-profile"
    header_sign_in: str = "header-sign-in"
    sign_in_email: str = "sign-in-email"
    sign_in_password: str = "sign-in-password"  # noqa: S105 - the name of a field
    sign_in_submit: str = "sign-in-submit"
    sign_in_register: str = "sign-in-register"
    register_name: str = "register-name"
    register_email: str = "register-email"
    register_password: str = "register-password"  # noqa: S105 - the name of a field
    register_submit: str = "register-submit"
    feed: str = "feed"
    post_avatar: str = "post-avatar-by-{person}"
    post_author: str = "post-author-by-{person}"
    post_text: str = "post-text-by-{person}"
    post_open: str = "post-open-by-{person}"
    post_compose: str = "post-compose"
    post_submit: str = "post-submit"
    profile_link: str = "/people/{person}"
    profile_avatar: str = "profile-avatar"
    profile_name: str = "profile-name"
    profile_email: str = "profile-email"
    profile_missing: str = "profile-missing"
    profile_change_picture: str = "profile-change-picture"
    profile_remove_picture: str = "profile-remove-picture"
    profile_name_field: str = "profile-name-field"
    profile_save: str = "profile-save"
    notice: str = "notice"
    picture_changed: str = "Picture changed"
    picture_removed: str = "Picture removed"
    name_changed: str = "Name changed"

    def changing_places(self) -> tuple[Finder, ...]:
        """Return what finds the places that look other in every run: people's pictures and addresses."""
        fixed = (self.header_avatar, self.profile_avatar, self.profile_email)
        anybody = "^" + re.escape(self.post_avatar).replace(re.escape("{person}"), ".*") + "$"
        return (*(by.identifier(each) for each in fixed), by.identifier(re.compile(anybody)))

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Identifiers:
        """Take an app's own names for some of the fields; raises `SetupError` for what is none."""
        known = {one.name for one in fields(cls)}
        for name in settings:
            if name not in known:
                closest = name_nearest(name, known)
                raise SetupError(f"[tool.journeys.identifiers] {quote_key(name)}: no such name, {closest}")
            if not _has_only_person(settings[name]):
                raise SetupError(
                    f"[tool.journeys.identifiers] {name}: {quote_value(settings[name])} has braces other "
                    "than {person}"
                )
        return cls(**settings)


def _has_only_person(text: str) -> bool:
    """Whether all that `str.format` would fill into a text is a person, as it is."""
    try:
        parts = [part[1:] for part in Formatter().parse(text)]
    except ValueError:
        return False
    return all(part in ((None, None, None), ("person", "", None)) for part in parts)
