"""What can be wrong with a file."""

from pulse.lib.errors import DomainError


class UnsupportedMedia(DomainError):
    """Its bytes are of no accepted kind, or not of the kind that it was said to be."""

    status = 415
    code = "unsupported_media_type"
    title = "Not that kind of file"
    default_detail = "Pulse can’t use a file of this kind."
