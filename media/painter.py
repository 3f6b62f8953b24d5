"""A program that reads one image and draws it smaller, run by media/sandbox.py in a process of its own.

It imports nothing of Pulse's and runs without our environment. The image is its standard input and its one argument is
what to do, as JSON: {format, max_pixels, max_frames, max_memory_bytes, max_seconds, max_output_bytes, shapes: [{side,
square}]}. It answers on its standard output with one line of JSON and, one behind the other, the WebP files that it
drew: {width, height, frames, drawings: [{width, height, size}]}, or {refused: too_many_pixels, too_many_frames or
unreadable}.
"""

import json
import resource
import sys
import warnings
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image, ImageCms

# Of the formats' own modes, those that hold what the eye sees; any other is converted on the way.
_KEPT_MODES = {"RGB", "RGBA"}
QUALITY = 80
# By EXIF's number of how the pixels lie: what turns them upright. 1 is upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):
    pass


def limit_this_process(*, memory_bytes: int, seconds: int, output_bytes: int) -> None:
    """Whatever a decoder is talked into, it gets no more than this. Limits can be lowered only."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_bytes, output_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def paint(source: BinaryIO, job: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    # Only this one decoder is asked: what the bytes begin with was seen before.
    image: Image.Image = Image.open(source, formats=[job["format"]])
    if image.width * image.height > job["max_pixels"]:
        raise Refused("too_many_pixels")
    frames = getattr(image, "n_frames", 1)
    if frames > job["max_frames"]:
        raise Refused("too_many_frames")
    image.seek(0)
    profile = image.info.get("icc_profile")
    orientation = _orientation(image)
    width, height = image.size if orientation in range(1, 5) else image.size[::-1]
    if job["shapes"]:
        # A JPEG is decoded at half or a quarter of its size where that is enough.
        largest = 2 * max(shape["side"] for shape in job["shapes"])
        image.draft(None, (largest, largest))
    image.load()
    if image.mode.startswith("I"):
        # 16 bits a pixel, which Pillow would cut off at 255 and not scale.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode not in _KEPT_MODES and image.mode != "CMYK":
        image = image.convert("RGBA" if _has_alpha(image) else "RGB")
    drawings = [_drawing(image, profile, orientation, **shape) for shape in job["shapes"]]
    facts = [{"width": one.width, "height": one.height} for one in drawings]
    files = [_webp(one) for one in drawings]
    sizes = [fact | {"size": len(file)} for fact, file in zip(facts, files, strict=True)]
    return {"width": width, "height": height, "frames": frames, "drawings": sizes}, files


def _orientation(image: Image.Image) -> int:
    """How its pixels lie, 1 to 8 as EXIF counts; 1 where that can't be read, which makes no photo worse."""
    try:
        orientation = image.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001  # see main
        return 1
    return orientation if orientation in range(1, 9) else 1


def _has_alpha(image: Image.Image) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _drawing(image: Image.Image, profile: bytes | None, orientation: int, *, side: int, square: bool) -> Image.Image:
    """``image`` upright and in sRGB: a square of that side from its middle, or within ``side``, never enlarged."""
    if square:
        edge = min(image.size)
        left, top = (image.width - edge) // 2, (image.height - edge) // 2
        box, size = (left, top, left + edge, top + edge), (side, side)
    else:
        scale = min(1.0, side / max(image.size))
        box = (0, 0, *image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    # First smaller, then the colours: 50 megapixels of floating point would take seconds.
    small = image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    small = _in_srgb(small, profile)
    if orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[orientation])
    # Nothing of what the file said beside its pixels goes on.
    small.info.clear()
    return small


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        try:
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return image if image.mode in _KEPT_MODES else image.convert("RGB")


def _webp(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return buffer.getvalue()


def main() -> None:
    job = json.loads(sys.argv[1])
    limit_this_process(
        memory_bytes=job["max_memory_bytes"], seconds=job["max_seconds"], output_bytes=job["max_output_bytes"]
    )
    warnings.simplefilter("ignore")
    # We count ourselves, with a refusal of our own.
    Image.MAX_IMAGE_PIXELS = None
    files: list[bytes] = []
    try:
        answer, files = paint(sys.stdin.buffer, job)
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    except Exception:  # noqa: BLE001  # a decoder may raise anything at what isn't quite its format
        answer = {"refused": "unreadable"}
    out = sys.stdout.buffer
    out.write(json.dumps(answer).encode() + b"\n")
    for file in files:
        out.write(file)
    out.flush()


if __name__ == "__main__":
    main()
