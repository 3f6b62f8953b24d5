"""What chat refuses, in words for whoever asked."""

from pulse.lib.errors import Conflict, NotAllowed


class CannotPost(NotAllowed):
    """Without saying why: a block is nobody's business but the blocker's."""

    code = "cannot_post"
    default_detail = "You can’t write in this conversation."


class IdConflict(Conflict):
    code = "id_conflict"
    default_detail = "A different message was sent with this id."


class Reset(Conflict):
    """The caller knows a version that was never given out: it has another state. ``version`` is the server's."""

    code = "reset"
    default_detail = "What you know is newer than what is here. Start over from the newest page."

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__()
