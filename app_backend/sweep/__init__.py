"""Clearing away what nobody needs any more: left-over pictures, and rows whose time is over."""

from app_backend.sweep.expired import delete_expired
from app_backend.sweep.pictures import PictureSweep
from app_backend.sweep.sweeper import Sweeper

__all__ = ["PictureSweep", "Sweeper", "delete_expired"]
