"""The settings of a beat that ticks every second instead of every minute."""

from config.settings import *  # noqa: F403

CELERY_BEAT_SCHEDULE = {"tick": {"task": "events.tasks.tick", "schedule": 1.0}}
