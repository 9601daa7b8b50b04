"""What an element of the system's own screens is known by, so that a driver touches what it found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.fake_android.hand import Hand

Hold = Callable[..., Awaitable[Hand]]


async def refs(hand: Hand) -> list[str]:
    return [node.ref for node in (await hand.phone.window()).walk()]


async def test_every_view_is_known_by_something_of_its_own(hold: Hold) -> None:
    hand = await hold("")
    await hand.phone.show_dialog("permission")
    seen = await refs(hand)
    assert len(seen) > 3
    assert len(set(seen)) == len(seen)
    assert await refs(hand) == seen


async def test_no_view_of_one_window_is_taken_for_one_of_another(hold: Hold) -> None:
    hand = await hold("")
    home = await refs(hand)
    await hand.phone.show_dialog("permission")
    first = await refs(hand)
    await hand.phone.show_dialog("not responding")
    assert not set(home) & set(first)
    assert not set(first) & set(await refs(hand))
