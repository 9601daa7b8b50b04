"""Folders that runs write into: where one may be, and that the next run removes only what runs wrote."""

from journeys.output.earlier import list_night_files, list_run_files
from journeys.output.folder import MARKER, OutputFolder
from journeys.output.place import resolve_output

__all__ = ["MARKER", "OutputFolder", "list_night_files", "list_run_files", "resolve_output"]
