"""Plays a night: its plan, pytest for every try, what came of them, and an end that leaves nothing behind."""

from journeys.farm.run.gathering import gathered
from journeys.farm.run.night_file import read_night_file, write_night_file
from journeys.farm.run.outcome import exit_code
from journeys.farm.run.plan import Plan, plan_night
from journeys.farm.run.run import night_folder, run_night
from journeys.farm.run.settings import Settings

__all__ = [
    "Plan",
    "Settings",
    "exit_code",
    "gathered",
    "night_folder",
    "plan_night",
    "read_night_file",
    "run_night",
    "write_night_file",
]
