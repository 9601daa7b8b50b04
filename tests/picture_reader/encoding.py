"""What an encoding of a picture is, and what is to come of it.

An `Encoding` that has no `refused` is shown by all alike. One that has is refused by us, for that reason; and
by browsers, unless `browsers_show` it: as much of it as is there, or another format than ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
CUT_OFF = "cut off"
DAMAGED = "damaged"


@dataclass(frozen=True)
class Encoding:
    data: bytes
    refused: str = ""
    browsers_show: bool = False
    managed: bool = False
    """Whether colours are converted, which two libraries do alike, but not to the last bit."""


Encodings = Iterator[tuple[str, Encoding]]


def same(**files: bytes) -> Encodings:
    for name, data in files.items():
        yield name, Encoding(data)


def converted(**files: bytes) -> Encodings:
    for name, data in files.items():
        yield name, Encoding(data, managed=True)


def refused(reason: str, *, browsers_show: bool = False, **files: bytes) -> Encodings:
    for name, data in files.items():
        yield name, Encoding(data, reason, browsers_show)
