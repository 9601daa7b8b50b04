"""What one pytest session keeps: the servers it runs against, and what became of each journey."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from _pytest._io import TerminalWriter

from flutter_bridge import now
from journeys.configuration import Configuration
from journeys.errors import JourneysError
from journeys.pytest_plugin.cells import HOLDER, JOURNAL, Cell
from journeys.redaction import redacted, redacted_deeply
from journeys.snapshots import SnapshotSettings
from journeys.targets import STAND_INS, Casting, Target

if TYPE_CHECKING:
    from journeys.devices import Place
    from journeys.devices.sessions import Leasing
    from journeys.journey import Journey
    from journeys.output import OutputFolder
    from journeys.report import ConsoleReport, JourneyRecord, Run
    from journeys.servers import Servers

JUNIT = "junit.xml"
"""The name of pytest's own report in the results folder."""

SESSION: pytest.StashKey[JourneySession] = pytest.StashKey()


@dataclass
class JourneySession:
    """One session's configuration, servers and records; kept in `config.stash[SESSION]`.

    `repeat` is how often each journey is run where that was asked for, `observers` how many people look on
    where that was. `cells` are the nightly job's, `store` is where devices are leased, if they are.
    `writes_junit` says that junit.xml goes into the results folder, where nobody asked for another. `wanted`
    says that journeys were to run, and so that there is something to report; `cut_short` why the session
    ended before they all had.
    """

    config: pytest.Config
    configuration: Configuration
    castings: tuple[Casting, ...]
    given: Mapping[str, str]
    results: Path
    screens: SnapshotSettings
    cells: tuple[Cell, ...] | None = None
    store: str = ""
    repeat: int | None = None
    observers: int | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    leasing: Leasing | None = None
    devices_used: list[str] = field(default_factory=list)
    exit_codes: set[int] = field(default_factory=set)
    console: ConsoleReport | None = None
    writes_junit: bool = False
    wanted: bool = False
    cut_short: str = ""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=now)
    _records: dict[tuple[str, str, int], JourneyRecord] = field(default_factory=dict)
    _codes: dict[tuple[str, str, int], set[int]] = field(default_factory=dict)
    _servers: Servers | None = None
    _opened: bool = False

    def ended(self, number: int, record: JourneyRecord, codes: Collection[int]) -> None:
        """Keep what became of a run, and the exit codes of that.

        What is said last replaces what was said, of an attempt or of a failure around it.
        """
        key = (record["id"], record["casting"], number)
        earlier = self._records.pop(key, None)
        same = earlier is not None and earlier.get("attempt") == record.get("attempt")
        self._records[key] = record
        self._codes[key] = {*codes, *(self._codes[key] if same else ())}

    @property
    def all_exit_codes(self) -> set[int]:
        """The exit codes of everything that went wrong, of attempts at a run only the last one's."""
        return self.exit_codes.union(*self._codes.values())

    @property
    def runs(self) -> list[Run]:
        """All runs that ended, in that order."""
        from journeys.report import Run  # noqa: PLC0415 - a session without journeys needs none of it

        return [Run(number, record) for (_, _, number), record in self._records.items()]

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where each target that is needed is played, by the targets' names."""
        from journeys.devices import STAND_IN, find_place, stand_in_place  # noqa: PLC0415 - likewise

        targets = {target.name: target for casting in self.castings for target in casting.targets}
        # A stand-in for each who looks on, for who is looked at, and for one more; as many for each worker.
        people = max(STAND_INS, 2 + (self.observers or 0))
        if not self.is_worker:
            needed = people * max(1, self.config.getoption("numprocesses", None) or 1)
            return {name: find_place(target, stand_ins=needed) for name, target in targets.items()}
        # The controller has decided it, and started what it takes.
        worker = getattr(self.config, "workerinput", {})
        number, count = int(worker["workerid"].removeprefix("gw")), int(worker["workercount"])
        decided = {
            name: stand_in_place(target, people * count)
            if STAND_IN in self.addresses and target.stand_in
            else find_place(target)
            for name, target in targets.items()
        }
        if self.store:
            return decided  # and whoever needs a device leases it
        # Each worker has devices of its own, or two would use one at the same time.
        return {name: place.share(number, count) for name, place in decided.items()}

    def shown(self, target: Target) -> str:
        """Return what reports call a target: its name, and that a stand-in takes its place."""
        return self.places[target.name].shown if target.through_appium else target.name

    def say_started(self, count: int | None) -> None:
        """Print what is about to run, where and against what; `count` is None where that isn't known yet."""
        if self.console is None:
            return
        # Before they are laid out: of a secret that two lines share nothing would be found.
        self.console.print_start(redacted_deeply(self.addresses), self.castings_named, count)
        for place in self.places.values():
            if place.stand_in:
                self.console.print_line(
                    f"{place.target.name}: no device is connected, so a stand-in takes its place: the real "
                    "Appium and its real driver, the app's web build in Chromium, no phone",
                    style="yellow",
                )

    @property
    def castings_named(self) -> tuple[str, ...]:
        """The castings' names, which are those of targets where nothing is mixed."""
        return tuple(casting.name for casting in self.castings)

    def castings_of(self, journey: Journey | None) -> tuple[str, ...]:
        """Return the names of those castings that a journey is to be played with."""
        if self.cells is None or journey is None:
            return self.castings_named
        mine = tuple(dict.fromkeys(cell.casting for cell in self.cells if cell.journey == journey.id))
        return mine or self.castings_named[:1]  # one that is not played at all is taken out later

    def casting(self, name: str) -> Casting:
        """Return one of the castings asked for."""
        return next(casting for casting in self.castings if casting.name == name)

    @property
    def records(self) -> list[JourneyRecord]:
        """Their records."""
        return list(self._records.values())

    @property
    def is_worker(self) -> bool:
        """Whether this process is one of pytest-xdist's workers."""
        return hasattr(self.config, "workerinput")

    @property
    def holder(self) -> str:
        """Under which name this process leases devices."""
        worker = getattr(self.config, "workerinput", {}).get("workerid", "")
        return f"{os.environ.get(HOLDER) or os.getpid()} {worker}".strip()

    @property
    def concerned(self) -> bool:
        """Whether this is about journeys at all: they are configured, or an option names them."""
        options = ("--journey", "--journey-target", "--journey-cast", "--journey-cells")
        asked = bool(self.given or any(self.config.getoption(option) for option in options))
        return asked or self.configuration != Configuration(root=self.configuration.root)

    @cached_property
    def output(self) -> OutputFolder:
        """The results folder, with the list of what is written there."""
        from journeys.output import OutputFolder, list_run_files  # noqa: PLC0415 - only who fills it needs it

        return OutputFolder(self.results, earlier=list_run_files)

    def open_results(self) -> None:
        """Make the results folder ready, once: what earlier sessions wrote there goes, nothing else.

        Ends the session, with the exit code the failure calls for, where that can't be done.
        """
        if self.is_worker or self._opened:
            return
        self._opened = True
        files = ["journeys.json"] + [JUNIT] * self.writes_junit
        files += ["measure.json", "measure.html"] * (self.repeat is not None)
        try:
            self.output.clear()
            self.output.claim(*files)
            self.output.claim_free("screens", *([] if self.cells is None else [JOURNAL, "servers"]))
        except JourneysError as error:
            self.wanted = False  # there is nowhere to report it
            self.exit_codes.add(error.exit_code)
            pytest.exit(str(error), returncode=error.exit_code)

    def start_servers(self, *, workers: int = 1) -> None:
        """Start what the journeys run against, unless that has been done; `workers` share the devices.

        Ends the session, with the exit code the failure calls for, where that can't be done.
        """
        if self.addresses:
            return
        from journeys.devices import check_appiums, servers_for  # noqa: PLC0415 - only journeys need it
        from journeys.servers import Servers  # noqa: PLC0415 - likewise

        try:
            for place in self.places.values():
                place.share(*((0, 1) if self.store else (workers - 1, workers)))  # the last has the fewest
            check_appiums(self.places.values())
            more = servers_for(self.places.values(), app=self.configuration.app, root=self.configuration.root)
            everything = replace(self.configuration, servers=(*self.configuration.servers, *more))
            logs = None if self.cells is None else self.results / "servers"
            self._servers = Servers(everything, given=self.given, logs=logs)
            self.addresses = dict(self._servers.start())
            for name in (self.configuration.backend, self.configuration.app):
                self.address_of(name)
        except JourneysError as error:
            self.exit_codes.add(error.exit_code)
            pytest.exit(redacted(str(error)), returncode=error.exit_code)

    def address_of(self, name: str) -> str:
        """Return where a server is; ends the session where it is neither configured nor given."""
        address = self.addresses.get(name)
        if address is None:
            pytest.exit(
                f"no server is called {name!r}: configure it in [tool.journeys], or give its address with "
                "--app-url and --backend-url",
                returncode=2,
            )
        return address

    def stop_servers(self) -> None:
        """Stop what was started."""
        if self._servers is not None:
            self._servers.stop()
            self._servers = None

    def gone(self) -> str:
        """Return which of the servers started here has ended by itself, in words; empty while none has."""
        try:
            if self._servers is not None:
                self._servers.check()
        except JourneysError as error:
            return str(error)
        return ""

    async def watch_servers(self) -> NoReturn:
        """Raise as soon as one of the servers has gone, or a device that was leased."""
        from journeys.servers import watch_addresses  # noqa: PLC0415 - a session without journeys needs none

        async with asyncio.TaskGroup() as group:
            if self.leasing is not None:
                group.create_task(self.leasing.watch())
            if self._servers is None:
                group.create_task(watch_addresses(self.addresses))
            else:
                group.create_task(self._servers.watch())
            if self._servers is not None and self.given:
                group.create_task(watch_addresses(self.given))
        raise AssertionError("watching a server ends by its failure only")

    def use_console(self) -> None:
        """Print journeys as they run, in the place of pytest's own report."""
        from journeys.report import ConsoleReport  # noqa: PLC0415 - a session of plain tests needs none of it
        from journeys.standard_streams import make_printable  # noqa: PLC0415 - likewise

        make_printable()
        self.console = ConsoleReport(uncaptured=self._uncaptured)

    def silence_pytest(self) -> None:
        """Let pytest's own reporter write to nowhere; it has to stay, for others ask it for its writer."""
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the session
            self.config.add_cleanup(nowhere.close)
            reporter._tw = TerminalWriter(nowhere)

    def _uncaptured(self) -> AbstractContextManager[None]:
        capture = self.config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            return nullcontext()
        opened: AbstractContextManager[None] = capture.global_and_fixture_disabled()
        return opened
