"""Six short sessions for `benches/farm.py`: somebody signs in on a phone of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from journeys import journey
from journeys.profile import ProfileCast
from journeys.profile.fixtures import cast, identifiers, journey_backend

__all__ = ["cast", "identifiers", "journey_backend"]


def _session(number: int) -> Callable[..., Awaitable[None]]:
    async def session(cast: ProfileCast) -> None:
        await cast.member("alice")

    session.__name__ = session.__qualname__ = f"session_{number}"
    return journey(f"Somebody signs in, session {number}")(session)


session_1, session_2, session_3, session_4, session_5, session_6 = (
    _session(number) for number in range(1, 7)
)
