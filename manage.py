#!/usr/bin/env python
"""Django's command line for Inkstone."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # a sentence for whoever set it, who did not write this
        sys.exit(f"Settings: {error}")


if __name__ == "__main__":
    main()
