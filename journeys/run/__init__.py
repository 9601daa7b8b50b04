"""One run of journeys: what was asked for, resolved once and handed on as data.

`RunEnvironment` starts its servers, which are in `journeys.run.servers`, and finds the devices.
"""

from typing import TYPE_CHECKING

from journeys.lazy_face import import_on_demand
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

if TYPE_CHECKING:
    from journeys.run.environment import RunEnvironment
else:
    __getattr__ = import_on_demand(__name__, {"environment": "RunEnvironment"})

__all__ = [
    "DEFAULT_OBSERVERS",
    "DEFAULT_OUTPUT",
    "Combination",
    "NightlyPart",
    "RunEnvironment",
    "RunOptions",
    "RunSpec",
    "check_numbers",
    "decode_spec",
    "encode_spec",
    "resolve",
    "take_spec",
    "write_spec",
]
