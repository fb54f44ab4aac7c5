"""Inkstone's settings with one view at every address."""

from config.settings import *  # noqa: F403 (all of them is the point)

ROOT_URLCONF = "benchmarks.constant"
