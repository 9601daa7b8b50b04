"""Reads what a target says for its provider, and refuses what the provider knows nothing of."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flutter_bridge.address import is_loopback, is_server_address
from journeys.documents import shown
from journeys.errors import nearest
from journeys.farm.providers.provider import Provided, Provider, Unfit

KINDS: Mapping[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    list: "a list of strings",
}
"""The types an option may have, and what they are called."""

EVERYWHERE = frozenset({"appium", "goog", "moz", "ms", "safari", "webkit", "wdio", "webauthn"})
"""The prefixes of capabilities that are no provider's own."""


def check_known(provider: Provider, target: Provided) -> None:
    """Raise `Unfit` for the first option or vendor's capability that the provider doesn't know."""
    for key, value in target.provider_options.items():
        kind = provider.options.get(key)
        where = f"provider_options.{key}"
        if kind is None:
            raise Unfit(where, f"unknown option of {provider.name}: {nearest(key, provider.options)}")
        right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not right or (isinstance(value, list) and not all(isinstance(each, str) for each in value)):
            raise Unfit(where, f"expected {KINDS[kind]}, found {shown(value)}")
    if target.platform not in provider.platforms:
        there = " or ".join(sorted(provider.platforms))
        raise Unfit("platform", f"{provider.name} has none of {target.platform}, only {there}")
    if target.devices and not provider.by_id:
        raise Unfit(
            "devices", f"{provider.name} knows no ids of devices: name one by deviceName in its options"
        )
    known = provider.prefixes
    if known is None:
        return
    for name in target.capabilities:
        prefix, colon, _ = name.partition(":")
        if colon and prefix not in known | EVERYWHERE:
            raise Unfit(
                f"capabilities.{name}",
                f"{provider.name} knows no capabilities of {prefix!r:.80}: "
                f"{nearest(f'{prefix}:', (f'{each}:' for each in known | EVERYWHERE))}",
            )


def option(target: Provided, key: str) -> str | None:
    """Return an option that is a string, None where it isn't set."""
    value = target.provider_options.get(key)
    return value if isinstance(value, str) else None


def chosen(target: Provided, *but: str) -> dict[str, object]:
    """Return the options that are handed on as they are: all of them, but some."""
    return {key: value for key, value in target.provider_options.items() if key not in but}


def address(target: Provided, default: str | None = None) -> str:
    """Return the address of Appium: the option `url`, the target's own, or the provider's; raises `Unfit`."""
    url = option(target, "url") or target.appium_url or default
    if url is None:
        raise Unfit(
            "provider_options.url", 'is missing: write where it listens, url = "http://grid.example:4444"'
        )
    return _checked(url, "url", "https://grid.example:4444")


def api_address(target: Provided, default: str) -> str:
    """Return the address that the provider itself is asked at: the option `api_url`, or its usual one."""
    return _checked(option(target, "api_url") or default, "api_url", default)


def _checked(url: str, key: str, example: str) -> str:
    if not is_server_address(url):
        # Not repeated here: there may be a secret in it.
        raise Unfit(
            f"provider_options.{key}", f"is no address of a server: write it like {example}, without ? and #"
        )
    return url.rstrip("/")


def credentials(provider: Provider, environment: Mapping[str, str], *, to: str) -> tuple[str, str]:
    """Return the account's name and key from the environment; raises `Unfit`.

    They are refused to an address `to` which they would travel in the clear.
    """
    missing = [name for name in provider.variables if not environment.get(name)]
    if missing:
        verb = "are" if len(missing) > 1 else "is"
        raise Unfit("provider", f"{provider.name}: {' and '.join(missing)} {verb} not set in the environment")
    if urlsplit(to).scheme != "https" and not is_loopback(to):
        raise Unfit("provider_options.url", "would send the account's key in the clear: write https://")
    name, key = (environment[variable] for variable in provider.variables)
    return name, key
