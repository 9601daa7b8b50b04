"""What goes wrong on purpose: faults of a backend, of a person's network, and of what they hold.

Each is an asynchronous context manager that ends with its scope, whatever happens inside.
"""

from journeys.chaos.faults import Fault, Faults, HttpFault
from journeys.chaos.leftovers import LEFTOVERS, Leftovers
from journeys.chaos.network import Device, Network
from journeys.chaos.proxy import Damage, FaultyProxy
from journeys.chaos.recovery import Recovery

__all__ = [
    "LEFTOVERS",
    "Damage",
    "Device",
    "Fault",
    "Faults",
    "FaultyProxy",
    "HttpFault",
    "Leftovers",
    "Network",
    "Recovery",
]
