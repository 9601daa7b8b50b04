"""Keeps secrets out of what pytest itself says: its messages, its reports of failures, its files."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from journeys.configuration import Configuration, read_configuration
from journeys.errors import JourneysError
from journeys.redaction import (
    know,
    redact_files,
    redact_streams,
    redacted_deeply,
    secrets_in,
    secrets_in_words,
)

if TYPE_CHECKING:
    from journeys.output import OutputFolder

_OPTIONS = ("--journey", "--app-url", "--backend-url", "--appium-url")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None]:
    """Learn what is secret, and have nothing of it printed, before anything else may print it.

    Only where it is about journeys, and until the process ends: pytest complains of a wrong option, in which
    a password may stand, when all else is over.
    """
    words = [*early_config.invocation_params.args, *args, *_additional()]
    configuration = _configuration(early_config)
    if configuration is not None or any(word.startswith(_OPTIONS) for word in words):
        know(secrets_in_words(words))
        for server in configuration.servers if configuration is not None else ():
            know({*secrets_in(server.env), *secrets_in_words(server.command)})
        redact_streams()
    yield


def redact_report(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Take the secrets out of a report, and so out of whatever is made of it."""
    report.longrepr = _redacted(report.longrepr)
    report.sections = redacted_deeply(report.sections)
    if isinstance(report, pytest.TestReport):
        report.user_properties = redacted_deeply(report.user_properties)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Take the secrets out of what keeps a module from being collected."""
    report = yield
    if report.failed:
        redact_report(report)
    return report


def redact_results(config: pytest.Config, output: OutputFolder) -> list[str]:
    """Take the secrets out of all that a session wrote; returns what could not be cleaned, and why."""
    elsewhere = (config.getoption("xmlpath", None), config.getoption("log_file", None))
    written = (output.path / name for name in output.names())
    return redact_files(*written, *(Path(file) for file in elsewhere if file))


def _redacted(shown: Any) -> Any:
    """Return what pytest shows of a failure, which is text or made of dataclasses, without secrets."""
    if dataclasses.is_dataclass(shown) and not isinstance(shown, type):
        for field in dataclasses.fields(shown):
            setattr(shown, field.name, _redacted(getattr(shown, field.name)))
        return shown
    if type(shown) in {list, tuple}:
        return type(shown)(_redacted(each) for each in shown)
    return redacted_deeply(shown)


def _additional() -> list[str]:
    try:
        return shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    except ValueError:
        return []


def _configuration(config: pytest.Config) -> Configuration | None:
    """Return the project's configuration; None where it has none, or one that can't be read."""
    try:
        configuration = read_configuration(config.rootpath)
    except JourneysError:
        return None
    return None if configuration == Configuration(root=configuration.root) else configuration
