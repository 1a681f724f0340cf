"""The comparison of two pictures: aligned, their changed regions found, moves and insertions told as one thing each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from beholder.evidence import Box, Comparison, Difference, TextLine
from beholder.perception.pairs.alignment import Alignment, Matrix, align, is_drawn
from beholder.perception.pairs.changes import Pixels, Rectangle, Region, changed_regions, joined, joined_box
from beholder.perception.pairs.kinds import PlacedText, Scene, judged, quoted, texts_in
from beholder.perception.pairs.moves import Move, Offset, Remainder, find_moves

Scale = tuple[float, float]

MOST_PIXELS: Final = 2_200_000
"""Larger pictures are compared reduced to this size: two megapixels, a full-HD screen."""

LEAST_CONFIDENCE: Final = 0.8
"""Lines read with less are left out: the same badly printed word is read differently twice."""

WIDE: Final = 0.4
"""A vertical move of a part this wide of the picture counts as the page making room, not as a thing that moved."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What leads from the working frame, the second picture reduced, back to both pictures' original pixels."""

    alignment: Alignment
    to_first: Matrix
    to_second: Matrix
    size: tuple[int, int]


def compare(
    first_pixels: Pixels,
    second_pixels: Pixels,
    first_lines: Sequence[TextLine] = (),
    second_lines: Sequence[TextLine] = (),
    scales: tuple[Scale, Scale] = ((1.0, 1.0), (1.0, 1.0)),
    *,
    places: tuple[int, int] = (0, 1),
) -> Comparison:
    """What differs between two pictures, `(height, width, 3)` uint8 sRGB, the most striking difference first.

    `first_lines` and `second_lines` are their texts with boxes in original pixels; `scales` are the factors from
    delivered to original pixels of each, as `Image.scale` gives them; `places` are the images' places in the job.
    Noise, compression, resampling, slight shifts, cropping and small turns are no differences. A difference's
    `box` is in the second picture's original pixels, `box_before` in the first's, and its score is what part of the
    largest possible change of the whole picture it is, as a square root: only its order matters.
    """
    first, reduced_first = _reduced(first_pixels)
    second, reduced_second = _reduced(second_pixels)
    first, second = _on_one_canvas(first, second)
    alignment = align(first, second)
    frame = Frame(
        alignment,
        _original(scales[0], reduced_first) @ _inverse(alignment.matrix),
        _original(scales[1], reduced_second),
        (second.shape[1], second.shape[0]),
    )
    if not alignment.is_comparable:
        return Comparison(*places, (), comparable=False)
    found = _differences(frame, second, first_lines, second_lines)
    limits = _limits(first_pixels, scales[0]), _limits(second_pixels, scales[1])
    told = (_told(frame, limits, difference) for difference in found)
    return Comparison(*places, tuple(sorted(told, key=lambda difference: -difference.score)))


@dataclass(frozen=True, slots=True)
class Found:
    """A difference in the working frame; `weight` is the sum of its pixels' changes in levels."""

    kind: str
    words: str
    box: Rectangle
    box_before: Rectangle
    weight: float


def _differences(
    frame: Frame, second: Pixels, first_lines: Sequence[TextLine], second_lines: Sequence[TextLine]
) -> list[Found]:
    alignment = frame.alignment
    scene = Scene(
        alignment.first,
        second,
        _placed(first_lines, _inverse(frame.to_first)),
        _placed(second_lines, _inverse(frame.to_second)),
    )
    regions = changed_regions(alignment.first, second, alignment.valid, alignment.slack)
    regions = joined(regions, [text.box for text in (*scene.first_texts, *scene.second_texts)])
    if not regions:
        return []
    moves, rest = find_moves(alignment.first, second, regions, _hints(scene, regions))
    found: list[Found] = []
    for move in moves:
        rest, difference = _told_move(scene, move, rest, frame.size[0])
        found.append(difference)
    return found + [_told_rest(scene, remainder) for remainder in rest]


