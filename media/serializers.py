"""How files are named in answers: by URLs that are root-relative, stable and unsigned."""

from pathlib import PurePosixPath


def avatar_url(name: str | None) -> str | None:
    """Where the avatar is that is stored as ``name``; None without one. Its small square is at ``/small`` below it."""
    return f"/avatars/{PurePosixPath(name).stem}" if name else None
