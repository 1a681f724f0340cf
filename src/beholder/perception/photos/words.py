"""Everyday words for ImageNet's classes: which classes a person would call a dog, a car, a bottle."""

from __future__ import annotations

from typing import Final, TypeAlias

from beholder.perception.photos.imagenet import CLASSES

Span: TypeAlias = int | tuple[int, int]
"""A class by its number, or first and last of several in a row."""


def _spread(*spans: Span) -> tuple[int, ...]:
    ends = [span if isinstance(span, tuple) else (span, span) for span in spans]
    return tuple(number for first, last in ends for number in range(first, last + 1))


WORDS: Final[dict[str, tuple[int, ...]]] = {
    "person": _spread((981, 983)),
    "dog": _spread((151, 268)),
    "cat": _spread((281, 285)),
    "bird": _spread((7, 24), (80, 100), (127, 146)),
    "bear": _spread((294, 297)),
    "monkey": _spread((365, 382)),
    "fish": _spread((0, 6), (389, 397)),
    "snake": _spread((52, 68)),
    "elephant": _spread(101, 385, 386),
    "zebra": _spread(340),
    "horse": _spread(339),
    "cow": _spread(345, 346),
    "sheep": _spread(348, 349),
    "bicycle": _spread(444, 671),
    "car": _spread(436, 468, 479, 511, 581, 609, 627, 656, 661, 751, 817),
    "truck": _spread(555, 569, 675, 717, 864, 867),
    "motorcycle": _spread(665, 670),
    "airplane": _spread(404, 895),
    "bus": _spread(654, 779, 874),
    "train": _spread(466, 547, 705, 820, 829),
    "boat": _spread(472, 484, 510, 554, 576, 625, 628, 780, 814, 871, 914),
    "traffic light": _spread(920),
    "street sign": _spread(919),
    "parking meter": _spread(704),
    "bench": _spread(703),
    "backpack": _spread(414),
    "umbrella": _spread(879),
    "handbag": _spread(748),
    "tie": _spread(457, 906),
    "skis": _spread(795),
    "sports ball": _spread(429, 430, 522, 574, 722, 768, 805, 852, 890),
    "tennis racket": _spread(752),
    "bottle": _spread(440, 720, 737, 898, 907),
    "wine glass": _spread(572, 966),
    "cup": _spread(504, 968),
    "knife": _spread(499, 623),
    "spoon": _spread(910),
    "bowl": _spread(659, 809),
    "banana": _spread(954),
    "apple": _spread(948),
    "sandwich": _spread(933),
    "hot dog": _spread(934),
    "orange": _spread(950),
    "broccoli": _spread(937),
    "pizza": _spread(963),
    "chair": _spread(423, 559, 765, 857),
    "couch": _spread(831),
    "potted plant": _spread(738),
    "bed": _spread(431, 520, 564, 750),
    "dining table": _spread(532),
    "toilet": _spread(861),
    "tv": _spread(598, 664, 851),
    "laptop": _spread(620, 681),
    "mouse": _spread(673),
    "remote": _spread(761),
    "keyboard": _spread(508),
    "cell phone": _spread(487),
    "microwave": _spread(651),
    "oven": _spread(766, 827),
    "toaster": _spread(859),
    "sink": _spread(896),
    "refrigerator": _spread(760),
    "book": _spread(453, 454, 921),
    "clock": _spread(409, 530, 892),
    "vase": _spread(883),
    "teddy bear": _spread(850),
    "hair dryer": _spread(589),
    "firearm": _spread(413, 763, 764),
    # The classes website and menu, which any page or screen of text is taken for.
    "page of text": _spread(916, 922),
}
"""Words and their classes by number. A class that no word holds goes by its own name."""

UNGROUPED: Final = tuple(
    sorted(set(range(len(CLASSES))) - {number for numbers in WORDS.values() for number in numbers})
)
"""Classes that no word holds."""
