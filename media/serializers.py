"""How files are named in answers: by URLs that are root-relative, stable and unsigned."""


def avatar_url(name: str | None) -> str | None:
    """Where the avatar is that is stored as ``name``; None without one. Its small square is at ``/small`` below it."""
    # Asked for every message: pathlib would take ten times as long.
    return f"/avatars/{name.rpartition('/')[2].partition('.')[0]}" if name else None
