"""From the bytes somebody sent to the renditions everybody sees, in worker processes.

Workers import this package, and little else: it stays quick to import.
"""

from app_backend.rendering.picture import SIZES, PictureLimits, encode, renditions
from app_backend.rendering.submission import Renderer, Submission
from app_backend.rendering.workers import WorkerFault, WorkerRenderer

__all__ = [
    "SIZES",
    "PictureLimits",
    "Renderer",
    "Submission",
    "WorkerFault",
    "WorkerRenderer",
    "encode",
    "renditions",
]
