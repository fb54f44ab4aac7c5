"""A blog on Wagtail as its tutorial has it, with a theme of a few lines."""
