"""Ways to damage a file: blind ones on its bytes, and knowing ones on its chunks, segments and header fields."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import TypeAlias

from fuzz_seeds import Seed

Mutation: TypeAlias = Callable[[random.Random, Seed, bytes, Sequence[Seed]], bytes]

EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
HOW_MANY = (1, 1, 1, 2, 2, 3, 4)
"""Mutations of one file: few, so that many files come as far as the decoders."""
FOREIGN_SHARE = 0.06
MOST_BYTES = 200_000
"""Duplication must not make files grow without end."""


def mutate(chance: random.Random, seeds: Sequence[Seed]) -> tuple[Seed, list[str], bytes]:
    """A seed, the names of what was done to it, and the damaged file."""
    is_foreign = chance.random() < FOREIGN_SHARE
    seed = chance.choice([each for each in seeds if (each.format == "foreign") == is_foreign])
    data, names = seed.data, []
    for _ in range(chance.choice(HOW_MANY)):
        mutation = chance.choice(MUTATIONS)
        names.append(mutation.__name__)
        data = mutation(chance, seed, data, seeds)[:MOST_BYTES]
    # Without this, nearly every damaged PNG would end at a checksum and nothing behind it would be tried.
    if seed.format == "PNG" and chance.random() < 0.7:
        names.append("repair_checksums")
        data = repair_checksums(data)
    return seed, names, data


def _place(chance: random.Random, data: bytes) -> int:
    """A place in the file, more often near its beginning."""
    return chance.randrange(min(len(data), chance.choice((32, 128, 1024, len(data) or 1)))) if data else 0


def _put(data: bytes, place: int, new: bytes) -> bytes:
    return data[:place] + new + data[place + len(new) :]


def flip_bits(chance: random.Random, _seed: Seed, data: bytes, _seeds: Sequence[Seed]) -> bytes:
    """One to sixteen bits turned over."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 16) if data else 0):
        changed[_place(chance, data)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwrite(chance: random.Random, _seed: Seed, data: bytes, _seeds: Sequence[Seed]) -> bytes:
    """Some bytes in a row replaced by others."""
    return _put(data, _place(chance, data), chance.randbytes(chance.randint(1, 32)))


def write_extreme(chance: random.Random, _seed: Seed, data: bytes, _seeds: Sequence[Seed]) -> bytes:
    """An extreme number of one, two or four bytes, in either byte order."""
    width = chance.choice((1, 2, 4))
    number = chance.choice(EXTREMES) & ((1 << 8 * width) - 1)
    return _put(data, _place(chance, data), number.to_bytes(width, chance.choice(("little", "big"))))


def truncate(chance: random.Random, _seed: Seed, data: bytes, _seeds: Sequence[Seed]) -> bytes:
    """Cut short anywhere."""
    return data[: chance.randrange(len(data) + 1)]


def delete(chance: random.Random, _seed: Seed, data: bytes, _seeds: Sequence[Seed]) -> bytes:
    """Some bytes left out."""
    place = _place(chance, data)
    return data[:place] + data[place + chance.randint(1, 64) :]


def insert(chance: random.Random, _seed: Seed, data: bytes, _seeds: Sequence[Seed]) -> bytes:
    """Some bytes put in between: random, zeros or 0xFF."""
    place, length = _place(chance, data), chance.randint(1, 64)
    return data[:place] + chance.choice((chance.randbytes(length), bytes(length), b"\xff" * length)) + data[place:]


def duplicate(chance: random.Random, _seed: Seed, data: bytes, _seeds: Sequence[Seed]) -> bytes:
    """A range that comes several times."""
    place = _place(chance, data)
    piece = data[place : place + chance.randint(1, 256)]
    return data[:place] + piece * chance.randint(2, 20) + data[place + len(piece) :]


def splice(chance: random.Random, _seed: Seed, data: bytes, seeds: Sequence[Seed]) -> bytes:
    """The beginning of one file and the end of another."""
    other = chance.choice(seeds).data
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other)) :]


def operate(chance: random.Random, seed: Seed, data: bytes, seeds: Sequence[Seed]) -> bytes:
    """Chunks or segments dropped, doubled, exchanged, or taken from another file of the format."""
    head, pieces = take_apart(seed.format, data)
    if not pieces:
        return flip_bits(chance, seed, data, seeds)
    place, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
    match chance.randrange(4):
        case 0:
            del pieces[place]
        case 1:
            pieces.insert(other, pieces[place])
        case 2:
            pieces[place], pieces[other] = pieces[other], pieces[place]
        case _:
            donor = chance.choice([each for each in seeds if each.format == seed.format])
            pieces.insert(place, chance.choice(take_apart(donor.format, donor.data)[1] or [b""]))
    return head + b"".join(pieces)


def set_field(chance: random.Random, seed: Seed, data: bytes, seeds: Sequence[Seed]) -> bytes:
    """A field of a header (width, height, bits, colours, lengths, canvas) at an extreme."""
    fields = [
        (data.find(marker) + offset, width, order)
        for marker, offset, width, order in FIELDS.get(seed.format, ())
        if marker in data
    ]
    if not fields:
        return write_extreme(chance, seed, data, seeds)
    for place, width, order in chance.sample(fields, min(len(fields), chance.randint(1, 2))):
        number = chance.choice((*EXTREMES, chance.getrandbits(8 * width))) & ((1 << 8 * width) - 1)
        data = _put(data, place, number.to_bytes(width, "big" if order == "big" else "little"))
    return data


