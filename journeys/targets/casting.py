"""Who is played where: one target for everyone or a cast that mixes them, and the command line's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from flutter_bridge import is_server_address
from journeys.errors import UsageError, name_nearest
from journeys.targets.file import NO_ADDRESS, Targets
from journeys.targets.target import Target

EVERYONE_ELSE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Casting:
    """On which target each actor of a journey is played.

    `name` is how it was asked for, and what tells its journeys from those of another one: `android`, or
    `alice=android,bob=web`. Who isn't among the `actors` is played on `others`.
    """

    name: str
    others: Target
    actors: Mapping[str, Target] = field(default_factory=dict)

    def target_of(self, actor: str) -> Target:
        """Return the target an actor is played on."""
        return self.actors.get(actor, self.others)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Every target that may be needed, each once."""
        return tuple({target.name: target for target in (*self.actors.values(), self.others)}.values())


def castings(
    targets: Targets, *, names: Iterable[str], casts: Iterable[str], default: str
) -> tuple[Casting, ...]:
    """Return the castings asked for: one for each target's name and one for each cast.

    A cast is the name of one in targets.toml, or written out: `alice=android,bob=web,*=web`. Whoever it
    leaves out is played on the only target named besides it, else on the `default` one. Without any, everyone
    is played on that.
    """
    named, mixed = list(names), list(casts)
    if not mixed:
        return tuple(Casting(name=name, others=targets.find(name)) for name in named or [default])
    if len(named) > 1:
        raise UsageError(
            "a cast says where its actors are played, and one target where all others are: "
            f"got {', '.join(named)}"
        )
    others = named[0] if named else default
    return tuple(_casting(text, targets, others) for text in mixed)


def find_casting(targets: Targets, name: str) -> Casting:
    """Return the casting that journeys.json calls so: a target's name, else a cast."""
    known = name in targets.by_name or name in targets.unsound
    names, casts = ([name], []) if known else ([], [name])
    return castings(targets, names=names, casts=casts, default="web")[0]


def _casting(text: str, targets: Targets, others: str) -> Casting:
    actors = dict(targets.casts[text]) if text in targets.casts else _read_written(text, targets)
    everyone_else = actors.pop(EVERYONE_ELSE, others)
    return Casting(
        name=text,
        others=targets.find(everyone_else),
        actors={actor: targets.find(name) for actor, name in actors.items()},
    )


def _read_written(text: str, targets: Targets) -> dict[str, str]:
    actors: dict[str, str] = {}
    for part in text.split(","):
        actor, sign, name = (word.strip() for word in part.partition("="))
        if not sign and not actors and "=" not in text:
            known = name_nearest(text, targets.casts) if targets.casts else "targets.toml has none"
            raise UsageError(f"unknown cast {text!r:.80}: {known}; or write it out: alice=android,bob=web")
        if not actor or not name:
            raise UsageError(
                f"{part!r:.80} in the cast {text!r:.80} is no actor=target: write alice=android,bob=web"
            )
        if actor in actors:
            raise UsageError(f"the cast {text!r:.80} names {actor} twice")
        actors[actor] = name
    return actors


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The app, the devices and the Appium server named on the command line; they hold for every phone."""

    app: str | None = None
    devices: tuple[str, ...] = ()
    appium_url: str | None = None

    def apply(self, targets: Targets) -> Targets:
        """Return the targets with these settings in the place of their own."""
        if self.appium_url is not None and not is_server_address(self.appium_url):
            raise UsageError(f"--appium-url {NO_ADDRESS}")
        return replace(
            targets, by_name={name: self._override(target) for name, target in targets.by_name.items()}
        )

    def check_used(self, targets: Iterable[Target]) -> None:
        """Refuse settings that none of the targets to be played on has any use for."""
        played = list(targets)
        names = ", ".join(dict.fromkeys(target.name for target in played))
        uses = {
            "app": (self.app, any(self._takes_app(target) for target in played)),
            "device": (self.devices, any(target.platform in {"android", "ios"} for target in played)),
            "appium-url": (self.appium_url, any(target.uses_appium for target in played)),
        }
        for option, (given, used) in uses.items():
            if given and not used:
                raise UsageError(f"--{option} has no meaning on {names}: name a target that is a phone's")

    def _override(self, target: Target) -> Target:
        if self.app is not None and self._takes_app(target):
            file = Path(self.app).absolute()
            if "://" not in self.app and not file.is_file():
                raise UsageError(f"--app {self.app}: there is no such file")
            target = replace(target, app=self.app if "://" in self.app else str(file))
        if self.devices and target.platform in {"android", "ios"}:
            target = replace(target, devices=self.devices)
        if self.appium_url is not None and target.uses_appium:
            target = replace(target, appium_url=self.appium_url)
        return target

    @staticmethod
    def _takes_app(target: Target) -> bool:
        return target.platform in {"android", "ios"} and not target.shows_web_build
