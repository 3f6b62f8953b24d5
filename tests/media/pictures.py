"""Images made on the spot, and those of the shared folder where it lies beside us."""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from tests.installations import ROOT

SHARED = ROOT.parent / "shared" / "data" / "media"
RED, BLUE, GREEN = (220, 30, 30), (30, 30, 220), (30, 160, 30)


def picture(format: str = "PNG", *, size: tuple[int, int] = (300, 200), color: Any = RED, **options: Any) -> bytes:
    """One colour, all over."""
    buffer = BytesIO()
    Image.new("RGBA" if len(color) == 4 else "RGB", size, color).save(buffer, format, **options)
    return buffer.getvalue()


def halves(format: str = "PNG", *, size: tuple[int, int] = (300, 200), **options: Any) -> bytes:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def is_nearly(one: Any, other: tuple[int, ...], *, within: int = 24) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=False))


def shared_files() -> list[Path]:
    return sorted(path for path in SHARED.rglob("*") if path.is_file()) if SHARED.exists() else []
