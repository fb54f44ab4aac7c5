"""Inkstone's settings with one view at every address."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.constant"
