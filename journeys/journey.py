"""What a journey is: an async function with a readable name, a priority, and a place in the registry."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal, TypeVar, get_args

Priority = Literal["P0", "P1", "P2"]
Phase = Literal["tdd_red", "tdd_green", "tdd_refactor"]
Kind = Literal["normal", "edge", "failure"]

_SEAM_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_Script = TypeVar("_Script", bound=Callable[..., Awaitable[None]])
_registry: dict[str, Journey] = {}


@dataclass(frozen=True, slots=True)
class Journey:
    """One registered journey.

    `id` is the function's name, by which `-k` picks it. `name` is the sentence the reports show. `timeout` is
    how many seconds it may take; None: as many as the project's settings say. `seams` are those of a test
    plan that it covers; `kind` says whether it is of what is usual, of what is rare, or of a failure.
    """

    id: str
    name: str
    priority: Priority
    phase: Phase | None
    module: str
    description: str
    script: Callable[..., Awaitable[None]]
    timeout: float | None = None
    seams: tuple[str, ...] = ()
    kind: Kind = "normal"


def journey(
    name: str,
    *,
    priority: Priority = "P1",
    phase: Phase | None = None,
    timeout: float | None = None,
    seam: str | Sequence[str] = (),
    kind: Kind = "normal",
) -> Callable[[_Script], _Script]:
    """Make an async function a journey.

    The function stays what it is; pytest collects it wherever a test module defines or imports it, and gives
    it the fixtures its parameters name (`cast`, `pictures`, and any of your own). `priority` and `phase`
    become markers: `-m p0`, `-m tdd_red`. `timeout` is how many seconds it may take, where that is another
    number than `journey_timeout` in `[tool.journeys]`. `seam` is the seam of the test plan that it covers, or
    several; `kind` is "normal", "edge" or "failure". Both stand on the page of `journeys plan scenarios`.

    Raises `ValueError` where another journey has the same function name or there is no such priority, phase,
    kind, timeout or seam's id, `TypeError` where the function isn't async or the journey has no name.

        @journey("A new avatar reaches the feed", priority="P0")
        async def new_avatar_reaches_the_feed(cast, pictures): ...
    """
    if not isinstance(name, str) or not name.strip():
        raise TypeError('a journey has a name that reads as a sentence: write @journey("Who sees what")')
    for given, known in (
        (priority, get_args(Priority)),
        (phase or "tdd_red", get_args(Phase)),
        (kind, get_args(Kind)),
    ):
        if given not in known:
            raise ValueError(f"{name}: {given!r} is none of {', '.join(known)}")
    if timeout is not None and not 0 < timeout < inf:
        raise ValueError(f"{name}: a timeout is a number of seconds, more than 0")
    seams = (seam,) if isinstance(seam, str) else tuple(seam)
    for each in seams:
        if not is_seam_id(each):
            raise ValueError(f"{name}: {each!r} is no seam's id: small letters, digits and single dashes")

    def register(script: _Script) -> _Script:
        is_async: bool = inspect.iscoroutinefunction(script)
        if not is_async:
            raise TypeError(f"{script.__qualname__}: a journey is an async function, write 'async def'")
        known = _registry.get(script.__name__)
        if known is not None and known.module != script.__module__:
            raise ValueError(
                f"two journeys are called {script.__name__}: in {known.module} and in {script.__module__}; "
                "rename one"
            )
        described = Journey(
            id=script.__name__,
            name=name,
            priority=priority,
            phase=phase,
            module=script.__module__,
            description=inspect.getdoc(script) or "",
            script=script,
            timeout=timeout,
            seams=seams,
            kind=kind,
        )
        _registry[described.id] = described
        script.__journey__ = described  # type: ignore[attr-defined]  # how the runner knows a journey
        script.__test__ = True  # type: ignore[attr-defined]  # how pytest collects it under any name
        return script

    return register


def is_seam_id(text: object) -> bool:
    """Whether a seam of a test plan may be called so: `sign-in`."""
    return isinstance(text, str) and _SEAM_ID.fullmatch(text) is not None


def journey_of(script: object) -> Journey | None:
    """Return what is registered about a function, or None where it is no journey."""
    found = getattr(script, "__journey__", None)
    return found if isinstance(found, Journey) else None


def registered_journeys() -> list[Journey]:
    """Return all journeys imported so far: by priority, then by module and in the order they were written."""
    return sorted(_registry.values(), key=lambda one: (one.priority, one.module))
