"""The driver settings that change what a page source holds and what a lookup finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LookupSettings:
    """What a session set; the defaults are the UiAutomator2 server's own.

    `snapshot_max_depth` is how many levels of nodes a page source has (1 to 500).
    """

    allow_invisible_elements: bool = False
    disable_id_locator_autocompletion: bool = False
    enforce_xpath1: bool = False
    limit_xpath_context_scope: bool = True
    snapshot_max_depth: int = 70

    @classmethod
    def of(cls, session: Mapping[str, object]) -> LookupSettings:
        """Return what a session's settings, by the names the driver gives them, mean for lookups."""
        default = cls()
        depth = session.get("snapshotMaxDepth", default.snapshot_max_depth)
        return cls(
            allow_invisible_elements=_flag(session, "allowInvisibleElements", default=False),
            disable_id_locator_autocompletion=_flag(session, "disableIdLocatorAutocompletion", default=False),
            enforce_xpath1=_flag(session, "enforceXPath1", default=False),
            limit_xpath_context_scope=_flag(session, "limitXPathContextScope", default=True),
            snapshot_max_depth=depth if isinstance(depth, int) else default.snapshot_max_depth,
        )


def _flag(session: Mapping[str, object], name: str, *, default: bool) -> bool:
    value = session.get(name, default)
    return value if isinstance(value, bool) else default
