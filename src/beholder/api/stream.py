"""The stream writer: a state machine from an engine's events to the chunks of one answer.

    for each choice in order:   waiting ──Started──► open ──Finish──► finished
                                 role               text, calls        finish_reason
    then once:                  usage

Streamed and whole answers are written by the same machine: the one sends its chunks, the other folds them
(`api/fold.py`), so that they cannot differ. Rules that clients rely on: the role once, in a choice's first chunk;
choices in the order of their index; `finish_reason` once; usage last, with no choices. A call comes whole, in one
chunk: xAI does so, and its clients take nothing else (@ai-sdk/xai wants id, name and arguments in each); OpenAI's take
both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from msgspec import UNSET, UnsetType

from beholder import types
from beholder.api import replies
from beholder.api.extension import to_extension, to_grounding
from beholder.api.usage import to_usage
from beholder.evidence import Evidence


@dataclass(frozen=True, slots=True)
class ReplyStyle:
    """How the answer is told. `is_legacy` answers `functions`, the old form of `tools`, in the old form."""

    id: str
    created: int
    model: str
    fingerprint: str
    choices: int = 1
    has_usage: bool = True
    has_evidence: bool = False
    has_grounding: bool = False
    may_call: bool = False
    is_legacy: bool = False


@dataclass(slots=True)
class ChunkWriter:
    """Feed it every event of every choice in order, then `close` it; each call gives the chunks to send now."""

    style: ReplyStyle
    images: Sequence[types.Image] = ()
    _choice: int = -1
    _is_open: bool = False
    _spent: list[types.Usage] = field(default_factory=list)
    _call: types.ToolCallDelta | None = None
    _evidence: tuple[Evidence, ...] = ()
    _prompt: tuple[tuple[str, str], ...] = ()
    _grounding: list[tuple[int, types.Grounding]] = field(default_factory=list)

    def write(self, event: types.Event) -> Iterator[replies.Chunk]:
        """The chunks for `event`. Raises `RuntimeError` if the engine breaks the order of events."""
        if isinstance(event, types.Started) == self._is_open:
            raise RuntimeError(f"the engine sent {type(event).__name__} out of order")
        match event:
            case types.Started():
                yield self._start(event)
            case types.TextDelta():
                if event.text or event.logprobs:
                    yield from self._end_call()
                    logprobs = replies.Logprobs(to_logprobs(event)) if event.logprobs else None
                    yield self._chunk(replies.Delta(content=event.text), logprobs=logprobs)
            case types.ToolCallDelta():
                yield from self._add_call(event)
            case types.Grounding():
                self._grounding.append((self._choice, event))
            case types.Usage():
                self._spent.append(event)
            case types.Finish():
                yield from self._end_call()
                yield self._finish(event)

    def close(self) -> Iterator[replies.Chunk]:
        """The chunk after the last choice. Raises `RuntimeError` if an answer is not finished."""
        if self._is_open or len(self._spent) != self.style.choices:
            raise RuntimeError("the engine stopped before Usage and Finish")
        if self.style.has_usage:
            yield self._frame([], usage=self.usage)

    @property
    def usage(self) -> replies.Usage | None:
        """The tokens of all choices that have reported theirs; None before the first."""
        return to_usage(self._spent, self.images) if self._spent else None

    def _start(self, event: types.Started) -> replies.Chunk:
        self._is_open = True
        self._choice += 1
        self._evidence = self._evidence or event.evidence
        self._prompt = self._prompt or event.prompt
        return self._chunk(replies.Delta(role="assistant", content=None if self.style.may_call else "", refusal=None))

    def _finish(self, event: types.Finish) -> replies.Chunk:
        self._is_open = False
        reason: replies.FinishReason = event.reason
        if reason == "tool_calls" and self.style.is_legacy:
            reason = "function_call"
        chunk = self._chunk(replies.Delta(), reason=reason)
        if self._choice == self.style.choices - 1:
            chunk.x_beholder = self._extension()
        return chunk

    def _extension(self) -> replies.Extension | UnsetType:
        if self.style.has_evidence:
            return to_extension(self._evidence, self.images, self._grounding, self._prompt, self._spent)
        return to_grounding(self._grounding) if self.style.has_grounding else UNSET

    def _add_call(self, event: types.ToolCallDelta) -> Iterator[replies.Chunk]:
        """Hold back the call until it is whole. Raises `RuntimeError` for a piece of no call that is open."""
        if event.name is not None:
            yield from self._end_call()
            self._call = event
        elif self._call is None or self._call.index != event.index:
            raise RuntimeError("the engine sent a ToolCallDelta out of order")
        else:
            self._call = replace(self._call, arguments=self._call.arguments + event.arguments)

    def _end_call(self) -> Iterator[replies.Chunk]:
        if self._call is None:
            return
        call, self._call = self._call, None
        text = replies.FunctionText(name=_or_unset(call.name), arguments=call.arguments)
        if self.style.is_legacy:
            yield self._chunk(replies.Delta(function_call=text))
        else:
            whole = replies.ToolCallDelta(call.index, _or_unset(call.id), "function", text)
            yield self._chunk(replies.Delta(tool_calls=[whole]))

    def _chunk(
        self,
        delta: replies.Delta,
        *,
        logprobs: replies.Logprobs | None = None,
        reason: replies.FinishReason | None = None,
    ) -> replies.Chunk:
        choice = replies.ChunkChoice(self._choice, delta, logprobs, reason)
        return self._frame([choice], usage=None if self.style.has_usage else UNSET)

    def _frame(self, choices: list[replies.ChunkChoice], *, usage: replies.Usage | UnsetType | None) -> replies.Chunk:
        return replies.Chunk(
            id=self.style.id,
            created=self.style.created,
            model=self.style.model,
            system_fingerprint=self.style.fingerprint,
            choices=choices,
            usage=usage,
        )


def _or_unset(text: str | None) -> str | UnsetType:
    return UNSET if text is None else text


def to_logprobs(event: types.TextDelta) -> list[replies.TokenLogprob]:
    """The log-probabilities that came with a piece of text."""
    return [_token(each) for each in event.logprobs]


def _token(token: types.TokenLogprob) -> replies.TokenLogprob:
    top = [replies.TopLogprob(text, logprob, list(raw)) for text, raw, logprob in token.top]
    return replies.TokenLogprob(token.token, token.logprob, list(token.token_bytes), top)
