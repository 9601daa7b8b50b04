"""The morning report of a night: what broke, since when, on which targets, grouped by cause."""

from journeys.farm.morning.report import write_report

__all__ = ["write_report"]
