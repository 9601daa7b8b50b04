"""Asks a provider one question over HTTP, and says in one line what stands in the way of an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from journeys.documents import UnreadableDocument, decode_any_json, one_line
from journeys.errors import InfrastructureError, JourneysError, SetupError
from journeys.http_answers import get
from journeys.redaction import Redaction, basic

ANSWER_TIMEOUT_S = 10.0
"""How long a provider may take to answer."""

MAX_CLOCK_SKEW_S = 300.0
"""By how much two clocks may differ: more, and certificates, signatures and sign-ins are refused, and nobody
finds a moment in the other's logs."""

_MAX_BODY_BYTES = 4 * 2**20
_MAX_REASON_CHARACTERS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: `who` and `target` are for errors, `login` is name and key, `fix` how to set them.

    `closed` says that an answer may be kept for those who sign in, elsewhere than here: none is no problem.
    """

    target: str
    who: str
    url: str
    login: tuple[str, str] | None = None
    closed: bool = False
    fix: str = "correct the name and the password in its address"


def ask(question: Question) -> Any:
    """Return the answer's JSON; None where it may be closed to us, and is.

    Raises `SetupError` for credentials that are refused, a plan that is used up, a page instead of an answer
    and a clock that is wrong; `InfrastructureError` for what may pass by itself.
    """
    secrets = () if question.login is None else (question.login[1], basic(*question.login))
    shown = hide_secrets(question.url)
    try:
        answer = get(question.url, seconds=ANSWER_TIMEOUT_S, most=_MAX_BODY_BYTES, auth=question.login)
    except httpx.TimeoutException as error:
        raise _infrastructure_error(
            question, f"did not answer within {ANSWER_TIMEOUT_S:g} s: is it up? Try again later"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise _infrastructure_error(
            question, f"can't be reached at {shown}: is the address right, and is it up?"
        ) from error
    response = answer.response
    if question.closed and response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return None
    problem = _problem(question, response, Redaction(secrets).text(_reason(answer.body)))
    if problem is not None:
        raise problem
    _check_clock(question, response)
    try:
        return decode_any_json(answer.body)
    except UnreadableDocument as error:
        raise SetupError(
            f"{question.target}: {question.who} answered {_kind(response)} instead of JSON at {shown}: "
            "is the address right, and is no proxy or sign-in page in between?"
        ) from error


def hide_secrets(url: str) -> str:
    """Return an address without what may be secret in it: no name, no password, no query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _problem(question: Question, response: httpx.Response, reason: str) -> JourneysError | None:
    """Return what to raise for an answer's status; None for 200."""
    code, because = response.status_code, f": {reason}" if reason else ""
    if code == httpx.codes.OK:
        return None
    if code == httpx.codes.TOO_MANY_REQUESTS:
        wait = response.headers.get("retry-after", "")
        when = f"in {wait} s" if re.fullmatch("[0-9]{1,6}", wait) else "later"
        return _infrastructure_error(
            question,
            f"has had too many requests, or its quota is used up (HTTP 429{because}): try again {when}",
        )
    if code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return _infrastructure_error(question, f"is out of order (HTTP {code}{because}): try again later")
    if response.has_redirect_location:
        there = _host_of(response.headers["location"]) or "another path"
        problem = f"sends us on to {there} (HTTP {code}): write the address it is at"
    elif code == httpx.codes.UNAUTHORIZED:
        problem = f"refuses the credentials (HTTP 401{because}): {question.fix}"
    elif code in {httpx.codes.FORBIDDEN, httpx.codes.PAYMENT_REQUIRED}:
        problem = f"lets this account do no more (HTTP {code}{because}): look at its plan, quota and rights"
    else:
        shown = hide_secrets(question.url)
        problem = f"knows nothing at {shown} (HTTP {code}): is the address right, with its path?"
    return _setup(question, problem)


def _host_of(url: str) -> str:
    try:
        return one_line(urlsplit(url).hostname or "")[:100]
    except ValueError:
        return ""


def _check_clock(question: Question, response: httpx.Response) -> None:
    try:
        there = parsedate_to_datetime(response.headers["date"])
        skew = clock_skew(datetime.now(UTC), there.replace(tzinfo=there.tzinfo or UTC))
    except (LookupError, ValueError, TypeError, OverflowError):
        return
    if skew is not None:
        raise _setup(
            question,
            f"has another time than this machine, whose clock is {skew}: set it, NTP does so",
        )


def clock_skew(clock: datetime, reference: datetime) -> str | None:
    """Return how far a clock is off another one, as `3.5 h behind`; None where it is close enough."""
    behind_s = (reference - clock).total_seconds()
    if abs(behind_s) <= MAX_CLOCK_SKEW_S:
        return None
    number, unit = next(
        (abs(behind_s) / size, unit)
        for unit, size in (("days", 86_400.0), ("h", 3_600.0), ("min", 60.0))
        if abs(behind_s) >= 2 * size
    )
    return f"{number:.{0 if unit == 'min' else 1}f} {unit} {'behind' if behind_s > 0 else 'ahead'}"


def _reason(body: bytes) -> str:
    """Return what a provider says of an error, if it says so in JSON, on one line."""
    try:
        answer = decode_any_json(body)
    except UnreadableDocument:
        return ""
    for key in ("message", "error", "detail", "errors", "value"):
        if isinstance(answer, Mapping) and isinstance(answer.get(key), str | Mapping):
            answer = answer[key]
    text = " ".join(str(answer).split()) if isinstance(answer, str) else ""
    return text if len(text) <= _MAX_REASON_CHARACTERS else f"{text[:_MAX_REASON_CHARACTERS]} …"


def _kind(response: httpx.Response) -> str:
    return "a web page" if "html" in response.headers.get("content-type", "") else "something else"


def _setup(question: Question, problem: str) -> SetupError:
    return SetupError(f"{question.target}: {question.who} {problem}")


def _infrastructure_error(question: Question, problem: str) -> InfrastructureError:
    return InfrastructureError(f"{question.target}: {question.who} {problem}")
