"""The naive baseline: rapidocr's text in the place of each image, the same text model, and nothing else."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from beholder.engines.base import Capabilities
from beholder.engines.builtin import BuiltinEngine
from beholder.language.answer import TextModel
from beholder.language.model import Outcome, Pass
from beholder.settings import Settings
from beholder.types import Event, Image, Job, Part, TextPart

if TYPE_CHECKING:
    from beholder.perception.plain_text import PlainReader


class NaiveEngine(BuiltinEngine):
    """To compare with: what text recognition and a language model do by themselves.

    The builtin engine, which never gets to see an image: each is text before anything else happens.
    """

    name = "naive"
    capabilities = Capabilities(json=True, logprobs=True, penalties=True, logit_bias=True)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.model = f"naive-{self.model}"
        self._plain: PlainReader | None = None

    def _load(self) -> TextModel:
        from beholder.perception.plain_text import PlainReader  # noqa: PLC0415 - loads OpenCV and OpenVINO

        self._plain = PlainReader(threads=self._settings.threads or -1)
        return super()._load()

    def _answer(self, job: Job) -> Generator[Event | Pass | None, Outcome | None, None]:
        yield from super()._answer(self._flatten(job))

    def _count(self, job: Job) -> Generator[int]:
        yield from super()._count(self._flatten(job))

    def _flatten(self, job: Job) -> Job:
        """The job with each image replaced by its text."""
        return replace(
            job, turns=tuple(replace(turn, parts=tuple(map(self._to_text, turn.parts))) for turn in job.turns)
        )

    def _to_text(self, part: Part) -> Part:
        if not isinstance(part, Image):
            return part
        assert self._plain is not None
        return TextPart(f"Text in the image:\n{self._plain.read(part.pixels)}\n")
