"""What a provider of devices is: a template that makes Appium's address and capabilities of a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

PHONES = frozenset({"android", "ios"})
"""The platforms that every provider has."""


class Provided(Protocol):
    """What a provider looks at of a target."""

    @property
    def name(self) -> str:
        """The target's name."""
        ...

    @property
    def platform(self) -> str:
        """`android`, `ios`, `chromium` or `web`."""
        ...

    @property
    def browser(self) -> str | None:
        """The browser the web build is shown in, on a phone."""
        ...

    @property
    def app(self) -> str | None:
        """The app's file or address."""
        ...

    @property
    def devices(self) -> tuple[str, ...]:
        """The ids of the devices named."""
        ...

    @property
    def appium_url(self) -> str | None:
        """Appium's address, as far as it is known."""
        ...

    @property
    def capabilities(self) -> Mapping[str, object]:
        """What the target asks for by itself."""
        ...

    @property
    def provider(self) -> str | None:
        """The provider's name."""
        ...

    @property
    def provider_options(self) -> Mapping[str, object]:
        """What `[targets.NAME.provider_options]` has."""
        ...


class Unfit(Exception):
    """A setting that the provider can't do with; `key` says which, the text what is wrong and what to do."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a provider makes of a target; None leaves what the target has.

    `capabilities` are asked for where the target's own say nothing; two tables of the same name (such as
    `bstack:options`) are joined.
    """

    appium_url: str | None = None
    capabilities: Mapping[str, object]
    app: str | None = None
    devices: tuple[str, ...] | None = None


class Provider(Protocol):
    """A provider of devices; a new one is a module beside this one, and a line in `known`."""

    @property
    def name(self) -> str:
        """What `provider = "…"` calls it."""
        ...

    @property
    def options(self) -> Mapping[str, type]:
        """The options it takes, and the type of each."""
        ...

    @property
    def platforms(self) -> frozenset[str]:
        """The platforms it has devices of."""
        ...

    @property
    def by_id(self) -> bool:
        """Whether a device can be asked for by its id."""
        ...

    @property
    def prefixes(self) -> frozenset[str] | None:
        """The vendors' prefixes of capabilities it understands besides Appium's; None: any."""
        ...

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that its credentials come from."""
        ...

    def expand(self, target: Provided, environment: Mapping[str, str]) -> Template:
        """Make address and capabilities of a target's settings; raises `Unfit`. Nothing is asked yet."""
        ...

    def check(self, target: Provided, environment: Mapping[str, str]) -> None:
        """Ask the provider one cheap question about an expanded target.

        Raises `SetupError` for what somebody has to set right (credentials, a plan that ended, an address)
        and `InfrastructureError` for what may pass (5xx, too many requests, silence).
        """
        ...


@runtime_checkable
class MarksSessions(Protocol):
    """A provider whose pages show whether a session passed, if they are told."""

    def mark(self, *, passed: bool, reason: str) -> str:
        """Return the script that tells them, from inside the session."""
        ...
