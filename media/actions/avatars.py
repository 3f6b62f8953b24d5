"""Avatars, of people and of groups: squares of two sizes, drawn anew from whatever was sent.

An avatar is known by a random key, which is all that a row and a URL say of it. Who has it is its owner's business.
"""

from __future__ import annotations

import re
import secrets
from typing import IO

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from media.images import Shape, draw
from pulse.lib.errors import BadInput, TooLarge

log = structlog.get_logger(__name__)

AVATAR_MAX_BYTES = 8 * 1024 * 1024
LARGE, SMALL = Shape(side=512, square=True), Shape(side=128, square=True)


def store_avatar(*, source: IO[bytes], declared: str = "", field: str = "file") -> str:
    """Draw and store an avatar; returns the name of its large square, for the row of whoever it is of.

    ``declared`` is the content type it came with, where that counts. Slow: not for inside a transaction. Raises
    BadInput, TooLarge, UnsupportedMedia and Unavailable.
    """
    size = source.seek(0, 2)
    if size == 0:
        raise BadInput(errors={field: ["Choose an image."]})
    if size > AVATAR_MAX_BYTES:
        raise TooLarge(f"A picture is at most {AVATAR_MAX_BYTES // 1024 // 1024} MB large.")
    large, small = draw(source, shapes=[LARGE, SMALL], declared=declared).drawings
    name = f"avatars/{secrets.token_hex(16)}.webp"
    try:
        for drawing, stored in ((small, small_of(name)), (large, name)):
            file = ContentFile(drawing.webp)
            file.content_type = "image/webp"  # type: ignore[attr-defined]  # what S3 is told; it knows no .webp
            default_storage.save(stored, file)
    except Exception:
        # A full disk keeps what fitted on it.
        discard_avatar(name)
        raise
    return name


def discard_avatar(name: str) -> None:
    """Delete both sizes of what nobody wears any more. Where the storage is away they stay, and nothing fails."""
    if not _is_avatar(name):
        return
    for one in (name, small_of(name)):
        try:
            default_storage.delete(one)
        except Exception as error:  # noqa: BLE001  # each storage has its own
            log.warning("an avatar could not be deleted", name=one, error=type(error).__name__)


def avatar_file(key: str, *, small: bool) -> str:
    """The name, in the storage, of the avatar whose URL has this ``key``."""
    name = f"avatars/{key}.webp"
    return small_of(name) if small else name


def small_of(name: str) -> str:
    return name.removesuffix(".webp") + "-small.webp"


def _is_avatar(name: str) -> bool:
    return re.fullmatch(r"avatars/[0-9a-f]{32}\.webp", name) is not None
