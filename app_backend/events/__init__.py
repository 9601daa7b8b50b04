"""The stream of changes: announced with their commit through PostgreSQL, handed to every subscriber."""

from app_backend.events.changes import Change, CommittedEvent, Data, change
from app_backend.events.hub import End, Hub, Silence, Subscription, encode, stream
from app_backend.events.listener import LISTENER_NAME, Deliver, listen

__all__ = [
    "LISTENER_NAME",
    "Change",
    "CommittedEvent",
    "Data",
    "Deliver",
    "End",
    "Hub",
    "Silence",
    "Subscription",
    "change",
    "encode",
    "listen",
    "stream",
]
