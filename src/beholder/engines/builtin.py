"""The default engine: reads the images' text on the CPU, and lets a small text model answer from it, offline."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from beholder.engines.base import Capabilities, Token
from beholder.engines.cores import Cores
from beholder.engines.evidence_cache import EvidenceCache, EvidenceKey
from beholder.engines.grounded import with_grounding
from beholder.errors import NotReady
from beholder.evidence import Comparison, Evidence, SafetyReport
from beholder.language.answer import TextModel
from beholder.language.aspects import wanted
from beholder.language.bill_telling import tell_bill
from beholder.language.conversion import ConvertedModel, convert
from beholder.language.count import TokenCounter
from beholder.language.model import Outcome, Pass
from beholder.perception.fingerprint import fingerprint
from beholder.perception.policies import POLICIES
from beholder.progress import for_stream
from beholder.settings import Settings
from beholder.types import Event, Image, Job
from beholder.weights import QWEN, cache_dir, ensure
from beholder.weights.digest import digest_file

if TYPE_CHECKING:
    from beholder.engines.eyes import Eyes

AT_ONCE: Final = 8
"""Answers under way together; a pass over two tokens of each takes two and a half times what one over two takes."""


class BuiltinEngine:
    """Perception → evidence → text model, all on one owner of the cores."""

    name = "builtin"
    capabilities = Capabilities(
        json=True, tools=True, logprobs=True, penalties=True, logit_bias=True, grounding=True, verbatim=True
    )
    policies = tuple(POLICIES)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.model = Path(settings.model).stem if settings.model else Path(QWEN.file_name).stem
        self._cores = Cores(settings.queue_size, at_once=AT_ONCE)
        self._text_model: TextModel | None = None
        self._eyes: Eyes | None = None
        self._counter: TokenCounter | None = None
        self._evidence = EvidenceCache(settings)

    @property
    def is_ready(self) -> bool:
        """Whether the model is loaded and warm."""
        return self._text_model is not None

    async def start(self) -> None:
        """Verify, convert once, load and warm the models. Raises `WeightsError`."""
        self._text_model = await self._cores.run(self._load)
        self._cores.share(self._text_model)

    async def count(self, job: Job) -> int:
        """The prompt's true token count; the images are read for it."""
        async for tokens in self._cores.stream(lambda: self._count(job)):
            return int(tokens)
        raise RuntimeError("counting ended without a count")

    def stream(self, job: Job) -> AsyncIterator[Event]:
        """Answer `job`; see `Engine.stream`."""
        if not self.is_ready:
            raise NotReady("the model is still loading; ask /readyz when it is ready", retry_after=5)
        return self._cores.stream(lambda: self._answer(job))

    async def tokenize(self, text: str) -> list[Token]:
        """The tokens of a plain text; see `CountsText`."""
        return await asyncio.to_thread(lambda: self._token_counter().tokenize(text))

    async def count_text(self, job: Job) -> int:
        """The prompt's tokens but for the images; see `CountsText`."""
        return await asyncio.to_thread(lambda: self._token_counter().count_text(job))

    async def moderate(self, job: Job) -> tuple[SafetyReport, ...]:
        """A report for each image; see `Moderates`."""
        if not self.is_ready:
            raise NotReady("the model is still loading; ask /readyz when it is ready", retry_after=5)
        return tuple([report async for report in self._cores.stream(lambda: self._moderate(job))])

    async def close(self) -> None:
        """Release the models."""
        self._cores.close()
        self._text_model = None
        self._eyes = None

    def _load(self) -> TextModel:
        with ThreadPoolExecutor(1) as aside:
            eyes = aside.submit(self._open_eyes)
            converted = self._converted()
            model = TextModel(converted, threads=self._settings.threads, context_tokens=self._settings.context_tokens)
            self._eyes = eyes.result()
        return model

    def _open_eyes(self) -> Eyes:
        from beholder.engines.eyes import Eyes  # noqa: PLC0415 - loads OpenCV and OpenVINO, half a second

        return Eyes(self._settings)

    def _converted(self) -> ConvertedModel:
        progress = for_stream(sys.stderr)
        weights = ensure(QWEN, self._settings, progress)
        digest = digest_file(weights, progress) if self._settings.model else QWEN.sha256
        return convert(weights, digest, cache_dir(self._settings) / "models", progress)

    def _token_counter(self) -> TokenCounter:
        """Made when first asked for: it needs the tokenizer alone, so that counting does not load the model."""
        if self._counter is None:
            self._counter = TokenCounter(self._converted().tokenizer())
        return self._counter

    def _answer(self, job: Job) -> Generator[Event | Pass | None, Outcome | None, None]:
        assert self._text_model is not None
        evidence: dict[str, Evidence] = {}
        aspects = wanted(job)
        for image in job.images():
            evidence[image.digest] = self._see(job, image, aspects)
            yield None
        comparisons: list[Comparison] = []
        if "differences" in aspects:
            for comparison in self._compare(list(job.images()), evidence):
                comparisons.append(comparison)
                yield None
        yield from with_grounding(self._text_model.answer(job, evidence, comparisons), job)

    def _count(self, job: Job) -> Generator[int]:
        assert self._text_model is not None
        aspects = wanted(job)
        images = list(job.images())
        evidence = {image.digest: self._see(job, image, aspects) for image in images}
        comparisons = list(self._compare(images, evidence)) if "differences" in aspects else []
        yield len(self._text_model.prompt(job, evidence, comparisons).tokens)

    def _moderate(self, job: Job) -> Generator[SafetyReport | None]:
        assert self._eyes is not None
        for image in job.images():
            scores = self._eyes.judge(image)
            yield None
            yield SafetyReport(scores, self._see(job, image, frozenset({"text"})).suspicious)

    def _see(self, job: Job, image: Image, aspects: frozenset[str]) -> Evidence:
        """The image's evidence; the same picture is read once for each owner, and once more for what else is asked.

        Nothing but the text of a bill is looked at that is told in a few rows.
        """
        from beholder.engines.eyes import CLOSER  # noqa: PLC0415 - loads OpenCV

        assert self._eyes is not None
        read = self._evidence.get_or_see(self._key(job, image), partial(self._eyes.read, image))
        if "charts" not in aspects or tell_bill(job, {image.digest: read}) is not None:
            return read
        read = self._evidence.get_or_see(self._key(job, image, "charts"), partial(self._eyes.find_charts, image, read))
        closer = aspects & CLOSER
        if not closer:
            return read
        return self._evidence.get_or_see(
            self._key(job, image, *closer), partial(self._eyes.look_closer, image, read, closer)
        )

    def _key(self, job: Job, image: Image, *aspects: str) -> EvidenceKey:
        return EvidenceKey.of(job, image, aspects, fingerprint())

    def _compare(self, images: list[Image], evidence: Mapping[str, Evidence]) -> Iterator[Comparison]:
        from beholder.engines.eyes import compare_all  # noqa: PLC0415 - loads OpenCV

        return compare_all(images, evidence)