def damage_inflated(chance: random.Random, seed: Seed, data: bytes, seeds: Sequence[Seed]) -> bytes:
    """A PNG's pixel rows damaged under the compression: wrong filters, too few or too many bytes."""
    head, pieces = take_apart(seed.format, data)
    places = [place for place, piece in enumerate(pieces) if seed.format == "PNG" and piece[4:8] == b"IDAT"]
    try:
        rows = zlib.decompressobj().decompress(pieces[places[0]][8:-4], 1_000_000)
    except (IndexError, zlib.error):
        return overwrite(chance, seed, data, seeds)
    rows = chance.choice((flip_bits, overwrite, truncate, duplicate))(chance, seed, rows, seeds)
    pieces[places[0]] = _png_chunk(b"IDAT", zlib.compress(rows))
    return head + b"".join(pieces)


MUTATIONS: tuple[Mutation, ...] = (
    *(flip_bits, overwrite, write_extreme, truncate, delete, insert, duplicate, splice),
    # The knowing ones twice: they come past the first check.
    *(operate, set_field, damage_inflated, operate, set_field, damage_inflated),
)

FIELDS: dict[str, tuple[tuple[bytes, int, int, str], ...]] = {
    "PNG": (
        *((b"IHDR", offset, width, "big") for offset, width in ((-4, 4), (4, 4), (8, 4), (12, 1), (13, 1), (16, 1))),
        *((b"acTL", 4, 4, "big"), (b"fcTL", 8, 4, "big"), (b"fcTL", 12, 4, "big"), (b"iCCP", -4, 4, "big")),
        *((b"IDAT", -4, 4, "big"), (b"PLTE", -4, 4, "big"), (b"tRNS", -4, 4, "big"), (b"eXIf", -4, 4, "big")),
    ),
    "JPEG": tuple(
        (marker, offset, width, "big")
        for marker in (b"\xff\xc0", b"\xff\xc2")
        for offset, width in ((0, 2), (2, 2), (4, 1), (5, 2), (7, 2), (9, 1), (11, 1), (12, 1))
    )
    + tuple(
        (marker, 2, 2, "big")
        for marker in (b"\xff\xc4", b"\xff\xdb", b"\xff\xda", b"\xff\xdd", b"\xff\xe1", b"\xff\xe2")
    )
    + ((b"\xff\xdd", 4, 2, "big"), (b"Exif\0\0", 10, 4, "big"), (b"Exif\0\0", 14, 2, "big")),
    "GIF": (
        *((b"GIF8", offset, width, "little") for offset, width in ((6, 2), (8, 2), (10, 1), (11, 1))),
        *(
            (b"\x2c\0\0\0\0", offset, width, "little")
            for offset, width in ((1, 2), (3, 2), (5, 2), (7, 2), (9, 1), (10, 1))
        ),
        *((b"\x21\xf9", offset, 1, "little") for offset in (2, 3, 6)),
    ),
    "WebP": (
        *((b"RIFF", 4, 4, "little"), (b"VP8X", 4, 4, "little"), (b"VP8X", 8, 1, "little"), (b"VP8X", 12, 3, "little")),
        *(
            (b"VP8X", 15, 3, "little"),
            (b"VP8 ", 4, 4, "little"),
            (b"VP8 ", 14, 2, "little"),
            (b"VP8 ", 16, 2, "little"),
        ),
        *((b"VP8L", 4, 4, "little"), (b"VP8L", 9, 4, "little"), (b"ALPH", 4, 4, "little"), (b"ALPH", 8, 1, "little")),
        *((b"ANMF", 4, 4, "little"), (b"ANMF", 14, 3, "little"), (b"EXIF", 4, 4, "little"), (b"ICCP", 4, 4, "little")),
    ),
}
"""Header fields as (marker, offset from its first byte, bytes, byte order). Sources: PNG 11.2, ITU-T T.81 B.2, GIF89a,
RFC 9649."""


def take_apart(format: str, data: bytes) -> tuple[bytes, list[bytes]]:
    """What stands before the pieces, and the pieces: chunks of PNG and WebP, segments of JPEG. Nothing is lost."""
    if format == "PNG" and data.startswith(PNG_SIGNATURE):
        return PNG_SIGNATURE, _cut(data, 8, lambda place: 12 + struct.unpack_from(">I", data, place)[0])
    if format == "WebP" and data.startswith(b"RIFF"):
        return data[:12], _cut(data, 12, lambda place: 8 + (struct.unpack_from("<I", data, place + 4)[0] + 1) // 2 * 2)
    if format == "JPEG" and data.startswith(b"\xff\xd8"):
        return data[:2], _cut(data, 2, lambda place: 2 + struct.unpack_from(">H", data, place + 2)[0])
    return b"", []


def _cut(data: bytes, place: int, length: Callable[[int], int]) -> list[bytes]:
    pieces = []
    while place + 8 <= len(data):
        end = place + length(place)
        pieces.append(data[place:end])
        place = end
    return [*pieces, data[place:]]


def repair_checksums(data: bytes) -> bytes:
    """A PNG with the checksum of each chunk made right; anything else as it is."""
    head, pieces = take_apart("PNG", data)
    whole = [_png_chunk(each[4:8], each[8:-4]) if _is_whole(each) else each for each in pieces]
    return head + b"".join(whole) if pieces else data


def _is_whole(chunk: bytes) -> bool:
    return len(chunk) >= 12 and len(chunk) == 12 + struct.unpack_from(">I", chunk)[0]


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
