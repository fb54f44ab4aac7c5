"""Why an image is refused. The text of an error is for the log, not for people."""


class ImageError(ValueError):
    """This file is not kept as an image."""


class NotAnImage(ImageError):
    """No format that we know."""


class TooBig(ImageError):
    """Too many bytes."""


class TooManyPixels(ImageError):
    """Too many pixels, in one picture or in all frames of an animation."""


class Damaged(ImageError):
    """Cut off, broken, or not what its header says."""


class Polyglot(ImageError):
    """An image that is something else at the same time."""
