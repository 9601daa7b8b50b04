"""How a camera was held, of all that EXIF may say."""

from __future__ import annotations

import struct
from typing import Final

_TAG: Final = 0x0112
_SHORT: Final = 3
_ENTRY_BYTES: Final = 12


def orientation_of(exif: bytes) -> int:
    """Return the orientation, 1 to 8, that a block of EXIF gives; 1 where it gives none.

    As browsers do: by its main directory alone, in any entry that is one 16-bit number from 1 to 8. Whatever
    else stands there isn't looked at, be it damaged or not.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return 1
    start = struct.unpack_from(f"{order}I", exif, 4)[0]
    if start + 2 > len(exif):
        return 1
    count = struct.unpack_from(f"{order}H", exif, start)[0]
    whole = (len(exif) - start - 2) // _ENTRY_BYTES
    for index in range(min(count, whole)):
        entry = struct.unpack_from(f"{order}HHIH", exif, start + 2 + index * _ENTRY_BYTES)
        if entry[:3] == (_TAG, _SHORT, 1) and 1 <= entry[3] <= 8:
            return int(entry[3])
    return 1
