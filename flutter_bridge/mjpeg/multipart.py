"""Takes the pictures out of an MJPEG stream's bytes, and tells when they were sent at the earliest."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser

from flutter_bridge.clock import Interval
from flutter_bridge.errors import NotMjpeg


class DeliveryLine:
    """The way from a device's server to here, on which bytes arrive in the order they were sent.

    What it needs to be true: a byte that is next in line arrives within `turn` seconds. So one that comes
    after a silence longer than `turn` wasn't waiting behind the byte before it, and was sent no earlier than
    `turn` before it came. One that comes sooner after others may have waited behind them for any time, and
    tells nothing. Several lines one after the other (a device's socket, adb, USB) are one whose `turn` is the
    sum of theirs.
    """

    def __init__(self, turn: float) -> None:
        self._turn = turn
        self._arrived_until = -math.inf
        self._sent_after = -math.inf

    def read(self, arrived: Interval) -> float:
        """Take in that bytes arrived within an interval, and return a moment before which none was sent."""
        if arrived.low - self._arrived_until > self._turn:
            self._sent_after = arrived.low - self._turn
        self._arrived_until = arrived.high
        return self._sent_after


MAX_HEAD_BYTES = 16 * 2**10
"""How many bytes the answer's head, or that of a part, has at most."""

MAX_PICTURE_BYTES = 32 * 2**20
"""How many bytes a picture has at most: a phone's whole screen as PNG has a third of it."""

_LINE_ENDS = re.compile(rb"[\r\n]*")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\S+ +(\d{3})")


@dataclass(frozen=True, slots=True)
class Part:
    """A picture as it came; `arrived` bounds when its first byte did, and `sent_after` when that was sent."""

    encoded: bytes = field(repr=False)
    arrived: Interval
    sent_after: float = -math.inf


class Multipart:
    """Reads one answer: an HTTP head and pictures, each behind a boundary and a head of its own.

    The drivers' servers declare a boundary that contains the dashes it is sent with, so boundaries are
    compared without theirs. A picture ends by its Content-Length, else at the next boundary. One may come
    ahead of the HTTP head: a device that takes a picture while a client is being accepted sends it at once.
    """

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._boundary: bytes | None = None
        self._answered = False
        self._opened = b""  # the line that opened the part being read; empty between parts
        self._length: int | None = None
        self._searched = 0
        self._arrived: Interval | None = None
        self._sent_after = -math.inf

    @property
    def is_in_picture(self) -> bool:
        """Whether a picture has begun and not ended."""
        return bool(self._opened)

    def feed(self, data: bytes, arrived: Interval, *, sent_after: float = -math.inf) -> Iterator[Part]:
        """Yield the pictures that these bytes, none of which was sent earlier, complete; raises `NotMjpeg`.

        A picture counts as arrived with its own first byte, since boundary and head may be sent ahead of it.
        """
        self._waiting += data
        while self._opened or self._begin():
            # A head ends in the bytes just fed, or its picture would have begun before.
            if self._arrived is None and self._waiting:
                self._arrived, self._sent_after = arrived, sent_after
            encoded = self._take_whole_part()
            if encoded is None or self._arrived is None:
                return
            part = Part(encoded, self._arrived, self._sent_after)
            self._opened, self._arrived = b"", None
            yield part

    def _begin(self) -> bool:
        while True:
            blank = _LINE_ENDS.match(self._waiting)
            del self._waiting[: blank.end() if blank else 0]
            begins = bytes(self._waiting[:5])
            if not (begins.startswith(b"--") or b"HTTP/".startswith(begins) or begins == b"-"):
                raise NotMjpeg(f"{bytes(self._waiting[:20])!r} stands where a picture's boundary has to")
            end = _BLANK_LINE.search(self._waiting, 0, MAX_HEAD_BYTES)
            if end is None:
                if len(self._waiting) >= MAX_HEAD_BYTES:
                    raise NotMjpeg(f"a head has no end within {MAX_HEAD_BYTES} bytes")
                return False
            first, _, rest = bytes(self._waiting[: end.start()]).partition(b"\n")
            del self._waiting[: end.end()]
            # Not as bytes: what isn't ASCII would be values of another type.
            headers = HeaderParser().parsestr(rest.decode("latin-1"))
            if not first.startswith(b"HTTP/"):
                self._open(first.strip(), headers)
                return True
            self._answer(first, headers)

    def _answer(self, first: bytes, headers: Message) -> None:
        status = _STATUS.match(first)
        if self._answered or status is None:
            raise NotMjpeg(f"{first[:20]!r} stands where a picture's boundary has to")
        self._answered = True
        if status[1] != b"200":
            raise NotMjpeg(f"the answer is {status[1].decode()}")
        if headers.get_content_maintype() != "multipart":
            raise NotMjpeg(f"the answer is {headers.get('Content-Type', 'of no declared type')}")
        if "chunked" in headers.get("Transfer-Encoding", "").lower():
            raise NotMjpeg("the answer comes in chunks, which no answer to HTTP/1.0 does")
        boundary = headers.get_boundary()
        if boundary is not None:
            self._boundary = boundary.encode("latin-1", "replace").strip(b"-")

    def _open(self, line: bytes, headers: Message) -> None:
        name = line.strip(b"-")
        if self._boundary is None:
            self._boundary = name
        if name != self._boundary:
            raise NotMjpeg(f"{line[:40]!r} stands where a picture's boundary has to")
        if headers.defects:
            raise NotMjpeg("the head of a part can't be read")
        if "Content-Type" in headers and headers.get_content_maintype() != "image":
            raise NotMjpeg(f"a part is {headers['Content-Type']}")
        self._opened, self._searched, self._length = line, 0, None
        declared = headers.get("Content-Length")
        if declared is not None:
            # int() alone also takes "1_0" and " ٣ ", and refuses thousands of digits in words of its own.
            if not re.fullmatch(r"\s*[0-9]{1,12}\s*", declared) or not 0 < int(declared) <= MAX_PICTURE_BYTES:
                raise NotMjpeg(
                    f"a picture has Content-Length {declared[:20]!r}, 1 to {MAX_PICTURE_BYTES} are allowed"
                )
            self._length = int(declared)

    def _take_whole_part(self) -> bytes | None:
        if self._length is not None:
            if len(self._waiting) < self._length:
                return None
            encoded = bytes(self._waiting[: self._length])
            del self._waiting[: self._length]
            return encoded
        boundary = b"\n" + self._opened
        end = self._waiting.find(boundary, self._searched)
        if end < 0:
            if len(self._waiting) > MAX_PICTURE_BYTES:
                raise NotMjpeg(f"a picture has no end within {MAX_PICTURE_BYTES} bytes")
            self._searched = max(0, len(self._waiting) - len(boundary))
            return None
        encoded = bytes(self._waiting[:end]).removesuffix(b"\r")
        del self._waiting[: end + 1]
        return encoded
