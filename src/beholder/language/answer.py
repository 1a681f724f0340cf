"""From a job and its evidence to the events of an answer, on the one model that is loaded."""

from __future__ import annotations

import codecs
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias

import numpy as np

from beholder.errors import ContextLengthExceeded
from beholder.evidence import Comparison, Evidence
from beholder.language.aspects import question
from beholder.language.cache import CachedSequence
from beholder.language.calculator import Calculator
from beholder.language.constraint import Constraint, Grammars
from beholder.language.conversion import ConvertedModel
from beholder.language.draft_head import DraftHead, Weights
from beholder.language.drafts import Drafts
from beholder.language.generate import Generation, Tally
from beholder.language.hidden import Hidden, HiddenWriter
from beholder.language.model import MOST_TOKENS, MappedGraph, Model, Outcome, Pass
from beholder.language.page import Page
from beholder.language.page_drafts import PageDrafts
from beholder.language.part_answers import PartAnswerer
from beholder.language.parts import literal
from beholder.language.prompt import Prompt, PromptWriter
from beholder.language.sampler import Choice, Sampler
from beholder.language.separators import Separators
from beholder.language.shape import TextShape, ToolShape
from beholder.language.tokenizer import TextTokenizer
from beholder.language.verbatim import narrowed_output
from beholder.types import Event, Finish, Job, JsonOutput, Started, TokenLogprob, ToolOutput, Usage

MOST_CACHED: Final = 65_536
"""Tokens in the cache past which the oldest answer goes on alone: 2 GB of it."""

Work: TypeAlias = Generator[Event | Pass, Outcome | None, None]
"""Events as they come, and passes over the weights, to which their outcomes are sent."""


