"""What the office refuses."""

from pulse.lib.errors import TooMany


class Busy(TooMany):
    """Each download that is built while it is read holds a thread for as long as its reader takes."""

    default_detail = "Others are downloading their data right now. Try again in a minute, or have it prepared for you."
