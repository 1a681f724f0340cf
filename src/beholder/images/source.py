"""The bytes behind a reference that needs no network: a data URI, or a file path given on the command line."""

from __future__ import annotations

import binascii
import re
from pathlib import Path
from typing import Literal

import pybase64

from beholder.images.fault import ImageFault, empty_file, too_many_bytes
from beholder.types import ImageRef

Kind = Literal["path", "data", "url"]

HEADER_LIMIT = 1024
"""Characters in which the comma of a data URI must come: media type and parameters are a few dozen in practice."""

_BASE64_STARTS = {"/9j/": "JPEG", "iVBOR": "PNG", "R0lGOD": "GIF", "UklGR": "WebP"}
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_WHITESPACE = b" \t\r\n\x0b\x0c"
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def kind(ref: ImageRef) -> Kind:
    """What sort of reference it is, by its first characters. Raises `ImageFault` for one that is none of the three."""
    if ref.is_path:
        return "path"
    start = ref.source[:64].lstrip().lower()
    if start.startswith("data:"):
        return "data"
    if start.startswith(("http://", "https://")):
        return "url"
    raise ImageFault("invalid_image_url", f"expected an http(s) URL or a base64 data URI, got {_describe(ref.source)}")


def _describe(source: str) -> str:
    """What a reference of no known sort seems to be, with the way out."""
    text = source.strip()
    for start, name in _BASE64_STARTS.items():
        if text.startswith(start):
            return f"bare base64 of a {name}; write 'data:image/{name.lower()};base64,' before it"
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]{0,20}):", text)
    if scheme:
        return f"a '{scheme[1].lower()}:' address; send the picture itself as a data URI"
    return "an empty string" if not text else f"{text[:40]!r}; send the picture itself as a data URI"


def read_file(path: str, limit: int) -> bytes:
    """The bytes of a file of at most `limit` bytes. Raises `ImageFault`."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a valid path"
        raise ImageFault("image_file_not_found", f"cannot read the file {path!r}: {reason}") from error
    if len(data) > limit:
        raise too_many_bytes(limit)
    if not data:
        raise empty_file()
    return data


def read_data_uri(uri: str, limit: int) -> bytes:
    """The bytes in a base64 data URI, at most `limit`; whatever media type it declares is not looked at.

    Whitespace, the URL-safe alphabet and missing padding are accepted. Raises `ImageFault` for anything else, and for
    a payload over the limit before any of it is decoded.
    """
    comma = uri.find(",", 0, HEADER_LIMIT)
    if comma < 0:
        raise _invalid("a data URI looks like 'data:image/png;base64,iVBOR…', and this one has no comma")
    if not re.search(r";\s*base64\s*$", uri[:comma], re.IGNORECASE):
        raise _invalid("only base64 data URIs are supported: write 'data:image/png;base64,' and the file in base64")
    payload = uri[comma + 1 :]
    if not payload:
        raise empty_file()
    # Four characters carry three bytes; only spaces can make a small file's text longer than this.
    if len(payload) > _encoded_length(limit):
        return _decode_tolerantly(payload, limit)
    try:
        data = pybase64.b64decode(payload, validate=True)
    except ValueError:
        return _decode_tolerantly(payload, limit)
    return _checked(data, limit)


def _encoded_length(limit: int) -> int:
    return (limit + 2) // 3 * 4


def _decode_tolerantly(payload: str, limit: int) -> bytes:
    """Decode once more, with whitespace removed, the URL-safe alphabet translated and the padding made whole."""
    try:
        compact = payload.encode("ascii").translate(_URL_SAFE, _WHITESPACE)
    except UnicodeEncodeError as error:
        raise _invalid(f"character {error.start + 1} of the base64 text is not an ASCII character") from error
    padding = len(compact[-4:]) - len(compact[-4:].rstrip(b"="))
    length = len(compact) - padding
    missing = -length % 4
    if length * 3 // 4 > limit:
        raise too_many_bytes(limit)
    if missing == 3 or padding not in {0, missing}:
        raise _not_base64(compact)
    try:
        data = pybase64.b64decode(compact if padding else compact + b"=" * missing, validate=True)
    except binascii.Error as error:
        raise _not_base64(compact) from error
    return _checked(data, limit)


def _not_base64(text: bytes) -> ImageFault:
    """What is wrong with a text without spaces; looked for only now, since that takes ten times as long as decoding."""
    if stray := _NOT_BASE64.search(text.rstrip(b"=")):
        return _invalid(f"the base64 text holds {chr(stray[0][0])!r}, which is no base64 character (RFC 4648)")
    return _invalid("the base64 text has a wrong length or wrong padding; it may be cut short")


def _checked(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise too_many_bytes(limit)
    if not data:
        raise empty_file()
    return data


def _invalid(message: str) -> ImageFault:
    return ImageFault("invalid_base64_image", message)
