"""The nightly job: journeys on many devices at once, what became of them, and what has changed since."""

from typing import TYPE_CHECKING

from journeys.lazy_face import import_on_demand

if TYPE_CHECKING:
    from journeys.nightly.commands import forget_nights, release_devices, show_devices, show_trends
    from journeys.nightly.job import Night, read_night
    from journeys.nightly.merge import merge_shards, read_shard
    from journeys.nightly.plan import NightSettings, Plan, night_id, plan_night
    from journeys.nightly.play import Stop, stop_on_signals
    from journeys.nightly.record import MAX_SHARDS, NightRecord, exit_code, write_night_file
    from journeys.nightly.report import write_report
    from journeys.nightly.run import results_folder, run_night
    from journeys.nightly.store import Store, open_store
    from journeys.nightly.trends import TrendsRecord
else:
    __getattr__ = import_on_demand(
        __name__,
        {
            "commands": "forget_nights release_devices show_devices show_trends",
            "job": "Night read_night",
            "merge": "merge_shards read_shard",
            "plan": "NightSettings Plan night_id plan_night",
            "play": "Stop stop_on_signals",
            "record": "MAX_SHARDS NightRecord exit_code write_night_file",
            "report": "write_report",
            "run": "results_folder run_night",
            "store": "Store open_store",
            "trends": "TrendsRecord",
        },
    )


__all__ = [
    "MAX_SHARDS",
    "Night",
    "NightRecord",
    "NightSettings",
    "Plan",
    "Stop",
    "Store",
    "TrendsRecord",
    "exit_code",
    "forget_nights",
    "merge_shards",
    "night_id",
    "open_store",
    "plan_night",
    "read_night",
    "read_shard",
    "release_devices",
    "results_folder",
    "run_night",
    "show_devices",
    "show_trends",
    "stop_on_signals",
    "write_night_file",
    "write_report",
]
