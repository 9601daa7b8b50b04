"""Reads what a target says for its provider, and fills in what the provider makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from flutter_bridge import is_loopback, is_server_address
from journeys.targets import Provider, Target, UnfitSetting


def option(target: Target, key: str) -> str | None:
    """Return an option that is a string, None where it isn't set."""
    value = target.provider_options.get(key)
    return value if isinstance(value, str) else None


def options_but(target: Target, *but: str) -> dict[str, object]:
    """Return the options that are handed on as they are: all of them, but some."""
    return {key: value for key, value in target.provider_options.items() if key not in but}


def device_capabilities(target: Target, *names: str) -> dict[str, object]:
    """Return those of the options that are capabilities of Appium's own, as such."""
    options = target.provider_options
    return {f"appium:{name}": options[name] for name in names if name in options}


def address(target: Target, default: str | None = None) -> str:
    """Return the address of Appium: the option `url`, the target's own, or the provider's.

    Raises `UnfitSetting` where there is none, or it is none.
    """
    url = option(target, "url") or target.appium_url or default
    if url is None:
        raise UnfitSetting(
            "provider_options.url", 'is missing: write where it listens, url = "http://grid.example:4444"'
        )
    return _check(url, "url", "https://grid.example:4444")


def api_address(target: Target, default: str) -> str:
    """Return the address that the provider itself is asked at: the option `api_url`, or its usual one."""
    return _check(option(target, "api_url") or default, "api_url", default)


def _check(url: str, key: str, example: str) -> str:
    if not is_server_address(url):
        # Not repeated here: there may be a secret in it.
        raise UnfitSetting(
            f"provider_options.{key}", f"is no address of a server: write it like {example}, without ? and #"
        )
    return url.rstrip("/")


def credentials(provider: Provider, environment: Mapping[str, str], *, to: str) -> tuple[str, str]:
    """Return the account's name and key from the environment; raises `UnfitSetting`.

    They are refused to an address `to` which they would travel in the clear.
    """
    missing = [name for name in provider.variables if not environment.get(name)]
    if missing:
        verb = "are" if len(missing) > 1 else "is"
        problem = f"{provider.name}: {' and '.join(missing)} {verb} not set in the environment"
        raise UnfitSetting("provider", problem)
    if urlsplit(to).scheme != "https" and not is_loopback(to):
        raise UnfitSetting(
            "provider_options.url", "would send the account's key in the clear: write https://"
        )
    name, key = (environment[variable] for variable in provider.variables)
    return name, key


def with_template(
    target: Target,
    appium_url: str,
    capabilities: Mapping[str, object],
    *,
    app: str | None = None,
    devices: tuple[str, ...] | None = None,
) -> Target:
    """Return the target with an address, and with capabilities where it says nothing itself.

    Two tables of the same name (such as `bstack:options`) are joined. None leaves the app and the devices.
    """
    joined = dict(capabilities)
    for name, own in target.capabilities.items():
        made = joined.get(name)
        joined[name] = {**made, **own} if isinstance(made, Mapping) and isinstance(own, Mapping) else own
    return replace(
        target,
        appium_url=appium_url,
        capabilities=joined,
        app=app or target.app,
        devices=target.devices if devices is None else devices,
    )
