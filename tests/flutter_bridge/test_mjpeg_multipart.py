"""Pictures are taken out of an MJPEG stream's bytes, in whatever pieces they come."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import Interval
from flutter_bridge.errors import NotMjpeg
from flutter_bridge.mjpeg.multipart import Multipart
from tests.flutter_bridge.mjpeg_server import ANSWER, BLUE, DRIVERS, LAYOUTS, RED, part


def read(pieces: Sequence[bytes]) -> list[tuple[bytes, Interval]]:
    """Feed pieces, each at the moment of its number; the pictures and when they came."""
    parts = Multipart()
    return [
        (one.encoded, one.arrived)
        for moment, piece in enumerate(pieces)
        for one in parts.feed(piece, Interval.at(moment))
    ]


@LAYOUTS
@given(data=st.data())
def test_pictures_are_the_same_however_the_bytes_are_cut(sent: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=12).map(sorted))
    pieces = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    seen = read(pieces)
    assert [picture for picture, _ in seen] == [RED, BLUE, RED]
    # Each arrived with the piece that its first byte is in.
    ends = [sum(map(len, pieces[: at + 1])) for at in range(len(pieces))]
    start = 0
    for picture, arrived in seen:
        start = sent.index(picture, start)
        assert arrived == Interval.at(next(at for at, end in enumerate(ends) if start < end))
        start += len(picture)


@LAYOUTS
def test_bytes_may_come_one_by_one(sent: bytes) -> None:
    assert [picture for picture, _ in read([bytes([one]) for one in sent])] == [RED, BLUE, RED]


@LAYOUTS
def test_bytes_may_be_cut_once_anywhere(sent: bytes) -> None:
    for cut in range(len(sent)):
        assert [picture for picture, _ in read([sent[:cut], sent[cut:]])] == [RED, BLUE, RED]


def test_a_picture_may_hold_what_looks_like_a_boundary() -> None:
    odd = RED + b"\r\n--BoundaryString\r\n\r\n"
    assert [picture for picture, _ in read([ANSWER + part(odd) + part(BLUE)])] == [odd, BLUE]


@given(garbage=st.binary(max_size=300), after=st.sampled_from([b"", ANSWER, DRIVERS]))
def test_garbage_is_refused_or_waited_on_and_nothing_else(garbage: bytes, after: bytes) -> None:
    with suppress(NotMjpeg):
        for one in Multipart().feed(after + garbage, Interval.at(0)):
            assert one.encoded