def _told_rest(scene: Scene, remainder: Remainder) -> Found:
    """A region that no move explains, or the part of one that came or went where something else moved."""
    region, kind = remainder.region, remainder.kind
    if not kind:
        return Found(*judged(scene, region), region.box, region.box, region.weight)
    here, there = (scene.second_texts, scene.first_texts)[:: 1 if kind == "added" else -1]
    texts = texts_in(here, region.box)
    # What stands in both pictures only moved.
    texts = tuple(text for text in texts if text.text not in {other.text for other in there}) or texts
    words = f"{kind}: {quoted(texts) if texts else _thing(region.box)}"
    return Found(kind, words, region.box, region.box, region.weight)


def _thing(box: Rectangle) -> str:
    return f"something of {box[2] - box[0]}×{box[3] - box[1]} px"


def _hints(scene: Scene, regions: Sequence[Region]) -> Iterator[Offset]:
    """Offsets of the changed texts that stand once in each picture, at different places."""
    changed = [
        [text for text in texts if any(texts_in([text], region.box) for region in regions)]
        for texts in (scene.first_texts, scene.second_texts)
    ]
    for text in changed[0]:
        twins = [other for other in changed[1] if other.text == text.text]
        if len(twins) == 1 and sum(other.text == text.text for other in changed[0]) == 1:
            # Readers' boxes are off by a pixel or two, so the places around are tried as well, by the content.
            yield _refined_offset(scene, text, twins[0])


def _refined_offset(scene: Scene, before: PlacedText, after: PlacedText) -> Offset:
    """The whole-pixel offset near that of two boxes at which the first's pixels fit the second best."""
    guess = tuple(round((after.box[a] + after.box[a + 2] - before.box[a] - before.box[a + 2]) / 2) for a in (0, 1))
    height, width = scene.second.shape[:2]
    left, top = (max(0, int(before.box[a])) for a in (0, 1))
    right, bottom = min(width, int(before.box[2]) + 1), min(height, int(before.box[3]) + 1)
    template = scene.first[top:bottom, left:right]
    x, y = max(0, left + guess[0] - 5), max(0, top + guess[1] - 5)
    window = scene.second[y : y + bottom - top + 10, x : x + right - left + 10]
    if template.size == 0 or window.shape[0] < template.shape[0] or window.shape[1] < template.shape[1]:
        return guess[0], guess[1]
    _, _, _, (across, down) = cv2.minMaxLoc(cv2.matchTemplate(window, template, cv2.TM_CCOEFF_NORMED))
    return x + across - left, y + down - top


def _told_move(scene: Scene, move: Move, rest: Sequence[Remainder], width: int) -> tuple[tuple[Remainder, ...], Found]:
    """A move as one difference, with what was put in or taken out where the page made room; and what is left."""
    if move.offset[0] == 0 and move.box[2] - move.box[0] >= WIDE * width:
        low, high = sorted((move.box[1], move.box_before[1]))
        cause = [r for r in rest if low - 8 <= (r.region.box[1] + r.region.box[3]) / 2 <= high + 8]
        if cause:
            return tuple(r for r in rest if r not in cause), _told_insertion(scene, move, cause)
    name = texts_in(scene.second_texts, move.box)
    words = f"moved by {_spoken_offset(move.offset)}: {quoted(name) if name else _thing(move.box)}"
    return tuple(rest), Found("moved", words, move.box, move.box_before, move.weight)


def _told_insertion(scene: Scene, move: Move, cause: Sequence[Remainder]) -> Found:
    """What was put in, and that everything below it went down for it; or what was taken out."""
    down = move.offset[1]
    box = joined_box([remainder.region.box for remainder in cause])
    texts = texts_in(scene.second_texts if down > 0 else scene.first_texts, box)
    kind, side = ("added", "down") if down > 0 else ("removed", "up")
    words = f"{kind}: {quoted(texts) if texts else _thing(box)}; everything below it moved {side} by {abs(down)} px"
    return Found(kind, words, box, box, move.weight + sum(remainder.region.weight for remainder in cause))


def _spoken_offset(offset: Offset) -> str:
    across, down = offset
    parts = [f"{abs(across)} px {'right' if across > 0 else 'left'}"] if across else []
    parts += [f"{abs(down)} px {'down' if down > 0 else 'up'}"] if down else []
    return " and ".join(parts)


