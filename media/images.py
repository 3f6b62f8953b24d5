"""Images: which ones are taken, by their bytes, and how they are drawn smaller.

Of what is drawn nothing is left that the file said beside its pixels: no EXIF, XMP or place. Drawings are upright, in
sRGB, and WebP.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import orjson
import structlog

from media import sandbox
from media.errors import UnsupportedMedia
from pulse.lib.errors import TooLarge, Unavailable

log = structlog.get_logger(__name__)

MAX_PIXELS = 50_000_000
MAX_FRAMES = 1_000
# How many bytes decide what a file is.
HEAD_BYTES = 64
# 50 megapixels with alpha take 200 MB, and twice that while their mode is changed.
_MAX_MEMORY_BYTES = 1024 * 1024 * 1024
_MAX_CPU_SECONDS = 8
_MAX_SECONDS = 20.0
_MAX_OUTPUT_BYTES = 16 * 1024 * 1024
_PAINTER = Path(__file__).with_name("painter.py")

# Pillow's name of each format that is taken, and its content type.
CONTENT_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
_AVIF_BRANDS = {b"avif", b"avis"}
NOT_AN_IMAGE = "Choose a JPEG, PNG, GIF, WebP or AVIF image."


@dataclass(frozen=True, slots=True)
class Shape:
    """What to draw: within ``side`` pixels each way, or a square of that side from the middle."""

    side: int
    square: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    webp: bytes


@dataclass(frozen=True, slots=True)
class Image:
    """What an image is; its size is that which a reader sees, upright."""

    format: str
    width: int
    height: int
    frames: int
    drawings: list[Drawing]


def image_format(head: bytes) -> str | None:
    """The format that a file's first HEAD_BYTES show, of those in CONTENT_TYPES; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        # ISO/IEC 14496-12: a box of the stated length with the major brand, a version, and the compatible brands.
        box = head[: int.from_bytes(head[:4], "big")]
        brands = [box[8:12], *(box[start : start + 4] for start in range(16, len(box), 4))]
        return "AVIF" if _AVIF_BRANDS & set(brands) else None
    return None


def draw(source: IO[bytes], *, shapes: Sequence[Shape], declared: str = "") -> Image:
    """Look at an image and draw its ``shapes``, of an animation the first frame.

    ``declared`` is the content type that came with it, where it counts. Raises UnsupportedMedia, TooLarge (too many
    pixels or frames) and Unavailable.
    """
    source.seek(0)
    format = image_format(source.read(HEAD_BYTES))
    if format is None:
        raise UnsupportedMedia(NOT_AN_IMAGE)
    declared = declared.partition(";")[0].strip().lower()
    if declared not in {"", "application/octet-stream", CONTENT_TYPES[format]}:
        raise UnsupportedMedia(f"This says that it is {declared[:100]}, and is {CONTENT_TYPES[format]}.")
    answer, files = _painted(source, format, shapes)
    match answer.get("refused"):
        case "too_many_pixels":
            raise TooLarge(f"An image has at most {MAX_PIXELS // 1_000_000} million pixels.")
        case "too_many_frames":
            raise TooLarge(f"An animation has at most {MAX_FRAMES} frames.")
        case "unreadable":
            raise UnsupportedMedia("This image can’t be read: it is broken, or not whole.")
    drawings, start = [], 0
    for one in answer["drawings"]:
        drawings.append(Drawing(one["width"], one["height"], files[start : start + one["size"]]))
        start += one["size"]
    return Image(format, answer["width"], answer["height"], answer["frames"], drawings)


def _painted(source: IO[bytes], format: str, shapes: Sequence[Shape]) -> tuple[dict[str, Any], bytes]:
    job = {
        "format": format,
        "max_pixels": MAX_PIXELS,
        "max_frames": MAX_FRAMES,
        "max_memory_bytes": _MAX_MEMORY_BYTES,
        "max_seconds": _MAX_CPU_SECONDS,
        "max_output_bytes": _MAX_OUTPUT_BYTES,
        "shapes": [asdict(shape) for shape in shapes],
    }
    with TemporaryFile() as file:
        source.seek(0)
        shutil.copyfileobj(source, file)
        try:
            answer = sandbox.run(_PAINTER, orjson.dumps(job).decode(), source=file, seconds=_MAX_SECONDS)
        except sandbox.Busy as error:
            raise Unavailable("Too many images are being looked at just now. Try again in a moment.") from error
        except sandbox.Broken:
            # Worth a look: it is somebody's attack, or a photo that we should be able to take.
            log.warning("an image broke its decoder", format=format)
            return {"refused": "unreadable"}, b""
    line, _, files = answer.partition(b"\n")
    return orjson.loads(line), files
