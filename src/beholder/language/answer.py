"""From a job and its evidence to the events of an answer, on the one model that is loaded."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from beholder.errors import ContextLengthExceeded
from beholder.language.constraint import Constraint, Grammars
from beholder.language.conversion import ConvertedModel
from beholder.language.generate import Generation
from beholder.language.model import Model
from beholder.language.prompt import Prompt, PromptWriter
from beholder.language.sampler import Choice, Sampler
from beholder.language.separators import Separators
from beholder.language.shape import TextShape, ToolShape
from beholder.types import (
    Event,
    Evidence,
    Finish,
    Job,
    JsonOutput,
    Started,
    TokenLogprob,
    ToolOutput,
    Usage,
)

WARM_UP: Final = "Warm"


class TextModel:
    """The text model with all that belongs to it. One answer at a time; the owner of the cores calls it."""

    def __init__(self, converted: ConvertedModel, *, threads: int, context_tokens: int) -> None:
        self.name = converted.description.name
        self.context = min(context_tokens, converted.description.context)
        self._tokenizer = converted.tokenizer()
        self._model = Model(converted.graph, threads=threads)
        self._grammars = Grammars(self._tokenizer)
        self._writer = PromptWriter(self._tokenizer)
        self._ends = frozenset({self._tokenizer.end_of_turn, self._tokenizer.control["<|endoftext|>"]})
        self._forbidden = np.zeros(self._tokenizer.vocabulary_size, dtype=bool)
        forbidden = sorted(set(self._tokenizer.control.values()) - self._ends)
        self._forbidden[forbidden] = True
        self._forbidden[max(self._tokenizer.control.values()) + 1 :] = True

    def warm_up(self) -> None:
        """One short pass: the first one packs the weights for this CPU and takes seconds."""
        prompt = self._tokenizer.encode(WARM_UP)
        self._model.rewind(prompt)
        for _ in self._model.read(prompt, 0):
            pass

    def prompt(self, job: Job, evidence: Mapping[str, Evidence]) -> Prompt:
        """The prompt of `job`. Raises `ContextLengthExceeded` when it does not fit the window with its answer."""
        prompt = self._writer.write(job, evidence)
        wanted = job.sampling.max_tokens
        if len(prompt.tokens) + (wanted or 1) > self.context:
            completion = f" and the answer may take {wanted} (max_tokens)" if wanted else ""
            raise ContextLengthExceeded(
                f"This model's maximum context length is {self.context} tokens. However, your messages resulted in "
                f"{len(prompt.tokens)} tokens, {prompt.evidence_tokens} of them from the images{completion}. Please "
                "reduce the length of the messages, the number of images or max_tokens.",
                param="messages",
            )
        return prompt

    def answer(self, job: Job, evidence: Mapping[str, Evidence]) -> Iterator[Event | None]:
        """The events of the answer; None is a heartbeat between passes. Close the iterator to stop early.

        Raises `ContextLengthExceeded` and `UnsupportedSchema` before the first event.
        """
        prompt = self.prompt(job, evidence)
        constraint = self._constraint(job)
        yield Started(tuple(evidence[image.digest] for image in job.images()))
        room = self.context - len(prompt.tokens)
        limit = min(job.sampling.max_tokens or room, room)
        printed = "\n".join(evidence[image.digest].layout for image in job.images())
        generation = Generation(
            self._model,
            Sampler(job.sampling, self._forbidden),
            constraint,
            ends=self._ends,
            limit=limit,
            separators=Separators(printed, self._tokenizer) if constraint else None,
        )
        yield from self._events(job, generation, prompt)

    def _constraint(self, job: Job) -> Constraint | None:
        match job.output:
            case JsonOutput(schema, param):
                return self._grammars.json(schema, param)
            case ToolOutput():
                return self._grammars.calls(job.output)
        return None

    def _events(self, job: Job, generation: Generation, prompt: Prompt) -> Iterator[Event | None]:
        decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        shape = _shape(job)
        for choices in generation.run(prompt.tokens):
            if choices is None:
                yield None
                continue
            text = decode(b"".join(self._tokenizer.token_bytes(choice.token) for choice in choices))
            logprobs = self._logprobs(choices) if job.sampling.top_logprobs is not None else ()
            events = shape.feed(text, logprobs)
            yield from events
            if not events:
                yield None
            if shape.is_over:
                break
        if rest := decode(b"", final=True):
            yield from shape.feed(rest)
        yield from shape.finish(is_cut=generation.is_cut)
        yield self._usage(generation, prompt)
        yield Finish(shape.reason(is_cut=generation.is_cut))

    def _usage(self, generation: Generation, prompt: Prompt) -> Usage:
        tally = generation.tally
        return Usage(
            prompt_tokens=len(prompt.tokens),
            completion_tokens=tally.completion,
            cached_tokens=tally.cached,
            evidence_tokens=prompt.evidence_tokens,
            passes=tally.passes,
        )

    def _logprobs(self, choices: list[Choice]) -> tuple[TokenLogprob, ...]:
        return tuple(
            TokenLogprob(
                *self._spelled(choice.token),
                choice.logprob,
                tuple((*self._spelled(token), logprob) for token, logprob in choice.top),
            )
            for choice in choices
        )

    def _spelled(self, token: int) -> tuple[str, bytes]:
        spelled = self._tokenizer.token_bytes(token)
        return spelled.decode("utf-8", errors="replace"), spelled


def _shape(job: Job) -> TextShape | ToolShape:
    stops = job.sampling.stop
    if isinstance(job.output, ToolOutput):
        return ToolShape(TextShape(stops, is_json=isinstance(job.output.otherwise, JsonOutput)))
    return TextShape(stops, is_json=isinstance(job.output, JsonOutput))