class TextModel:
    """The text model with all that belongs to it, warm. The owner of the cores calls it."""

    def __init__(self, converted: ConvertedModel, *, threads: int, context_tokens: int) -> None:
        self.name = converted.description.name
        self.context = min(context_tokens, converted.description.context)
        # Reading the graph and the words both want the interpreter's lock; compiling and packing do not.
        graph = MappedGraph(converted.graph)
        with ThreadPoolExecutor(1) as aside:
            words = aside.submit(_words, converted)
            head = aside.submit(_draft_head, converted, graph, threads)
            self._model = Model(graph, threads=threads)
            self._model.warm_up()
            self._tokenizer, self._grammars = words.result()
            self._draft_head = head.result()
        self._writer = PromptWriter(self._tokenizer)
        self._ends = frozenset({self._tokenizer.end_of_turn, self._tokenizer.control["<|endoftext|>"]})
        self._forbidden = np.zeros(self._tokenizer.vocabulary_size, dtype=bool)
        forbidden = sorted(set(self._tokenizer.control.values()) - self._ends)
        self._forbidden[forbidden] = True
        self._forbidden[max(self._tokenizer.control.values()) + 1 :] = True
        hidden = HiddenWriter(
            self._model, self._tokenizer, self._grammars, forbidden=self._forbidden, context=self.context
        )
        self._calculator = Calculator(hidden, self._writer)
        self._parts = PartAnswerer(hidden, self._writer, self._calculator)

    def prompt(self, job: Job, evidence: Mapping[str, Evidence], comparisons: Sequence[Comparison] = ()) -> Prompt:
        """The prompt of `job`. Raises `ContextLengthExceeded` when it does not fit the window with its answer."""
        prompt = self._writer.write(job, evidence, comparisons)
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

    def answer(self, job: Job, evidence: Mapping[str, Evidence], comparisons: Sequence[Comparison] = ()) -> Work:
        """The events of the answer, and the passes it needs: send each pass's outcome. Close it to stop early.

        Raises `ContextLengthExceeded` and `UnsupportedSchema` before the first event.
        """
        prompt = self.prompt(job, evidence, comparisons)
        constraint = self._constraint(job, [evidence[image.digest] for image in job.images()])
        answered, spent = yield from self._parts.answer(job, evidence, comparisons)
        if answered is not None:
            prompt = self.prompt(answered.job, evidence, comparisons)
            constraint = self._grammars.written(literal(answered.filled)) if answered.filled else constraint
        else:
            calculated, spent = yield from self._calculated(job, evidence, comparisons)
            prompt = calculated or prompt
        yield Started(tuple(evidence[image.digest] for image in job.images()), prompt.turns)
        sequence = self._model.open(prompt.tokens, prompt.owner)
        try:
            yield from self._events(job, self._generation(job, prompt, sequence, constraint), prompt, spent)
        finally:
            self._model.close(sequence)

    def _calculated(
        self, job: Job, evidence: Mapping[str, Evidence], comparisons: Sequence[Comparison]
    ) -> Hidden[Prompt | None]:
        """The prompt with what is calculated for it; None where that is nothing, or does not fit."""
        computation, spent = yield from self._calculator.calculate(job, evidence, comparisons)
        if computation is None:
            return None, spent
        prompt = self._writer.write(job, evidence, comparisons, computed=computation.spoken())
        return prompt if len(prompt.tokens) + (job.sampling.max_tokens or 1) <= self.context else None, spent

    def is_request(self, item: object) -> bool:
        """Whether what `answer` yields is a pass, and no event."""
        return isinstance(item, Pass)

    def is_shared(self, request: Pass) -> bool:
        """Whether a pass costs little beside others."""
        return request.is_narrow

    @property
    def has_room(self) -> bool:
        """Whether the cache has room for others than the oldest answer, which may need as much as the window holds."""
        return self._model.tokens <= min(MOST_CACHED, MOST_TOKENS - 2 * self.context)

    def perform(self, requests: Sequence[Pass]) -> list[Outcome]:
        """One pass over the weights for all of them; what it came to is overwritten by the next."""
        return self._model.step(requests)

    def _generation(
        self,
        job: Job,
        prompt: Prompt,
        sequence: CachedSequence,
        constraint: Constraint | None,
    ) -> Generation:
        room = self.context - len(sequence.ids)
        page = None
        if isinstance(job.output, JsonOutput):
            page = PageDrafts(Page(prompt.evidence), question(job), self._tokenizer, costs=self._model.costs)
        return Generation(
            sequence,
            Sampler(job.sampling, self._forbidden),
            constraint,
            Drafts(sequence.ids, page, lambda: self._model.least_chance),
            draft_head=self._draft_head,
            ends=self._ends,
            limit=min(job.sampling.max_tokens or room, room),
            separators=Separators(prompt.evidence, self._tokenizer) if constraint else None,
            free=lambda: self._model.free_tokens,
        )

    def _constraint(self, job: Job, evidence: Sequence[Evidence]) -> Constraint | None:
        output = narrowed_output(job.output, evidence) if job.verbatim else job.output
        match output:
            case JsonOutput(schema, param):
                return self._grammars.json(schema, param)
            case ToolOutput():
                return self._grammars.calls(output)
        return None

    def _events(self, job: Job, generation: Generation, prompt: Prompt, spent: Tally) -> Work:
        decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        shape = _shape(job)
        steps = generation.run()
        outcome: Outcome | None = None
        while not shape.is_over:
            try:
                step = steps.send(outcome)
            except StopIteration:
                break
            outcome = None
            if isinstance(step, Pass):
                outcome = yield step
                continue
            text = decode(b"".join(self._tokenizer.token_bytes(choice.token) for choice in step))
            yield from shape.feed(text, self._logprobs(step) if job.sampling.top_logprobs is not None else ())
        if rest := decode(b"", final=True):
            yield from shape.feed(rest)
        yield from shape.finish(is_cut=generation.is_cut)
        yield self._usage(generation, prompt, spent)
        yield Finish(shape.reason(is_cut=generation.is_cut))

    def _usage(self, generation: Generation, prompt: Prompt, spent: Tally) -> Usage:
        tally = generation.tally
        return Usage(
            prompt_tokens=len(prompt.tokens),
            completion_tokens=tally.completion,
            cached_tokens=tally.cached,
            evidence_tokens=prompt.evidence_tokens,
            passes=spent.passes + tally.passes,
            prompt_passes=spent.prompt_passes + tally.prompt_passes,
            forced_tokens=tally.forced,
            copied_tokens=tally.copied,
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


def _words(converted: ConvertedModel) -> tuple[TextTokenizer, Grammars]:
    tokenizer = converted.tokenizer()
    return tokenizer, Grammars(tokenizer)


def _draft_head(converted: ConvertedModel, graph: MappedGraph, threads: int) -> DraftHead | None:
    weights = Weights.of(converted.origin)
    return None if weights is None else DraftHead(weights, graph.output_matrix, threads=threads)


def _shape(job: Job) -> TextShape | ToolShape:
    stops = job.sampling.stop
    if isinstance(job.output, ToolOutput):
        return ToolShape(TextShape(stops, is_json=isinstance(job.output.otherwise, JsonOutput)))
    return TextShape(stops, is_json=isinstance(job.output, JsonOutput))
