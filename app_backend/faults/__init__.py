"""Faults on purpose, for finding out what a slow or broken backend does to what people see.

Each is a decorator around what can fail, put there only where the settings allow faults: no other code knows
of them.
"""

from app_backend.faults.catalogue import CATALOGUE, Faults, InjectedFault
from app_backend.faults.effects import (
    ConnectionFaults,
    DelayedResponses,
    FaultyDelivery,
    FaultyStorage,
    PictureFaults,
    StaleRenditions,
)

__all__ = [
    "CATALOGUE",
    "ConnectionFaults",
    "DelayedResponses",
    "Faults",
    "FaultyDelivery",
    "FaultyStorage",
    "InjectedFault",
    "PictureFaults",
    "StaleRenditions",
]
