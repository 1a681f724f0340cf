"""From the chunks of an answer to the whole answer, as a client would fold them."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import UNSET, UnsetType

from beholder.api import replies


@dataclass(slots=True)
class _OpenChoice:
    """A choice while its chunks come in."""

    content: list[str] = field(default_factory=list)
    calls: dict[int, replies.ToolCallReply] = field(default_factory=dict)
    call: replies.FunctionCallReply | UnsetType = UNSET
    logprobs: list[replies.TokenLogprob] = field(default_factory=list)
    finish_reason: replies.FinishReason | None = None

    def add(self, choice: replies.ChunkChoice) -> None:
        """One chunk's part of this choice."""
        if choice.delta.content:
            self.content.append(choice.delta.content)
        if choice.logprobs is not None:
            self.logprobs += choice.logprobs.content
        if choice.delta.function_call is not UNSET:
            self.call = _extend(self.call, choice.delta.function_call)
        for delta in choice.delta.tool_calls or ():
            self._add_call(delta)
        self.finish_reason = choice.finish_reason or self.finish_reason

    def _add_call(self, delta: replies.ToolCallDelta) -> None:
        if delta.index not in self.calls:
            self.calls[delta.index] = replies.ToolCallReply(delta.id or "", replies.FunctionCallReply("", ""))
        call = self.calls[delta.index]
        call.function = _extend(call.function, delta.function or replies.FunctionText())

    def close(self, index: int) -> replies.Choice:
        """The whole choice; its content is null only where calls stand in its place."""
        assert self.finish_reason is not None
        has_calls = bool(self.calls) or self.call is not UNSET
        message = replies.Message(
            content="".join(self.content) if self.content or not has_calls else None,
            tool_calls=list(self.calls.values()) or UNSET,
            function_call=self.call,
        )
        logprobs = replies.Logprobs(self.logprobs) if self.logprobs else None
        return replies.Choice(index, message, logprobs, self.finish_reason)


def _extend(
    call: replies.FunctionCallReply | UnsetType, more: replies.FunctionText | UnsetType
) -> replies.FunctionCallReply:
    whole = call or replies.FunctionCallReply("", "")
    piece = more or replies.FunctionText()
    whole.name += piece.name or ""
    whole.arguments += piece.arguments or ""
    return whole


class Fold:
    """Add every chunk of an answer that tells its usage, then ask for the whole."""

    def __init__(self) -> None:
        self._choices: dict[int, _OpenChoice] = {}
        self._extension: replies.Extension | UnsetType = UNSET
        self._last: replies.Chunk | None = None

    def add(self, chunk: replies.Chunk) -> None:
        """The next chunk."""
        for choice in chunk.choices:
            self._choices.setdefault(choice.index, _OpenChoice()).add(choice)
        self._extension = chunk.x_beholder or self._extension
        self._last = chunk

    def completion(self) -> replies.ChatCompletion:
        """The whole answer, after the last chunk."""
        assert self._last is not None
        assert isinstance(self._last.usage, replies.Usage)
        return replies.ChatCompletion(
            id=self._last.id,
            created=self._last.created,
            model=self._last.model,
            system_fingerprint=self._last.system_fingerprint,
            choices=[choice.close(index) for index, choice in self._choices.items()],
            usage=self._last.usage,
            x_beholder=self._extension,
        )
