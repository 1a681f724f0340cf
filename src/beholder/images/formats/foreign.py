"""Names for files that are not supported, so that the error can say what came and what to do."""

from __future__ import annotations

import re

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"BM", "a BMP image"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"II+\0", "a BigTIFF image"),
    (0, b"MM\0+", "a BigTIFF image"),
    (0, b"\0\0\1\0", "an ICO icon"),
    (0, b"\0\0\2\0", "a CUR cursor"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (0, b"\xff\x0a", "a JPEG XL image"),
    (0, b"\x8aMNG", "an MNG animation"),
    (0, b"\x8bJNG", "a JNG image"),
    (0, b"qoif", "a QOI image"),
    (0, b"DDS ", "a DDS texture"),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR image"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"\x1aE\xdf\xa3", "a WebM or Matroska video"),
    (8, b"AVI ", "an AVI video"),
    (8, b"WAVE", "a WAVE sound"),
    (0, b"FLV\1", "a Flash video"),
    (0, b"ID3", "an MP3 sound"),
    (0, b"OggS", "an Ogg file"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (128, b"DICM", "a DICOM image"),
)

_BRANDS = (
    (frozenset({b"avif", b"avis"}), "an AVIF image"),
    (frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}), "a HEIC image"),
    (frozenset({b"crx "}), "a Canon raw image"),
)
"""Brands of the ISO base media format (ISO/IEC 23008-12, annex B; AVIF specification); any other is a video."""

_ADVICE = {
    "a HEIC image": "an iPhone's own format: export it as JPEG",
    "an HTML page": "the address leads to a web page: use the address of the picture itself",
    "a PDF document": "send its pages as images",
}


def describe(data: bytes) -> str:
    """What the file is, with an article: "a HEIC image", "an HTML page", "data of no known kind"."""
    if data[4:8] == b"ftyp":
        return _brand(data)
    if b"%PDF-" in data[:1024]:
        return "a PDF document"
    for offset, magic, name in _MAGIC:
        if data.startswith(magic, offset):
            return name
    return _text(data[:4096])


def advice(name: str) -> str:
    """What to do with a file of that name."""
    return _ADVICE.get(name, "convert it first")


def _brand(data: bytes) -> str:
    length = min(int.from_bytes(data[:4], "big"), 256)
    # The major brand first; the compatible ones say what a generic major brand (mif1) really is.
    brands = [data[8:12], *(data[start : start + 4] for start in range(16, length, 4))]
    for known, name in _BRANDS:
        if brands[0] in known - {b"mif1", b"msf1"}:
            return name
    return next(
        (name for known, name in _BRANDS if known.intersection(brands)),
        "a video or another ISO media file (MP4, QuickTime)",
    )


def _text(data: bytes) -> str:
    """Which kind of text, if it is text at all."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text = data.decode("utf-16", "ignore")
    else:
        text = data.decode("utf-8-sig", "ignore")
        # A cut through a character loses three bytes at most; binary data lose far more.
        if len(text.encode()) < len(data) - 6:
            return "data of no known kind"
    if not text or any(character < " " and character not in "\t\n\r\f\x1b" for character in text):
        return "data of no known kind"
    start = text.lstrip()[:1024].lower()
    if re.match(r"(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b", start, re.DOTALL):
        return "an HTML page"
    if re.match(r"(<\?xml.*?\?>\s*|<!--.*?-->\s*|<!doctype svg.*?>\s*)*<svg\b", start, re.DOTALL):
        return "an SVG drawing"
    if start.startswith("<?xml") or re.match(r"<[a-z]", start):
        return "an HTML page" if "<html" in start else "an XML document"
    return "JSON text" if re.match(r"[{\[]", start) else "plain text"
