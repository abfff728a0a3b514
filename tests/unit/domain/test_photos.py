"""Photos are re-encoded: nothing of the original but its picture is kept, and what is no picture is refused."""

import io
import struct
import zlib

import pytest
from PIL import Image

from requests_app.privacy.photos import LONGEST_EDGE, MAX_BYTES, BadPhoto, ReadyPhoto, ready_photo

ORIENTATION, MAKER, GPS, ARTIST = 0x0112, 0x010F, 0x8825, 0x013B
RED, BLUE = (220, 20, 20), (20, 20, 220)


def picture(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red on its left half, blue on its right."""
    drawn = Image.new("RGB", size, BLUE)
    drawn.paste(RED, (0, 0, size[0] // 2, size[1]))
    return drawn


def jpeg(drawn: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (drawn or picture()).save(out, "JPEG", quality=95, **options)
    return out.getvalue()


def ready(upload: bytes) -> ReadyPhoto:
    return ready_photo(io.BytesIO(upload), len(upload))


def opened(photo: ReadyPhoto) -> Image.Image:
    return Image.open(io.BytesIO(photo.jpeg))


def is_red(colour: object) -> bool:
    red, _green, blue = colour  # type: ignore[misc]
    return bool(red > 150 and blue < 100)


def test_where_and_with_what_it_was_taken_is_removed() -> None:
    exif = Image.Exif()
    exif[MAKER], exif[ARTIST] = "Secret Camera", "Ana"
    exif.get_ifd(GPS).update({1: "N", 2: (43.0, 51.0, 2.0), 3: "W", 4: (79.0, 1.0, 9.0)})
    upload = jpeg(exif=exif, comment=b"my house", icc_profile=b"profile " * 20)
    assert Image.open(io.BytesIO(upload)).getexif().get_ifd(GPS)
    photo = ready(upload)
    kept = opened(photo)
    assert not kept.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp", "photoshop"} & set(kept.info)
    for word in (b"Secret", b"Ana", b"my house", b"Exif", b"profile"):
        assert word not in photo.jpeg


@pytest.mark.parametrize(("orientation", "corner"), [(1, (2, 2)), (3, (57, 2)), (6, (2, 2)), (8, (2, 57))])
def test_it_is_turned_upright(orientation: int, corner: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    photo = ready(jpeg(exif=exif))
    assert (photo.width, photo.height) == ((60, 40) if orientation in (1, 3) else (40, 60))
    assert is_red(opened(photo).convert("RGB").getpixel(corner))


def test_a_broken_orientation_is_no_reason_to_refuse() -> None:
    assert ready(jpeg(exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7fgarbage")).width == 60


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04 a zip file", b"GIF89a"])
def test_what_hangs_behind_the_picture_is_cut_off(tail: bytes) -> None:
    photo = ready(jpeg() + tail)
    assert tail not in photo.jpeg
    assert photo.jpeg.endswith(b"\xff\xd9")


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_formats_become_jpeg_on_white(form: str) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, form)
    photo = ready(out.getvalue())
    assert opened(photo).format == "JPEG"
    assert opened(photo).getpixel((10, 10)) == (255, 255, 255)


def test_a_large_one_is_made_smaller_and_keeps_its_shape() -> None:
    photo = ready(jpeg(picture((4000, 1000))))
    assert (photo.width, photo.height) == (LONGEST_EDGE, LONGEST_EDGE // 4)


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "upload",
    [
        png_that_claims(60_000, 60_000),
        png_that_claims(9_000, 9_000),
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><html><body>photo.jpg</body></html>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        jpeg()[:200],
        b"\xff\xd8\xff" + b"\x00" * 500,
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    ],
    ids=["bomb", "too many pixels", "empty", "svg", "html", "gif", "pdf", "eps", "half", "zeros", "webp head"],
)
def test_what_is_no_photo_is_refused_with_a_sentence(upload: bytes) -> None:
    with pytest.raises(BadPhoto) as refused:
        ready(upload)
    assert str(refused.value.sentence).endswith(".")


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadPhoto, match="10 MB"):
        ready_photo(io.BytesIO(b""), MAX_BYTES + 1)
