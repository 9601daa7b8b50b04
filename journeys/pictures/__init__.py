"""Pictures for profiles: made far apart, and recognised on screen."""

from journeys.pictures.book import PhotographFolder, PictureBook
from journeys.pictures.defects import Defect
from journeys.pictures.finding import Match, SearchResult, find, search
from journeys.pictures.fingerprint import Fingerprint, Shape
from journeys.pictures.overlay import Overlay
from journeys.pictures.painting import paint
from journeys.pictures.picture import NotAPicture, Picture, PictureError, TooAlike, TooPlain
from journeys.pictures.recogniser import Recogniser
from journeys.pictures.recognition import Check, Recognition

__all__ = [
    "Check",
    "Defect",
    "Fingerprint",
    "Match",
    "NotAPicture",
    "Overlay",
    "PhotographFolder",
    "Picture",
    "PictureBook",
    "PictureError",
    "Recogniser",
    "Recognition",
    "SearchResult",
    "Shape",
    "TooAlike",
    "TooPlain",
    "find",
    "paint",
    "search",
]
