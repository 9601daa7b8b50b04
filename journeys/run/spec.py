"""What a run of journeys is: what somebody asked for, resolved and checked once, and handed on as data.

`RunOptions` is what was asked for, by `journeys run` or by pytest's options. `resolve` reads the project's
settings and makes a `RunSpec` of it, which never changes. The command hands it to the pytest it starts,
pytest to the workers of pytest-xdist, a nightly run to its players: as JSON where it leaves the process.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from journeys.configuration import Configuration, read_configuration
from journeys.documents import UnreadableDocument, decode_json, read_document
from journeys.errors import UsageError
from journeys.output import resolve_output
from journeys.redaction import know, learnt_secrets
from journeys.snapshots import SnapshotMode, SnapshotSettings
from journeys.targets import Casting, Overrides, Provider, castings, find_casting, read_targets

MAX_REPEAT: Final = 10_000
MAX_OBSERVERS: Final = 32
DEFAULT_OBSERVERS: Final = 2
DEFAULT_OUTPUT: Final = "test-results"

LEASES_VARIABLE: Final = "JOURNEYS_LEASES"
"""The environment variable that says where devices are leased: a PostgreSQL address, or a folder's path.

An address may hold a password, which is no option's to show in the list of processes.
"""


class Combination(NamedTuple):
    """A journey, and on what it is played: a target's name or a cast."""

    journey: str
    casting: str


class NightlyPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a nightly run has one of its players do: play just some combinations, in their order.

    Devices are leased at `store` in the name of `holder`. `lifeline` is the number of a pipe that closes when
    the nightly run has gone, however it went.
    """

    combinations: tuple[Combination, ...]
    store: str
    holder: str
    lifeline: int


class RunOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for; `docs/reference/pytest-options.md` says what each field means."""

    journeys: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    casts: tuple[str, ...] = ()
    targets_file: str | None = None
    app: str | None = None
    devices: tuple[str, ...] = ()
    appium_url: str | None = None
    app_url: str | None = None
    backend_url: str | None = None
    repeat: int | None = None
    observers: int | None = None
    output: str | None = None
    baselines: str | None = None
    update_snapshots: bool = False
    snapshot_mode: str | None = None
    console: bool = False
    chaos: bool = False
    strict: bool = False
    debug: bool = False

    def with_defaults_from(self, others: RunOptions) -> RunOptions:
        """Return the options with what others ask for where these ask for nothing."""
        asked = {name: value for name, value in msgspec.structs.asdict(self).items() if value}
        return msgspec.structs.replace(others, **asked)


class FoundDevices(msgspec.Struct, frozen=True):
    """The devices that a target is played on; none where Appium finds one for each actor."""

    devices: tuple[str, ...] = ()
    stand_in: bool = False


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One run, resolved: what is played on what, against what, and where results go.

    `external` are the addresses of servers that run elsewhere, `store` is where devices are leased, if they
    are. `addresses` of all servers and the `devices` of each target, by its name, are there once the run's
    servers have been started: for those who did not start them.
    """

    options: RunOptions
    configuration: Configuration
    castings: tuple[Casting, ...]
    external: dict[str, str]
    results: Path
    screens: SnapshotSettings
    store: str = ""
    nightly: NightlyPart | None = None
    addresses: dict[str, str] = {}
    devices: dict[str, FoundDevices] = {}

    @property
    def is_concerned(self) -> bool:
        """Whether this is about journeys at all: they are configured, or an option names them."""
        asked = self.options.journeys or self.names_castings or self.external
        return bool(asked) or self.configuration != Configuration(root=self.configuration.root)

    @property
    def names_castings(self) -> bool:
        """Whether it was said on what journeys are to be played."""
        return bool(self.options.targets or self.options.casts or self.nightly)

    @property
    def casting_names(self) -> tuple[str, ...]:
        """The castings' names, which are those of targets where nothing is mixed."""
        return tuple(casting.name for casting in self.castings)

    @property
    def observer_count(self) -> int:
        """How many people look on, in journeys that ask for it."""
        return DEFAULT_OBSERVERS if self.options.observers is None else self.options.observers

    def casting_names_of(self, journey: str | None) -> tuple[str, ...]:
        """Return the names of those castings that a journey is to be played with; None: a plain test."""
        if self.nightly is None or journey is None:
            return self.casting_names
        mine = dict.fromkeys(each.casting for each in self.nightly.combinations if each.journey == journey)
        return tuple(mine) or self.casting_names[:1]  # one that is not played at all is taken out later

    def casting(self, name: str) -> Casting:
        """Return one of the castings asked for."""
        return next(casting for casting in self.castings if casting.name == name)


