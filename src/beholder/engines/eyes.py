"""The builtin engine's eyes: perception's parts in their order, each only where it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from beholder.evidence import Comparison, Evidence, SafetyScore
from beholder.perception.charts import read_charts
from beholder.perception.critique import critique
from beholder.perception.forms import find_fields
from beholder.perception.injection import suspicious_lines
from beholder.perception.layout import lay_out
from beholder.perception.pairs import can_be_versions, compare
from beholder.perception.photos import PhotoReader
from beholder.perception.rules import find_rules
from beholder.perception.safety import SafetyReader
from beholder.perception.screens import find_elements
from beholder.perception.tables import find_tables
from beholder.perception.text import TextReader
from beholder.settings import Settings
from beholder.types import Image

CLOSER: Final = frozenset({"tables", "form", "screen", "places", "design", "photo", "safety"})
"""Aspects that take a closer look."""

MOST_COMPARED: Final = 4
"""Images of a question that are compared, each with each: more would be more pairs than anybody reads."""


MOST_LINES_OF_A_PHOTO: Final = 20
"""A picture with more lines of text is a page or a screen: what a classifier of things says of it helps nobody."""


class Eyes:
    """Looks at pictures. Not thread safe: the owner of the cores calls it."""

    def __init__(self, settings: Settings) -> None:
        self._reader = TextReader(threads=settings.threads)
        self._photos = PhotoReader(settings)
        self._safety = SafetyReader(settings, self._photos)

    def read(self, image: Image) -> Evidence:
        """What is looked for in every image: its text."""
        lines = self._reader.read(image)
        return Evidence(image.digest, image.original_size, lines, lay_out(lines), suspicious=suspicious_lines(lines))

    def find_charts(self, image: Image, read: Evidence) -> Evidence:
        """The same with its charts."""
        return replace(read, charts=read_charts(image.pixels, read.lines, image.scale))

    def look_closer(self, image: Image, read: Evidence, aspects: Collection[str]) -> Evidence:
        """What else is asked for of an image that was read: see `CLOSER`."""
        lines, pixels, scale = read.lines, image.pixels, image.scale
        rules = find_rules(image) if {"tables", "form"} & set(aspects) else None
        is_photo = "photo" in aspects and len(lines) <= MOST_LINES_OF_A_PHOTO
        # A question about a chart may name guns as well.
        is_judged = "safety" in aspects and not read.charts
        glances = self._photos.glance(image) if is_photo or is_judged else None
        elements = find_elements(pixels, lines, scale) if {"screen", "places", "design"} & set(aspects) else ()
        return replace(
            read,
            tables=find_tables(lines, rules) if rules is not None and "tables" in aspects else (),
            fields=find_fields(lines, rules) if rules is not None and "form" in aspects else (),
            elements=elements,
            findings=critique(pixels, lines, elements, scale) if "design" in aspects else (),
            labels=self._photos.recognise(image, glances) if is_photo else (),
            safety=self._safety.judge(image, glances) if is_judged else (),
        )

    def judge(self, image: Image) -> tuple[SafetyScore, ...]:
        """What moderation asks: the score for nsfw, then one for each of `perception.policies.POLICIES`."""
        return self._safety.judge(image)


def compare_all(images: Sequence[Image], evidence: Mapping[str, Evidence]) -> Iterator[Comparison]:
    """Each pair of a question's images that can be versions of one picture, by their places in it.

    Of different charts, or of pages with different texts, nothing is said: what differs is all of it.
    """
    for (place, first), (other, second) in combinations(enumerate(images[:MOST_COMPARED]), 2):
        if not can_be_versions(evidence[first.digest], evidence[second.digest]):
            continue
        yield compare(
            first.pixels,
            second.pixels,
            evidence[first.digest].lines,
            evidence[second.digest].lines,
            (first.scale, second.scale),
            places=(place, other),
        )
