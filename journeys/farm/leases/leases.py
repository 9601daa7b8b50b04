"""What a lease of a device is, whoever keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from journeys.errors import InfrastructureError


class LeaseLost(InfrastructureError):
    """A device was taken from its holder: by force, or because no heartbeat came within its time to live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A device of a pool that is its holder's; `term` counts who had it before, and tells two leases apart."""

    pool: str
    device: str
    holder: str
    term: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLease:
    """A device that somebody has: for `age_s` seconds by now, and for `left_s` more without a heartbeat.

    `left_s` is below 0 where the holder has gone: the next one who asks gets the device.
    """

    pool: str
    device: str
    holder: str
    term: int
    age_s: float
    left_s: float


class Leases(Protocol):
    """Gives devices to holders, each device to one at a time."""

    def lease(
        self,
        pool: str,
        devices: Sequence[str],
        *,
        holder: str,
        ttl: float = 30.0,
        patience: float | None = None,
    ) -> AbstractAsyncContextManager[Lease]:
        """Hold one of the pool's `devices`, whichever is free first, while the context is open.

        Its time to live is `ttl` seconds; a heartbeat renews it in this scope. Waits up to `patience` seconds
        for a device, None: for as long as it takes.

        Raises `InfrastructureError` where none got free, and `LeaseLost` out of the block, which is cancelled,
        where the device was taken away meanwhile.
        """
        ...

    async def held(self) -> list[HeldLease]:
        """Return all devices that somebody has, by pool and device, those whose time is up included."""
        ...

    async def release(self, pool: str, device: str) -> HeldLease | None:
        """Take a device from whoever has it, and return who that was; None where nobody had it."""
        ...
