"""Which faults are armed in this process, and how often each has struck."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from app_backend.faults.catalogue import CATALOGUE, Fault, Lasting

F = TypeVar("F", bound=Fault)
L = TypeVar("L", bound=Lasting)


class _Armed:
    """A lasting fault that is armed, and what is left of it."""

    def __init__(self, fault: Lasting, now: float) -> None:
        self.fault = fault
        self.until = now + fault.for_s if fault.for_s is not None else math.inf
        self.left = float(fault.times) if fault.times is not None else math.inf
        self._occasions = 0

    def strikes(self) -> bool:
        """Count an occasion, and tell whether the fault takes it."""
        before = math.floor(self._occasions * self.fault.share)
        self._occasions += 1
        if math.floor(self._occasions * self.fault.share) == before:
            return False
        self.left -= 1
        return True


class Faults:
    """Arms and disarms faults; who can suffer from one asks here whether it strikes now.

    Kept in this process's memory alone: each process on a database is armed for itself, and a restart disarms
    everything. `clock` gives seconds that never go back.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.struck: Counter[str] = Counter()
        self._clock = clock
        self._armed: dict[type[Lasting], _Armed] = {}
        self._at_once: dict[type[Fault], Callable[[Any], Awaitable[None]]] = {}

    def at_once(self, kind: type[F], act: Callable[[F], Awaitable[None]]) -> None:
        """Let a kind of fault strike when it is armed, by `act`, and only then."""
        self._at_once[kind] = act

    async def arm(self, fault: Fault) -> None:
        """Arm a fault, in the place of one of its kind; one that strikes at once has struck on return."""
        if isinstance(fault, Lasting):
            self._armed[type(fault)] = _Armed(fault, self._clock())
        else:
            await self._at_once[type(fault)](fault)
            self.struck[fault.name] += 1

    def disarm(self, name: str) -> None:
        """Disarm a fault; one that isn't armed is no error."""
        self._armed = {kind: armed for kind, armed in self._armed.items() if kind.name != name}

    def disarm_all(self) -> None:
        """Disarm everything."""
        self._armed = {}

    def armed(self, kind: type[L]) -> L | None:
        """Return how a kind of fault is armed, or None where it isn't (any more)."""
        found = self._armed.get(kind)
        if found is None:
            return None
        if found.left <= 0 or self._clock() >= found.until:
            del self._armed[kind]
            return None
        return found.fault  # type: ignore[return-value]  # kept under its own type

    def strike(self, kind: type[L], *, when: Callable[[L], bool] = lambda _: True) -> L | None:
        """Return a fault that strikes now, and count that; None where none does.

        `when` tells whether this is an occasion for a fault that is armed so.
        """
        fault = self.armed(kind)
        if fault is None or not when(fault) or not self._armed[kind].strikes():
            return None
        self.struck[kind.name] += 1
        return fault

    def all(self) -> dict[str, Fault | None]:
        """Return every fault there is by its name, and how it is armed."""
        return {
            name: self.armed(kind) if issubclass(kind, Lasting) else None for name, kind in CATALOGUE.items()
        }