def _told(frame: Frame, limits: tuple[Box, Box], found: Found) -> Difference:
    width, height = frame.size
    return Difference(
        found.kind,
        f"{found.words} ({_place(found.box, frame.size)})",
        _mapped(found.box, frame.to_second, limits[1]),
        _mapped(found.box_before, frame.to_first, limits[0]),
        min(1.0, (found.weight / (255.0 * width * height)) ** 0.5),
    )


def _place(box: Rectangle, size: tuple[int, int]) -> str:
    """Where in the picture the middle of a box is: one of nine parts."""
    across = min(2, int(3 * (box[0] + box[2]) / 2 / size[0]))
    down = min(2, int(3 * (box[1] + box[3]) / 2 / size[1]))
    if across == down == 1:
        return "centre"
    if down == 1:
        return ("left", "", "right")[across]
    side = ("top", "", "bottom")[down]
    return f"{side} {('left', 'centre', 'right')[across]}"


def _placed(lines: Iterable[TextLine], matrix: Matrix) -> tuple[PlacedText, ...]:
    """The lines that were read surely enough to speak of a change in them, in the working frame."""
    sure = (line for line in lines if line.confidence >= LEAST_CONFIDENCE)
    return tuple(PlacedText(line.text, _mapped(line.box, matrix)) for line in sure)


def _mapped(box: Sequence[float], matrix: Matrix, limits: Box | None = None) -> Box:
    """The upright box around a box's corners under a transform, within `limits`."""
    corners = np.array([[box[x], box[y], 1] for x in (0, 2) for y in (1, 3)], np.float64) @ matrix.T
    points = corners[:, :2] / corners[:, 2:]
    low, high = points.min(axis=0), points.max(axis=0)
    if limits is not None:
        low, high = np.clip(low, limits[:2], limits[2:]), np.clip(high, limits[:2], limits[2:])
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), np.float64)


def _limits(pixels: Pixels, scale: Scale) -> Box:
    return 0.0, 0.0, pixels.shape[1] * scale[0], pixels.shape[0] * scale[1]


def _original(scale: Scale, reduced: float) -> Matrix:
    """From reduced to original pixels."""
    return np.diag([scale[0] / reduced, scale[1] / reduced, 1.0])


def _reduced(pixels: Pixels) -> tuple[Pixels, float]:
    factor = min(1.0, (MOST_PIXELS / (pixels.shape[0] * pixels.shape[1])) ** 0.5)
    if factor == 1.0:
        return pixels, 1.0
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), factor


def _on_one_canvas(first: Pixels, second: Pixels) -> tuple[Pixels, Pixels]:
    """Drawn pages of one width that differ in height, made equally high by repeating the last row."""
    height = max(first.shape[0], second.shape[0])
    if first.shape[1] != second.shape[1] or first.shape[0] == second.shape[0]:
        return first, second
    if min(first.shape[0], second.shape[0]) < 0.3 * height or not (is_drawn(first) and is_drawn(second)):
        return first, second
    return _padded(first, height), _padded(second, height)


def _padded(pixels: Pixels, height: int) -> Pixels:
    missing = height - pixels.shape[0]
    return np.asarray(cv2.copyMakeBorder(pixels, 0, missing, 0, 0, cv2.BORDER_REPLICATE), np.uint8)


def describe_differences(comparison: Comparison) -> str:
    """The comparison for a prompt: a line for each difference, numbered, the most striking first."""
    head = f"Images {comparison.first + 1} and {comparison.second + 1}"
    if not comparison.comparable:
        return f"{head} show different things altogether; no regions can be matched."
    if not comparison.differences:
        return f"{head} are the same picture: no differences."
    count = len(comparison.differences)
    lines = [f"{head}: {count} difference{'s' if count > 1 else ''}, the most striking first."]
    lines += [f"{n}. {_described(difference)}" for n, difference in enumerate(comparison.differences, start=1)]
    return "\n".join(lines)


def _described(difference: Difference) -> str:
    left, top, right, bottom = (round(value) for value in difference.box)
    return f"{difference.description} [{left}, {top}, {right}, {bottom}]"
