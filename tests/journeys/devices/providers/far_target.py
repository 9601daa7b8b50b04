"""A target that a provider has the devices of, written as people write it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.devices.providers import check_provider
from journeys.errors import JourneysError
from journeys.targets import Target
from tests.journeys.devices.providers.provider_server import ProviderServer

KEY = "top-secret-key"
ACCOUNTS = {
    "BROWSERSTACK_USERNAME": "ada",
    "BROWSERSTACK_ACCESS_KEY": KEY,
    "SAUCE_USERNAME": "ada",
    "SAUCE_ACCESS_KEY": KEY,
}

Read = Callable[[str], Target]
Serve = Callable[..., ProviderServer]


def provider(name: str, **options: object) -> str:
    """Return the lines that name a provider and its options."""
    lines = [f'provider = "{name}"', "[targets.far.provider_options]"]
    lines += [
        f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}"
        for key, value in options.items()
    ]
    return "\n".join(lines)


def said(target: Target, kind: type[JourneysError]) -> str:
    """Return what is said of a target whose provider won't have us: one line, without the key."""
    with pytest.raises(kind) as caught:
        check_provider(target)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)
