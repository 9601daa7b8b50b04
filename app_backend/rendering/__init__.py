"""From the bytes somebody sent to the renditions everybody sees, in worker processes.

Workers import this package, and little else: it stays quick to import.
"""

from app_backend.rendering.mishap import Mishap
from app_backend.rendering.picture import SIZES, Limits, encode, renditions
from app_backend.rendering.renderer import Renderer
from app_backend.rendering.submission import Submission
from app_backend.rendering.workers import WorkerRenderer

__all__ = ["SIZES", "Limits", "Mishap", "Renderer", "Submission", "WorkerRenderer", "encode", "renditions"]
