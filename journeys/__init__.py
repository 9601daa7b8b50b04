"""Journeys through Flutter apps: what people do, and when the others see it, measured in pixels.

from journeys import journey

@journey("A new avatar reaches the feed", priority="P0")
async def new_avatar_reaches_the_feed(cast, pictures):
    alice = await cast.member("alice", posts=["Hello"])
    bob = await cast.member("bob")
    picture = pictures.fresh()

    async with cast.propagation(within=1.0) as change:
        change.expect(picture, on=bob.feed.post_by(alice))
        await alice.profile_screen.upload(picture)
"""

from typing import TYPE_CHECKING

from journeys.errors import InfrastructureError, JourneysError, SetupError, UsageError
from journeys.journey import Journey, journey, registered_journeys
from journeys.lazy_face import import_on_demand

if TYPE_CHECKING:
    from flutter_bridge import ActionFailed, Finder, FlutterApp, Interval, NotFound, Role, by, now
    from journeys.backend import Backend
    from journeys.cast import Actor, Cast
    from journeys.http_backend import HttpBackend
    from journeys.identifiers import Identifiers
    from journeys.pictures import Picture, PictureBook, Recogniser
    from journeys.propagation import BudgetMissed, Commit, Inconclusive, ObserverError, Propagation
    from journeys.staleness import StaleShown
    from journeys.surface import Person, Surface
    from journeys.surfaces import Feed
    from journeys.timeline import Event, Status, Timeline, Verdict
else:
    __getattr__ = import_on_demand(
        __name__,
        {
            "backend": "Backend",
            "cast": "Actor Cast",
            "http_backend": "HttpBackend",
            "identifiers": "Identifiers",
            "pictures": "Picture PictureBook Recogniser",
            "propagation": "BudgetMissed Commit Inconclusive ObserverError Propagation",
            "staleness": "StaleShown",
            "surface": "Person Surface",
            "surfaces": "Feed",
            "timeline": "Event Status Timeline Verdict",
        },
        elsewhere={
            "flutter_bridge": "ActionFailed Finder FlutterApp Interval NotFound Role by now",
        },
    )


__all__ = [
    "ActionFailed",
    "Actor",
    "Backend",
    "BudgetMissed",
    "Cast",
    "Commit",
    "Event",
    "Feed",
    "Finder",
    "FlutterApp",
    "HttpBackend",
    "Identifiers",
    "Inconclusive",
    "InfrastructureError",
    "Interval",
    "Journey",
    "JourneysError",
    "NotFound",
    "ObserverError",
    "Person",
    "Picture",
    "PictureBook",
    "Propagation",
    "Recogniser",
    "Role",
    "SetupError",
    "StaleShown",
    "Status",
    "Surface",
    "Timeline",
    "UsageError",
    "Verdict",
    "by",
    "journey",
    "now",
    "registered_journeys",
]
