"""Recognising: the classes that a photo surely shows, the faces in it, and what it looks like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from beholder.evidence import Label
from beholder.perception.photos.appearance import appearance
from beholder.perception.photos.classifier import Classifier
from beholder.perception.photos.faces import FaceFinder
from beholder.perception.photos.glances import Glances, glance
from beholder.perception.photos.imagenet import CLASSES
from beholder.perception.photos.words import UNGROUPED, WORDS
from beholder.settings import Settings
from beholder.types import Image

METHOD: Final = "imagenet:efficientnet-lite2"
SURE: Final = 0.4
"""Least probability of a class in any one look; measured in the decision record on photos."""

SURE_OF_KIND: Final = 0.5
"""Least probability for naming the kind as well: the breed of a dog, the make of a boat."""

SURE_OF_PERSON: Final = 0.99
"""Least score of a face for saying that there is a person."""

PLAIN: Final = frozenset({"page of text"})
"""Words whose kinds tell nothing."""

MOST_CLASSES: Final = 12


class PhotoReader:
    """Loads its networks, 30 MB, when it is first used. Not thread safe.

    Its methods raise `WeightsError` when the weights are missing or wrong.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._classifier: Classifier | None = None
        self._faces: FaceFinder | None = None

    def glance(self, image: Image) -> Glances:
        """The probabilities of all classes, for the whole picture and for squares of it."""
        if self._classifier is None:
            self._classifier = Classifier(self._settings)
        return glance(self._classifier, image)

    def find_faces(self, image: Image) -> tuple[Label, ...]:
        """The faces, the surest first."""
        if self._faces is None:
            self._faces = FaceFinder(self._settings)
        return self._faces.find(image)

    def recognise(self, image: Image, glances: Glances | None = None) -> tuple[Label, ...]:
        """Things, the surest first, then each face, then colours, brightness, contrast and sharpness.

        The box of a thing is the square that it was seen in, None where that was the whole picture. `glances` are the
        image's, if they were taken already.
        """
        faces = self.find_faces(image)
        return (*_things(glances or self.glance(image), faces), *faces, *appearance(image))


def _things(glances: Glances, faces: tuple[Label, ...]) -> list[Label]:
    found = {label.name: label for label in _classes(glances)}
    if faces and faces[0].score >= max(SURE_OF_PERSON, found["person"].score if "person" in found else 0):
        found["person"] = Label("person", faces[0].score, faces[0].method)
    return sorted(found.values(), key=lambda label: -label.score)[:MOST_CLASSES]


def _classes(glances: Glances) -> Iterator[Label]:
    for name, numbers in WORDS.items():
        score, look = glances.strongest(numbers)
        if score >= SURE:
            yield _label(name, score, look, glances)
            yield from _kinds(name, numbers, glances)
    for number in UNGROUPED:
        score, look = glances.strongest((number,))
        if score >= SURE:
            yield _label(CLASSES[number], score, look, glances)


def _kinds(name: str, numbers: tuple[int, ...], glances: Glances) -> Iterator[Label]:
    for number in numbers if len(numbers) > 1 and name not in PLAIN else ():
        score, look = glances.strongest((number,))
        if score >= SURE_OF_KIND and CLASSES[number] != name:
            yield _label(CLASSES[number], score, look, glances)


def _label(name: str, score: float, look: int, glances: Glances) -> Label:
    return Label(name, score, METHOD, glances.boxes[look] if look else None)
