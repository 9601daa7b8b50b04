"""Faults on purpose, for finding out what a slow or broken backend does to what people see.

Each is a decorator around what can fail, put there only where the settings allow faults: no other code knows
of them.
"""

from app_backend.faults.armed import Faults
from app_backend.faults.catalogue import CATALOGUE, Fault
from app_backend.faults.database import ConnectionFaults
from app_backend.faults.delivery import FaultyDelivery
from app_backend.faults.pictures import Mishaps
from app_backend.faults.responses import DelayedResponses
from app_backend.faults.stale import StaleRenditions
from app_backend.faults.storage import FaultyStorage

__all__ = [
    "CATALOGUE",
    "ConnectionFaults",
    "DelayedResponses",
    "Fault",
    "Faults",
    "FaultyDelivery",
    "FaultyStorage",
    "Mishaps",
    "StaleRenditions",
]
