"""Journeys through Flutter apps: what people do, and when the others see it, measured in pixels.

from journeys import Screen, by, journey

class Chat(Screen):
    landmark = by.identifier("compose")

    async def open(self):
        await self.app.tap(by.label("Chats"))

    @property
    def last_message(self):
        return self.surface("last message", by.identifier("message-last"))

    async def send(self, words):
        with self.step(f"sends {words!r}"):
            await self.app.enter_text(by.identifier("compose"), words)
            await self.app.tap(by.label("Send"))

@journey("A message reaches the other phone", priority="P0")
async def message_reaches_the_other_phone(cast):
    alice, bob = await cast.actors("alice", "bob")
    async with cast.propagation(within=1.0) as change:
        change.expect("Hello Bob", on=bob.on(Chat).last_message)
        await alice.on(Chat).send("Hello Bob")
"""

from typing import TYPE_CHECKING

from journeys.errors import InfrastructureError, JourneysError, SetupError, UsageError
from journeys.journey import Journey, journey, registered_journeys
from journeys.lazy_face import import_on_demand

if TYPE_CHECKING:
    from flutter_bridge import (
        ActionFailed,
        Finder,
        FlutterApp,
        Interval,
        NotFound,
        Role,
        by,
        now,
        wall_offset,
    )
    from journeys.actor import Actor, Screen
    from journeys.cast import Cast, CastOptions
    from journeys.chaos import Damage, FaultyProxy, HttpFault
    from journeys.commit_streams import CommitReport, CommitStream, PolledCommits
    from journeys.commits import Commit, Commits, commit, tap
    from journeys.expectations import (
        appears,
        changes,
        checked,
        contains,
        count,
        disappears,
        enabled,
        exactly,
        expanded,
        selected,
        stays,
        value,
    )
    from journeys.pictures import Picture, PictureBook, Recogniser
    from journeys.propagation import (
        BudgetMissed,
        Handle,
        Inconclusive,
        MachineTooBusy,
        ObserverError,
        Propagation,
    )
    from journeys.remote_clock import RemoteClock
    from journeys.staleness import StaleShown
    from journeys.surface import Surface
    from journeys.timeline import Event, Status, Timeline, Verdict
else:
    __getattr__ = import_on_demand(
        __name__,
        {
            "actor": "Actor Screen",
            "cast": "Cast CastOptions",
            "chaos": "Damage FaultyProxy HttpFault",
            "commit_streams": "CommitReport CommitStream PolledCommits",
            "commits": "Commit Commits commit tap",
            "expectations": "appears changes checked contains count disappears enabled exactly "
            "expanded selected stays value",
            "pictures": "Picture PictureBook Recogniser",
            "propagation": "BudgetMissed Handle Inconclusive MachineTooBusy ObserverError Propagation",
            "remote_clock": "RemoteClock",
            "staleness": "StaleShown",
            "surface": "Surface",
            "timeline": "Event Status Timeline Verdict",
        },
        elsewhere={
            "flutter_bridge": "ActionFailed Finder FlutterApp Interval NotFound Role by now wall_offset",
        },
    )


__all__ = [
    "ActionFailed",
    "Actor",
    "BudgetMissed",
    "Cast",
    "CastOptions",
    "Commit",
    "CommitReport",
    "CommitStream",
    "Commits",
    "Damage",
    "Event",
    "FaultyProxy",
    "Finder",
    "FlutterApp",
    "Handle",
    "HttpFault",
    "Inconclusive",
    "InfrastructureError",
    "Interval",
    "Journey",
    "JourneysError",
    "MachineTooBusy",
    "NotFound",
    "ObserverError",
    "Picture",
    "PictureBook",
    "PolledCommits",
    "Propagation",
    "Recogniser",
    "RemoteClock",
    "Role",
    "Screen",
    "SetupError",
    "StaleShown",
    "Status",
    "Surface",
    "Timeline",
    "UsageError",
    "Verdict",
    "appears",
    "by",
    "changes",
    "checked",
    "commit",
    "contains",
    "count",
    "disappears",
    "enabled",
    "exactly",
    "expanded",
    "journey",
    "now",
    "registered_journeys",
    "selected",
    "stays",
    "tap",
    "value",
    "wall_offset",
]