def resolve(
    options: RunOptions,
    start: Path,
    *,
    sources: Iterable[Path] = (),
    prefix: str = "--journey-",
    nightly: NightlyPart | None = None,
) -> RunSpec:
    """Read the settings of the project at or above a folder, and return the run that the options ask for.

    `sources` are files and folders that results must not lie around. `prefix` is how the options begin where
    they were written, for messages. Raises `JourneysError` for what is not there or can't be.
    """
    check_numbers(options, prefix=prefix)
    configuration = read_configuration(start)
    if options.chaos:
        configuration = _with_chaos(configuration)
    external = configuration.external_addresses(app_url=options.app_url, backend_url=options.backend_url)
    collected = (configuration.root / path for path in configuration.paths)
    results = resolve_output(
        options.output or DEFAULT_OUTPUT, sources=(start, configuration.root, *sources, *collected)
    )
    return RunSpec(
        options=options,
        configuration=configuration,
        castings=_castings(options, configuration, nightly),
        external=external,
        results=results,
        screens=_screens(options, configuration, results),
        store=os.environ.get(LEASES_VARIABLE, "") if nightly is None else nightly.store,
        nightly=nightly,
    )


def _with_chaos(configuration: Configuration) -> Configuration:
    """Return the configuration with servers that let things go wrong on purpose."""
    servers = (replace(server, env={**server.env, **server.chaos}) for server in configuration.servers)
    return replace(configuration, servers=tuple(servers))


def check_numbers(options: RunOptions, *, prefix: str) -> None:
    """Refuse a number of runs, or of people who look on, that can't be."""
    repeat, observers = options.repeat, options.observers
    if repeat is not None and not 1 <= repeat <= MAX_REPEAT:
        raise UsageError(f"{prefix}repeat {repeat}: a journey is run from 1 to {MAX_REPEAT} times")
    if observers is not None and not 1 <= observers <= MAX_OBSERVERS:
        # Each has a browser context of their own.
        raise UsageError(f"{prefix}observers {observers}: from 1 to {MAX_OBSERVERS} people can look on")


def _castings(
    options: RunOptions, configuration: Configuration, nightly: NightlyPart | None
) -> tuple[Casting, ...]:
    overrides = Overrides(app=options.app, devices=options.devices, appium_url=options.appium_url)
    file = None if options.targets_file is None else Path(options.targets_file)
    known = overrides.apply(read_targets(configuration, file, providers=_load_providers))
    if nightly is not None:
        if options.targets or options.casts:
            raise UsageError("a nightly run says on what journeys are played: leave out the others")
        names = dict.fromkeys(each.casting for each in nightly.combinations)
        wanted = tuple(find_casting(known, name) for name in names)
    else:
        default = configuration.targets[0] if configuration.targets else "web"
        wanted = castings(known, names=options.targets, casts=options.casts, default=default)
    overrides.check_used(target for casting in wanted for target in casting.targets)
    return wanted


def _load_providers() -> Mapping[str, Provider]:
    from journeys.devices.providers import PROVIDERS  # noqa: PLC0415 - costly, and most targets need none

    return PROVIDERS


def _screens(options: RunOptions, configuration: Configuration, results: Path) -> SnapshotSettings:
    mode = options.snapshot_mode or ("ci" if os.environ.get("CI") else "local")
    named = options.baselines
    baselines = Path(named).absolute() if named else configuration.baselines_folder
    if baselines.resolve().is_relative_to(results):
        # Screens' results are cleared before each run.
        raise UsageError(f"--baselines {baselines}: that is in the folder for results; name another")
    return SnapshotSettings(
        baselines=baselines,
        results=results / "screens",
        mode=SnapshotMode(mode),
        update=options.update_snapshots,
    )


class _Handed(msgspec.Struct):
    """A spec on its way to another process, with what that one has to keep out of all it says."""

    spec: RunSpec
    secrets: tuple[str, ...]


def encode_spec(spec: RunSpec) -> str:
    """Return the JSON of a spec for another process; the credentials of its targets are in it."""
    handed = _Handed(spec=spec, secrets=tuple(sorted(learnt_secrets())))
    return msgspec.json.encode(handed, enc_hook=str).decode()


def decode_spec(content: str | bytes) -> RunSpec:
    """Return the spec that a JSON has; its secrets are known from then on. Raises `UnreadableDocument`."""
    handed = decode_json(content.encode() if isinstance(content, str) else content, _Handed)
    know(handed.secrets)
    return handed.spec


def write_spec(file: Path, spec: RunSpec) -> None:
    """Write a spec for another process of the same user; nobody else may read it."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(encode_spec(spec))


def take_spec(file: Path) -> RunSpec:
    """Read a spec, and remove its file; raises `UsageError` where it is none."""
    try:
        spec = decode_spec(read_document(file))
        file.unlink(missing_ok=True)
    except (OSError, UnreadableDocument) as error:
        raise UsageError(
            f"--journey-spec {file}: no run, as `journeys farm run` writes it: {error}"
        ) from error
    return spec
