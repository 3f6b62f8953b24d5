"""What is taken for an image, how it is drawn, and what becomes of images made to do harm."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageOps

from media import sandbox
from media.errors import UnsupportedMedia
from media.images import Shape, draw, image_format
from pulse.lib.errors import DomainError, TooLarge
from tests.media.pictures import BLUE, GREEN, RED, halves, is_nearly, opened, picture, shared_files
from tests.together import at_once

SQUARE = [Shape(side=128, square=True)]


def drawn(data: bytes, shape: Shape = SQUARE[0], **options: Any) -> Image.Image:
    return opened(draw(BytesIO(data), shapes=[shape], **options).drawings[0].webp)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_accepted_format_becomes_a_webp_square_from_its_middle(format: str) -> None:
    image = draw(BytesIO(halves(format, size=(400, 100))), shapes=SQUARE)
    assert (image.format, image.width, image.height) == (format, 400, 100)
    shown = opened(image.drawings[0].webp)
    assert (shown.format, shown.size) == ("WEBP", (128, 128))
    assert is_nearly(shown.getpixel((10, 64)), RED)
    assert is_nearly(shown.getpixel((118, 64)), BLUE)


def test_a_picture_keeps_its_shape_where_no_square_is_asked_for_and_is_never_enlarged() -> None:
    assert drawn(picture(size=(800, 400)), Shape(side=200)).size == (200, 100)
    assert drawn(picture(size=(80, 40)), Shape(side=200)).size == (80, 40)
    assert drawn(picture(size=(2000, 1)), Shape(side=100)).size == (100, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_however_the_camera_was_held(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = halves("JPEG", size=(300, 200), exif=exif)
    expected = ImageOps.exif_transpose(opened(data))
    image = draw(BytesIO(data), shapes=[Shape(side=300)])
    shown = opened(image.drawings[0].webp)
    assert (image.width, image.height) == shown.size == expected.size
    for x, y in ((20, 20), (shown.width - 20, 20), (20, shown.height - 20)):
        assert is_nearly(shown.getpixel((x, y)), expected.getpixel((x, y)))  # type: ignore[arg-type]  # three numbers


def test_nothing_the_file_said_beside_its_pixels_is_left() -> None:
    exif = Image.Exif()
    exif[0x010E] = "At home"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>at home, too</x:xmpmeta>"
    data = halves("JPEG", exif=exif, xmp=xmp, comment=b"at home, again")
    assert b"At home" in data
    webp = draw(BytesIO(data), shapes=SQUARE).drawings[0].webp
    assert b"home" not in webp.lower()
    assert not opened(webp).getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & set(opened(webp).info)


def test_an_odd_or_a_broken_colour_profile_spoils_no_picture() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    plain = drawn(picture("PNG", color=GREEN))
    assert is_nearly(plain.getpixel((64, 64)), GREEN)
    assert is_nearly(drawn(picture("PNG", color=GREEN, icc_profile=b"garbage")).getpixel((64, 64)), GREEN)
    assert drawn(picture("PNG", color=GREEN, icc_profile=profile)).size == (128, 128)


def test_sixteen_bits_a_pixel_and_transparency_come_out_right() -> None:
    buffer = BytesIO()
    Image.new("I;16", (200, 200), 40_000).save(buffer, "PNG")
    assert is_nearly(drawn(buffer.getvalue()).getpixel((64, 64)), (156, 156, 156))
    clear = drawn(picture("PNG", color=(*RED, 0)))
    assert clear.mode == "RGBA"
    assert clear.getpixel((64, 64))[3] == 0  # type: ignore[index]  # four numbers


def test_of_an_animation_the_first_frame_is_drawn() -> None:
    frames = [Image.new("RGB", (64, 64), color) for color in (RED, BLUE, GREEN)]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    image = draw(BytesIO(buffer.getvalue()), shapes=SQUARE)
    assert image.frames == 3
    assert is_nearly(opened(image.drawings[0].webp).getpixel((64, 64)), RED)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF", b"%PDF-1.7", b"BM" + bytes(100), b"II*\0" + bytes(100), b"8BPS" + bytes(100), b"%!PS-Adobe-3.0",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", b"\xff\xd8", bytes(64),
    ],
)  # fmt: skip
def test_what_is_no_image_of_an_accepted_kind_reaches_no_decoder(data: bytes) -> None:
    assert image_format(data[:64]) is None
    with pytest.raises(UnsupportedMedia, match="Choose a JPEG"):
        draw(BytesIO(data), shapes=SQUARE)


def test_a_file_that_says_it_is_something_else_is_refused() -> None:
    with pytest.raises(UnsupportedMedia, match="is image/png"):
        drawn(picture("PNG"), declared="image/jpeg")
    for declared in ("image/png", "IMAGE/PNG; x=1", "application/octet-stream", ""):
        assert drawn(picture("PNG"), declared=declared).size == (128, 128)


def test_half_an_image_and_a_broken_one_are_refused() -> None:
    whole = halves("JPEG")
    for data in (
        whole[: len(whole) // 2],
        picture("PNG")[:60],
        b"\xff\xd8\xff\xe0" + bytes(500),
        b"GIF89a" + bytes(50),
    ):
        with pytest.raises(UnsupportedMedia, match="can’t be read"):
            draw(BytesIO(data), shapes=SQUARE)


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    with pytest.raises(TooLarge, match="50 million pixels"):
        draw(BytesIO(png_of(60_000, 60_000)), shapes=SQUARE)
    frames = [Image.new("1", (1, 1), number % 2) for number in range(1_002)]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=20)
    with pytest.raises(TooLarge, match="frames"):
        draw(BytesIO(buffer.getvalue()), shapes=SQUARE)


@pytest.mark.parametrize(
    "harm",
    [
        "bytearray(600 * 1024 * 1024)",
        "(lambda: [None for _ in iter(int, 1)])()",
        "__import__('time').sleep(60)",
        "__import__('os').kill(__import__('os').getpid(), 11)",
        "sys.stdout.buffer.write(bytes(4096)) and [sys.stdout.buffer.write(bytes(1 << 20)) for _ in range(99)]",
    ],
    ids=["memory", "work", "sleep", "crash", "output"],
)
def test_whatever_a_decoder_is_talked_into_ends_with_its_own_process(harm: str, tmp_path: Path) -> None:
    program = tmp_path / "decoder.py"
    program.write_text(
        "import resource, sys\n"
        "for name, most in (('AS', 400 << 20), ('CPU', 1), ('FSIZE', 1 << 20)):\n"
        "    resource.setrlimit(getattr(resource, f'RLIMIT_{name}'), (most, most))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        f"try:\n    {harm}\nexcept MemoryError:\n    import os; os.abort()\n"
    )
    with (tmp_path / "source").open("w+b") as source, pytest.raises(sandbox.Broken):
        sandbox.run(program, "{}", source=source, seconds=4)


def test_only_so_many_wait_for_their_turn(tmp_path: Path) -> None:
    program = tmp_path / "slow.py"
    program.write_text("import time; time.sleep(1.5); print('done')\n")

    def attempt() -> str:
        with TemporaryFile() as source:
            try:
                return sandbox.run(program, "{}", source=source, seconds=10).decode().strip()
            except sandbox.Busy:
                return "busy"

    places = sandbox.MOST_AT_ONCE + sandbox.MOST_WAITING
    assert sorted(at_once([attempt] * (places + 3))) == ["busy"] * 3 + ["done"] * places
    assert attempt() == "done"


def test_the_program_that_reads_images_knows_no_secret_of_ours(tmp_path: Path) -> None:
    program = tmp_path / "nosy.py"
    program.write_text("import os, sys\nprint(sorted(os.environ), sys.path[0], os.getcwd())\n")
    with (tmp_path / "source").open("w+b") as source:
        seen = sandbox.run(program, "{}", source=source, seconds=10).decode()
    assert "SECRET_KEY" not in seen
    assert str(tmp_path) not in seen


@pytest.mark.parametrize("path", shared_files(), ids=lambda path: path.name)
def test_every_shared_file_is_drawn_or_refused_with_a_reason(path: Path) -> None:
    taken = {".gif", ".webp", ".jpg", ".png", ".apng", ".avif"}
    refused = {"decompression_bomb.gif", "html_disguised_as.png", "png_decompression_dos.png"}
    refused |= {"truncated_image.png", "truncated_jpeg.jpg"}
    with path.open("rb") as source:
        if path.suffix in taken and path.name not in refused:
            assert len(draw(source, shapes=SQUARE).drawings[0].webp) > 100
        else:
            with pytest.raises(DomainError) as error:
                draw(source, shapes=SQUARE)
            assert error.value.status in {413, 415}
