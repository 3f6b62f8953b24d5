"""What the office refuses."""

from pulse.lib.errors import TooMany


class Busy(TooMany):
    """Each download holds a thread for as long as its reader takes."""

    default_detail = "Too many copies are being downloaded right now. Try again in a minute."
