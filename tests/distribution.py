"""How tests are handed to xdist's processes: by what they share, else by file."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]  # it ships no types

SHARED = {
    "appium_server": "mobile-web",
    "backend_url": "app",
    "phones": "appium-on-stand-ins",
    "s3_address": "s3",
    "sample_phone": "sample-phone",
}
"""Fixtures that are started for all tests together: what needs one runs in one of xdist's processes."""


def group_of(item: pytest.Item) -> str:
    """Return what a test shares with others; empty where that is nothing."""
    groups = {SHARED[name] for name in SHARED.keys() & getattr(item, "fixturenames", ())}
    groups |= {mark.args[0] for mark in item.iter_markers("xdist_group")}
    return "_".join(sorted(groups))


def add_groups(items: list[pytest.Item]) -> None:
    """Put what tests share into the names by which processes are asked to run them.

    xdist's own way, which is to change an item's `_nodeid`, has no effect since pytest keeps names otherwise.
    """
    for item in items:
        if group := group_of(item):
            item._id = type(item.id).parse(f"{item.nodeid}@{group}")


class BySharing(LoadGroupScheduling):  # type: ignore[misc]  # of no known type
    """Keeps in one process what shares a group, and else what shares a file, whose fixtures start once."""

    def _split_scope(self, nodeid: str) -> str:
        group = super()._split_scope(nodeid)
        return nodeid.partition("::")[0] if group == nodeid else group
