"""What a device's network can be made to be like, and what the app is answered in a server's place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConditions:
    """A network that is worse than the machine's own: none at all, slow, or one that loses much.

    `kbps` is in thousands of bits a second, both ways; None bounds nothing. `lost_share` is the share of the
    time in which nothing comes through, in short bursts: how an app meets lost packets, as TCP sends them
    again.
    """

    offline: bool = False
    kbps: float | None = None
    latency_ms: float = 0.0
    lost_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MockedAnswer:
    """What requests are answered with in a server's place; a `status` of 0: they fail, as if blocked."""

    status: int = 0
    body: str = ""
    media_type: str = "application/json"
