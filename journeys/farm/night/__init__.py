"""What a nightly job is to play: nightly.toml, the quarantine file, the matrix of journeys and targets."""

from journeys.farm.night.cells import Cell, Listed, matrix
from journeys.farm.night.file import EVIDENCE, FILE, Night, read_night
from journeys.farm.night.quarantine import Quarantine, Quarantined, read_quarantine

__all__ = [
    "EVIDENCE",
    "FILE",
    "Cell",
    "Listed",
    "Night",
    "Quarantine",
    "Quarantined",
    "matrix",
    "read_night",
    "read_quarantine",
]
