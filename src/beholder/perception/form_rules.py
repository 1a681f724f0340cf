"""Lines drawn to write on: which rules are such lines, and which words stand on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beholder.evidence import Box, TextLine, Word
from beholder.perception.form_pieces import LABEL_END, MARK, Piece, is_name
from beholder.perception.rules import BRIDGED, Rules

MARGIN: Final = 0.05
"""The part of the text's width by which a rule that parts the page may end before the text does."""
MEETING: Final = 6.0
"""Pixels between the ends of rules that meet."""
COVERED: Final = 0.6
"""The part of a gap in a rule that words cover at least if they broke it."""
INSIDE: Final = 0.75
"""The part of such a word that stands within the gap at most."""
ON: Final = 0.25
"""The part of a word's width over a rule from which on it counts as being over it."""


def lines_to_write_on(lines: Sequence[TextLine], rules: Rules) -> tuple[Box, ...]:
    """Rules that are longer than the words on them, or part a label in the same line from what was written.

    One as long as its words only stresses them otherwise. One that runs from one side of the text to the other parts
    the page, and one between two upright rules is a frame's.
    """
    words = [word for line in lines for word in line.words]
    if not words:
        return ()
    boxes = [word.box for word in words]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    margin = MARGIN * (right - left)
    mended = _mended(rules.horizontal, boxes)
    candidates = [rule for rule in mended if rule[0] > left + margin or rule[2] < right - margin]
    return tuple(
        rule
        for rule in candidates
        if not _is_framed(rule, rules.vertical) and (_has_room(rule, words) or _parts_a_line(rule, lines))
    )


def stands_on(box: Box, rule: Box) -> bool:
    """Whether a word stands on a rule, within its ends."""
    return is_between(box, rule) and is_above(box, rule)


def is_between(box: Box, rule: Box) -> bool:
    """Whether a word stands between the ends of a rule, however high."""
    width, height = box[2] - box[0], box[3] - box[1]
    return rule[0] - min(width, height) / 2 <= box[0] and box[2] <= rule[2] + min(width / 2, height)


def is_above(box: Box, rule: Box) -> bool:
    """Whether a word stands as high as if it were written on the rule, wherever the rule ends."""
    height = box[3] - box[1]
    return -0.5 * height < (rule[1] + rule[3]) / 2 - box[3] < 0.4 * height


def _is_framed(rule: Box, verticals: Sequence[Box]) -> bool:
    """Whether both ends of the rule meet upright rules."""
    meeting = [side for side in verticals if side[1] - MEETING < rule[3] and rule[1] < side[3] + MEETING]
    return all(any(side[0] - MEETING < end < side[2] + MEETING for side in meeting) for end in (rule[0], rule[2]))


def _mended(rules: Sequence[Box], words: Sequence[Box]) -> list[Box]:
    """The rules from left to right, those made one that are pieces of a line which the words on it cross."""
    found: list[Box] = []
    for rule in sorted(rules):
        before = next((other for other in found if _are_one(other, rule, words)), None)
        if before is None:
            found.append(rule)
        else:
            found[found.index(before)] = _around(before, rule)
    return found


def _are_one(before: Box, after: Box, words: Sequence[Box]) -> bool:
    """Whether words that stand on the rules as well cover the gap between them: what fits into it is a label."""
    if 0 <= after[0] - before[2] <= BRIDGED and abs(after[1] + after[3] - before[1] - before[3]) < BRIDGED:
        return True
    gap = (before[2], 0, after[0], 0)
    across = [box for box in words if is_above(box, before) and is_above(box, after) and _share(box, gap) > 0]
    covered = sum(_share(box, gap) * (box[2] - box[0]) for box in across)
    is_broken = all(_share(box, gap) < INSIDE for box in across)
    return bool(across) and is_broken and covered > COVERED * (after[0] - before[2])


def _share(box: Box, rule: Box) -> float:
    """The part of the box's width that lies between the ends of the rule."""
    return (min(box[2], rule[2]) - max(box[0], rule[0])) / max(box[2] - box[0], 1.0)


def _has_room(rule: Box, words: Sequence[Word]) -> bool:
    """Whether the rule goes on before or after the words on it, or there is nothing on it but a cross."""
    on = [word for word in words if is_above(word.box, rule) and _share(word.box, rule) > ON]
    if not on or (len(on) == 1 and MARK.fullmatch(on[0].text)):
        return bool(on)
    boxes = [word.box for word in on]
    height = max(box[3] - box[1] for box in boxes)
    return rule[2] - max(box[2] for box in boxes) > height or min(box[0] for box in boxes) - rule[0] > 0.7 * height


def _parts_a_line(rule: Box, lines: Sequence[TextLine]) -> bool:
    """Whether the words on the rule end a line that begins with a name, or stand in one before a label."""
    for line in lines:
        on = [place for place, word in enumerate(line.words) if stands_on(word.box, rule)]
        if on:
            before, after = line.words[: on[0]], line.words[on[-1] + 1 :]
            if any(_share(word.box, rule) > ON for word in (*before, *after)):
                return False
            if after:
                return not before and LABEL_END.search(after[-1].text) is not None
            return bool(before) and is_name(Piece(" ".join(word.text for word in before), line.box, 1.0))
    return False


def _around(first: Box, second: Box) -> Box:
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )
