"""Pictures for profiles: made far apart, and recognised on screen."""

from journeys.pictures.book import PictureBook
from journeys.pictures.defects import Defect
from journeys.pictures.errors import NotAPicture, PictureError, TooAlike, TooPlain
from journeys.pictures.finding import Found, Search, find, search
from journeys.pictures.fingerprint import Fingerprint, Shape
from journeys.pictures.overlay import Overlay
from journeys.pictures.photographs import (
    PhotographFolder,
    Refused,
    photographs,
    scikit_image_photographs,
)
from journeys.pictures.picture import Picture
from journeys.pictures.recogniser import Recogniser
from journeys.pictures.recognition import Check, Recognition

__all__ = [
    "Check",
    "Defect",
    "Fingerprint",
    "Found",
    "NotAPicture",
    "Overlay",
    "PhotographFolder",
    "Picture",
    "PictureBook",
    "PictureError",
    "Recogniser",
    "Recognition",
    "Refused",
    "Search",
    "Shape",
    "TooAlike",
    "TooPlain",
    "find",
    "photographs",
    "scikit_image_photographs",
    "search",
]
