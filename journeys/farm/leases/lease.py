"""What a lease of a device is."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.errors import InfrastructureError


class LeaseLost(InfrastructureError):
    """A device was taken from its holder: by force, or because no heartbeat came within its time to live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A device of a pool that is its holder's; `term` counts its leases, so that no two are alike."""

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
