"""The stream of changes: announced with their commit through PostgreSQL, handed to every subscriber."""

from app_backend.events.announcing import Change, change
from app_backend.events.event import Data, Event
from app_backend.events.hub import End, Hub, Silence, Subscription
from app_backend.events.listener import LISTENER_NAME, Deliver, listen
from app_backend.events.stream import encode, stream

__all__ = [
    "LISTENER_NAME",
    "Change",
    "Data",
    "Deliver",
    "End",
    "Event",
    "Hub",
    "Silence",
    "Subscription",
    "change",
    "encode",
    "listen",
    "stream",
]
