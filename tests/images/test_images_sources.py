"""Data URIs, paths and what is neither."""

from __future__ import annotations

import base64
import tracemalloc
from pathlib import Path

import pytest
from image_files import encoded, four_corners
from image_requests import data_uri, load, loading, reference, refusal
from PIL import Image

from beholder.errors import ImageError
from beholder.images.fault import ImageFault
from beholder.images.source import read_data_uri
from beholder.types import Job, Turn

PICTURE = encoded(four_corners(), "PNG")
TEXT = base64.b64encode(PICTURE).decode()
# 0xFB 0xEF 0xFF... makes '+' and '/' certain somewhere in a lossless picture of noise.
NOISE = encoded(Image.effect_noise((40, 41), 90), "PNG")


@pytest.mark.parametrize(
    "uri",
    [
        f"DATA:image/PNG;BASE64,{TEXT}",
        f"data:;base64,{TEXT}",
        f"data:image/png;charset=utf-8;base64,{TEXT}",
        f"data:image/png; base64 ,{TEXT}",
        "data:image/png;base64," + "\r\n".join(TEXT[start : start + 76] for start in range(0, len(TEXT), 76)),
        f"  data:image/png;base64, {TEXT}\t\n",
        f"data:image/png;base64,{TEXT.rstrip('=')}",
        f"data:image/png;base64,{base64.urlsafe_b64encode(NOISE).decode()}",
        f"data:image/png;base64,{base64.urlsafe_b64encode(NOISE).decode().rstrip('=')}",
    ],
    ids=["case", "no type", "parameters", "spaces in head", "lines", "around", "no padding", "URL-safe", "both"],
)
async def test_data_uri_spellings(uri: str) -> None:
    """Every spelling of a base64 data URI that means one thing only is read."""
    image = await load(uri)
    assert "PNG" == image.format


@pytest.mark.parametrize("declared", ["image/jpeg", "image/svg+xml", "text/html", "application/pdf", "video/mp4", "x"])
async def test_declared_type_is_not_looked_at(declared: str) -> None:
    """The bytes alone say what a file is: a picture passes under any type, a page under none."""
    assert "PNG" == (await load(data_uri(PICTURE, declared))).format
    error = await refusal(data_uri(b"<!DOCTYPE html><html></html>", declared))
    assert "unsupported_image_media_type" == error.code
    assert "an HTML page" in error.message


def test_noise_needs_both_alphabets() -> None:
    """The picture behind the URL-safe cases really uses characters of that alphabet."""
    assert {"-", "_"} <= set(base64.urlsafe_b64encode(NOISE).decode())


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("data:image/png;base64", "no comma"),
        (f"data:image/png,{TEXT}", "only base64 data URIs"),
        ("data:image/svg+xml;utf8,<svg/>", "only base64 data URIs"),
        (f"data:image/png;base64,{TEXT[:-9]}*{TEXT[-8:]}", "'*'"),
        (f"data:image/png;base64,{TEXT[:8]}é{TEXT[8:]}", "character 9"),
        ("data:image/png;base64,iVBORw0KG=goAAA", "'='"),
        ("data:image/png;base64,iVBORw0KGgoA===", "wrong padding"),
        ("data:image/png;base64,iVBOR", "wrong length"),
        ("data:image/png;base64,iVBORw0KGgo%3D", "'%'"),
        ("data:image/png;base64,,iVBORw0KGgo=", "','"),
        ("data:image/png;base64,\ufeffiVBORw0KGgo=", "character 1"),
        ("data:image/png;base64,iVBORw0KGgo＝", "character 12"),
        ("data:image/png;base64,iVBORw0K\0Ggo=", "'\\x00'"),
        ("data:image/png;base64,====", "wrong padding"),
        ("data:image/png;base64,iVBORw0KGgo==", "wrong padding"),
        (f"data:{'x' * 2000};base64,{TEXT}", "no comma"),
    ],
)
async def test_bad_base64(uri: str, words: str) -> None:
    """A payload that is not base64, or not cleanly, is refused with what is wrong in it."""
    error = await refusal(uri)
    assert "invalid_base64_image" == error.code
    assert words in error.message


@pytest.mark.parametrize("payload", ["", "  \n", "===="[:0]])
async def test_empty_payload(payload: str) -> None:
    """No bytes at all are an empty file."""
    error = await refusal(f"data:image/png;base64,{payload}")
    assert "empty_image_file" == error.code


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("file:///etc/passwd", "'file:'"),
        ("FILE:///etc/passwd", "'file:'"),
        ("ftp://example.com/a.png", "'ftp:'"),
        ("javascript:alert(1)", "'javascript:'"),
        ("/etc/passwd", "'/etc/passwd'"),
        ("picture.png", "'picture.png'"),
        ("", "an empty string"),
        (TEXT, "bare base64 of a PNG"),
    ],
)
async def test_other_references(source: str, words: str) -> None:
    """Anything but an http(s) URL or a data URI is refused; files of the server are never opened for a client."""
    error = await refusal(source)
    assert "invalid_image_url" == error.code
    assert words in error.message


async def test_path_of_the_command_line(tmp_path: Path) -> None:
    """A reference that says it is a path is read from disk."""
    (tmp_path / "a.jpg").write_bytes(PICTURE)
    ref = reference(str(tmp_path / "a.jpg"), is_path=True)
    async with loading() as loader:
        (image,) = (await loader.load(Job((Turn("user", (ref,)),)))).images()
    assert "PNG" == image.format


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("missing.png", "image_file_not_found"),
        (".", "image_file_not_found"),
        ("nul\0byte", "image_file_not_found"),
        ("empty.png", "empty_image_file"),
        ("large.png", "image_file_too_large"),
    ],
)
async def test_unreadable_path(tmp_path: Path, name: str, code: str) -> None:
    """A path that cannot be read says which and why, and the limits hold for files too."""
    (tmp_path / "empty.png").touch()
    (tmp_path / "large.png").write_bytes(bytes(2000))
    async with loading(max_image_bytes=1999) as loader:
        with pytest.raises(ImageError) as caught:
            await loader.load(Job((Turn("user", (reference(f"{tmp_path}/{name}", is_path=True),)),)))
    assert code == caught.value.code


def test_a_plain_payload_is_copied_once() -> None:
    """Decoding a data URI takes its text once more and the file; with spaces in it, three times its text at most."""
    file = bytes(range(256)) * 4096
    plain, lines = data_uri(file), f"data:;base64,{base64.encodebytes(file).decode()}"
    for uri, most in ((plain, len(plain) + len(file)), (lines, 3 * len(lines))):
        tracemalloc.start()
        assert file == read_data_uri(uri, len(file))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < most + 10_000


@pytest.mark.parametrize("length", [2998, 2999, 3000])
def test_the_limit_is_for_the_file(length: int) -> None:
    """A file of the limit passes however many spaces its text has, one of a byte more does not."""
    file = bytes(length)
    spaced = "data:;base64," + "  ".join(base64.b64encode(file).decode())
    assert file == read_data_uri(spaced, length)
    with pytest.raises(ImageFault) as caught:
        read_data_uri(spaced, length - 1)
    assert "image_file_too_large" == caught.value.code


async def test_same_digest_for_same_bytes() -> None:
    """The digest is that of the encoded bytes, however they were spelled in the request."""
    one, other = await load(data_uri(PICTURE)), await load(f"data:;base64,\n{TEXT}")
    assert one.digest == other.digest
    assert 64 == len(one.digest)
