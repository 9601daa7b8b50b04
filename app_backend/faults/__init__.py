"""Faults on purpose, for finding out what a slow or broken backend does to what people see."""

from app_backend.faults.faults import MAX_EVENT_DELAY_S, Armed, Faults

__all__ = ["MAX_EVENT_DELAY_S", "Armed", "Faults"]
