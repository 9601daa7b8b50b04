"""What can be wrong with a picture.

PictureError
├── NotAPicture    the file or the bytes are no picture, or not a whole one
├── TooPlain       the picture's middle shows too little to be recognised by
└── TooAlike       two pictures could be taken for one another
"""

from __future__ import annotations


class PictureError(ValueError):
    """A picture can't be used; its text is one line that says why and what to do."""


class NotAPicture(PictureError):
    """The file or the bytes are no picture, or not a whole one."""


class TooPlain(PictureError):
    """The picture's middle shows too little to be recognised by."""


class TooAlike(PictureError):
    """Two pictures could be taken for one another."""
