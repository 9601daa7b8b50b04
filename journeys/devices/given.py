"""Asks whether the Appium servers that run elsewhere are there, before anything is started for a run."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

import httpx

from journeys.devices.place import Place
from journeys.documents import UnreadableDocument, decode_any_json
from journeys.errors import InfrastructureError, SetupError
from journeys.farm.providers import check
from journeys.http_answers import get

PATIENCE = 10.0
"""Seconds a server is given to answer."""

_MOST_BYTES = 64 * 2**10
_KEPT_FOR_SESSIONS = {401, 403}
"""How a farm refuses to tell those who haven't said who they are."""


def check_appiums(places: Iterable[Place]) -> None:
    """Raise where no Appium answers at an address that one of the places names.

    A provider is asked in its own way. Raises `InfrastructureError` where nothing answers, and `SetupError`
    where something else does, or a provider won't have us.
    """
    targets = {place.target.name: place.target for place in places}.values()
    for target in targets:
        if target.provider is not None:
            check(target)
    for url in dict.fromkeys(target.appium_url for target in targets if target.provider is None):
        if url is not None:
            _check(url)


def _check(url: str) -> None:
    shown = _without_secrets(url)
    try:
        answer = get(f"{url.rstrip('/')}/status", seconds=PATIENCE, most=_MOST_BYTES, follow_redirects=True)
    except httpx.TimeoutException as error:
        raise InfrastructureError(
            f"Appium at {shown} did not answer within {PATIENCE:g} s: does it run there?"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise InfrastructureError(f"Appium at {shown} can't be reached: is it running there?") from error
    code, said = answer.response.status_code, answer.body
    if code not in _KEPT_FOR_SESSIONS and not (code == httpx.codes.OK and _is_webdrivers(said)):
        raise SetupError(
            f"what answers at {shown} is no Appium (GET /status: HTTP {code}): "
            "is the address right, with its path?"
        )


def _is_webdrivers(said: bytes) -> bool:
    try:
        answer = decode_any_json(said)
    except UnreadableDocument:
        return False
    return isinstance(answer, dict) and isinstance(answer.get("value"), dict)


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
