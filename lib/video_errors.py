"""Why a video is refused. The text of an error is for the log, not for people."""


class VideoError(ValueError):
    """This file is not kept as a video."""


class NoEncoder(VideoError):
    """ffmpeg is not installed here."""


class NotAVideo(VideoError):
    """No format that we take, or one with no picture in it."""


class TooManyBytes(VideoError):
    """The file is too big."""


class TooLarge(VideoError):
    """Too many pixels."""


class TooLong(VideoError):
    """It takes too long to watch, or to convert."""


class Broken(VideoError):
    """Cut off or damaged: trying again would not help."""


class Interrupted(VideoError):
    """Ended before it was done, for a reason that may pass."""
