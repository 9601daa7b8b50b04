"""What a run is played against: its servers, and the devices of its targets, found and started once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from journeys.chaos import Fault
from journeys.devices import STAND_IN, Place, check_appiums, find_place, servers_for
from journeys.errors import JourneysError, UsageError
from journeys.redaction import redact_record
from journeys.run.servers import Servers, watch_addresses
from journeys.run.spec import FoundDevices, RunSpec
from journeys.targets import STAND_INS, Target

if TYPE_CHECKING:
    from journeys.devices.sessions import Devices, Leasing


class RunEnvironment:
    """The servers and places of a run, or of one of the workers that share them.

    `workers` is how many processes play the run side by side. `worker` is the number of this one, from 0;
    None where it is the one that starts things: its `spec_for_workers` tells the workers of them. `holder`
    is whom leases of devices are in the name of.
    """

    def __init__(self, spec: RunSpec, *, workers: int = 1, worker: int | None = None, holder: str) -> None:
        self.spec = spec
        self.addresses = dict(spec.addresses)
        self.apps: dict[str, str] = {}
        """Which build of its app is installed on each target, in words, where its package is read here."""
        self.devices_used: list[str] = []
        self._workers = workers
        self._worker = worker
        self._holder = holder
        self._leasing: Leasing | None = None
        self._servers: Servers | None = None

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where each target that is needed is played, by the targets' names."""
        targets = {target.name: target for casting in self.spec.castings for target in casting.targets}
        places = {name: self._find_place(target) for name, target in targets.items()}
        if self._worker is None or self.spec.store:
            return places  # and whoever needs a device of a store leases it
        # Each worker has devices of its own, or two would use one at the same time.
        return {name: place.share(self._worker, self._workers) for name, place in places.items()}

    def _find_place(self, target: Target) -> Place:
        found = self.spec.devices.get(target.name)
        if found is not None:
            return Place(target=target, devices=found.devices, stand_in=found.stand_in)
        # A stand-in for each who looks on, for who is looked at, and for one more; as many for each worker.
        people = max(STAND_INS, 2 + (self.spec.options.observers or 0))
        return find_place(target, stand_ins=people * self._workers)

    def display_name(self, target: Target) -> str:
        """Return what reports call a target: its name, and that a stand-in takes its place."""
        return self.places[target.name].display_name if target.uses_appium else target.name

    def start(self) -> None:
        """Start what the journeys run against, unless that has been done; raises `JourneysError`."""
        if self.addresses or self._servers is not None:
            return
        spec, configuration = self.spec, self.spec.configuration
        for place in self.places.values():
            # The last worker has the fewest devices.
            place.share(*((0, 1) if spec.store else (self._workers - 1, self._workers)))
        check_appiums(self.places.values())
        self.apps = {
            place.display_name: words for place in self.places.values() if (words := place.describe_app())
        }
        more = servers_for(self.places.values(), app=configuration.app, root=configuration.root)
        self._servers = Servers(
            replace(configuration, servers=(*configuration.servers, *more)),
            external=spec.external,
            logs=None if spec.nightly is None else spec.results / "servers",
        )
        self.addresses = dict(self._servers.start())
        # A phone with an app of its own needs no server of one, and a backend only who asks for it.
        if any(place.stand_in or place.target.shows_web_build for place in self.places.values()):
            self.address_of(configuration.app)

    def address_of(self, name: str) -> str:
        """Return where a server is; raises `UsageError` where it is neither configured nor given."""
        address = self.addresses.get(name)
        if address is None:
            configuration = self.spec.configuration
            given = {configuration.app: "--app-url", configuration.backend: "--backend-url"}
            how = f", or give its address with {given[name]}" if name in given else ""
            raise UsageError(f"no server is called {name!r}: configure it in [tool.journeys]{how}")
        return address

    def spec_for_workers(self) -> RunSpec:
        """Return the spec for this run's workers, with what has been found and started."""
        if not self.addresses:
            return self.spec
        devices = {name: FoundDevices(place.devices, place.stand_in) for name, place in self.places.items()}
        return msgspec.structs.replace(self.spec, addresses=self.addresses, devices=devices)

    @property
    def server_faults(self) -> dict[str, Fault]:
        """What can go wrong with the servers on purpose, by name; refused where they aren't ours."""
        names = [server.name for server in self.spec.configuration.servers]
        return {f"{name.replace('-', '_')}_killed": partial(self._kill, name) for name in names}

    def _kill(self, name: str) -> AbstractAsyncContextManager[None]:
        if self._servers is None:
            raise UsageError(
                f"server {name!r} can't be killed by a worker, which didn't start it: leave out -n"
            )
        return self._servers.kill(name)

    def stop(self) -> None:
        """Stop what was started."""
        if self._servers is not None:
            self._servers.stop()
            self._servers = None

    def find_loss(self) -> str:
        """Return which of the servers started here has ended by itself, in words; empty while none has."""
        try:
            if self._servers is not None:
                self._servers.check()
        except JourneysError as error:
            return str(error)
        return ""

    async def watch(self) -> NoReturn:
        """Raise as soon as one of the servers has gone, or a device that was leased."""
        async with asyncio.TaskGroup() as group:
            if self._leasing is not None:
                group.create_task(self._leasing.watch())
            if self._servers is None:
                group.create_task(watch_addresses(self.addresses))
            else:
                group.create_task(self._servers.watch())
                if self.spec.external:
                    group.create_task(watch_addresses(self.spec.external))
        raise AssertionError("watching a server ends by its failure only")

    @asynccontextmanager
    async def open_devices(self) -> AsyncIterator[Devices]:
        """Reach the phones, leased from a store where there is one; their sessions end with the context."""
        from journeys.devices.sessions import Devices, Leasing  # noqa: PLC0415 - a web target needs no Appium

        async with AsyncExitStack() as opened:
            if store := self.spec.store:
                from journeys.devices.leases import (  # noqa: PLC0415 - needs what only the nightly run needs
                    Leases,
                    open_database,
                )

                address = store if "://" in store else None
                database = await opened.enter_async_context(open_database(address, Path(store)))
                self._leasing = Leasing(Leases(database), holder=self._holder)
            yield await opened.enter_async_context(
                Devices(
                    self.places.values(),
                    addresses=self.addresses,
                    leasing=self._leasing,
                    noted=self.devices_used.append,
                )
            )

    def describe_stand_ins(self) -> list[str]:
        """Return a line for each target whose devices are stood in for."""
        return [
            f"{place.target.name}: no device is connected, so a {STAND_IN} takes its place: the real "
            "Appium and its real driver, the app's web build in Chromium, no phone"
            for place in self.places.values()
            if place.stand_in
        ]

    def redacted_addresses(self) -> dict[str, str]:
        """Return the servers' addresses for people to read.

        Before they are laid out: of a secret that two lines share nothing would be found.
        """
        return redact_record(self.addresses)
