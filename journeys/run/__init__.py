"""One run of journeys: what was asked for, resolved once and handed on as data.

Its servers are in `journeys.run.servers`; `journeys.run.environment` starts them and finds the devices.
"""

from journeys.run.catalogue import load_journeys
from journeys.run.spec import (
    DEFAULT_OBSERVERS,
    DEFAULT_OUTPUT,
    Combination,
    NightlyPart,
    RunOptions,
    RunSpec,
    check_numbers,
    decode_spec,
    encode_spec,
    resolve,
    take_spec,
    write_spec,
)

__all__ = [
    "DEFAULT_OBSERVERS",
    "DEFAULT_OUTPUT",
    "Combination",
    "NightlyPart",
    "RunOptions",
    "RunSpec",
    "check_numbers",
    "decode_spec",
    "encode_spec",
    "load_journeys",
    "resolve",
    "take_spec",
    "write_spec",
]
