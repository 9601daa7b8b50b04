"""JSON bodies, read strictly: what parsers understand in different ways is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute


class StrictJsonRoute(APIRoute):
    """A route whose JSON body is UTF-8, without doubled names, numbers that are none, or half characters."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what handles a request, with the strict reader in it."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strict


class _StrictRequest(Request):
    async def json(self) -> Any:
        """Return the body's value; raises `HTTPException` (422)."""
        if not hasattr(self, "_value"):
            self._value = parse(await self.body())
        return self._value


def parse(body: bytes) -> Any:
    """Return what a JSON text says; raises `HTTPException` (422), or `JSONDecodeError` with the place."""
    try:
        text = body.decode()
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
        if "\\u" in text:
            # The only way for half of a pair to come in; it could be neither kept nor quoted in an answer.
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise HTTPException(422, "the request's body is no JSON: it is not UTF-8") from error
    except UnicodeEncodeError as error:
        raise HTTPException(422, "the request's body has half of a surrogate pair in it") from error
    except RecursionError as error:
        raise HTTPException(422, "the request's body is nested too deeply") from error
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        # Of more digits than Python reads.
        raise HTTPException(422, "the request's body has a number in it that is far too long") from error
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise HTTPException(422, "the request's body has a name in it twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise HTTPException(422, f"the request's body is no JSON: {name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise HTTPException(422, "the request's body has a number in it that is far too large")
    return number
