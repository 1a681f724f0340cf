"""The response writer: a state machine from an engine's events to those of the Responses API.

    waiting ──Started──► open ──Finish──► finished ──close──► completed | incomplete
               created    │  ▲
               in_progress│  └─ item added, (part added, text delta…, done, done | arguments delta…, done), item done
                          └──── fault ──► failed

Streamed and whole answers are written by the same machine: the one sends its events, the other takes the response out
of the last one. One item is open at a time; text after a call begins a new message.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from beholder import types
from beholder.api import replies as chat
from beholder.api.extension import to_extension, to_grounding
from beholder.api.responses import replies
from beholder.api.stream import to_logprobs
from beholder.api.usage import to_usage
from beholder.errors import BeholderError


class ResponseWriter:
    """Feed it every event in order, then `close` it; each call gives the events to send now.

    `blank` is the response as it stands before the first word.
    """

    def __init__(
        self,
        blank: replies.Response,
        images: Sequence[types.Image] = (),
        *,
        has_evidence: bool = False,
        has_grounding: bool = False,
    ) -> None:
        self._blank = blank
        self._images = images
        self._has_evidence = has_evidence
        self._has_grounding = has_grounding
        self._number = -1
        self._output: list[replies.OutputItem] = []
        self._call: int | None = None
        self._started: types.Started | None = None
        self._spent: types.Usage | None = None
        self._reason: types.FinishReason | None = None
        self._grounding: list[tuple[int, types.Grounding]] = []

    @property
    def usage(self) -> chat.Usage | None:
        """The tokens, once they are known."""
        return to_usage([self._spent], self._images) if self._spent else None

    def write(self, event: types.Event) -> Iterator[replies.Event]:
        """The events for `event`. Raises `RuntimeError` if the engine breaks the order of events."""
        is_open = self._started is not None and self._reason is None
        if isinstance(event, types.Started) is is_open or self._reason is not None:
            raise RuntimeError(f"the engine sent {type(event).__name__} out of order")
        match event:
            case types.Started():
                self._started = event
                yield replies.Created(sequence_number=self._next(), response=self._blank)
                yield replies.InProgress(sequence_number=self._next(), response=self._blank)
            case types.TextDelta():
                if event.text or event.logprobs:
                    yield from self._add_text(event)
            case types.ToolCallDelta():
                yield from self._add_call(event)
            case types.Grounding():
                self._grounding.append((0, event))
            case types.Usage():
                self._spent = event
            case types.Finish():
                yield from self._finish(event)

    def close(self) -> replies.Completed | replies.Incomplete:
        """The last event, with the whole response. Raises `RuntimeError` if the answer is not finished."""
        if self._reason is None or self.usage is None:
            raise RuntimeError("the engine stopped before Usage and Finish")
        whole = replace(self._blank, output=self._output, usage=replies.ResponseUsage.of(self.usage))
        if self._has_evidence and self._started is not None and self._spent is not None:
            started, spent = self._started, [self._spent]
            extension = to_extension(started.evidence, self._images, self._grounding, started.prompt, spent)
            whole = replace(whole, x_beholder=extension)
        elif self._has_grounding:
            whole = replace(whole, x_beholder=to_grounding(self._grounding))
        if self._reason == "length":
            details = replies.IncompleteDetails("max_output_tokens")
            whole = replace(whole, status="incomplete", incomplete_details=details)
            return replies.Incomplete(sequence_number=self._next(), response=whole)
        whole = replace(whole, status="completed", completed_at=int(time.time()))
        return replies.Completed(sequence_number=self._next(), response=whole)

    def fail(self, error: BeholderError) -> replies.Failed:
        """The last event when `error` happened after the first one; what was said so far stays in the response."""
        fault = replies.ResponseError("server_error", error.message)
        broken = replace(self._blank, status="failed", error=fault, output=self._output, store=False)
        return replies.Failed(sequence_number=self._next(), response=broken)

    def _next(self) -> int:
        self._number += 1
        return self._number

    @property
    def _last(self) -> int:
        return len(self._output) - 1

    def _add_text(self, event: types.TextDelta) -> Iterator[replies.Event]:
        if not self._output or not self._is_message_open():
            yield from self._end_item("completed")
            yield from self._begin_message()
        message = self._output[-1]
        assert isinstance(message, replies.MessageItem)
        logprobs = to_logprobs(event)
        message.content[0].text += event.text
        message.content[0].logprobs += logprobs
        yield replies.TextDelta(
            sequence_number=self._next(),
            item_id=message.id,
            output_index=self._last,
            delta=event.text,
            logprobs=logprobs,
        )

    def _is_message_open(self) -> bool:
        return isinstance(self._output[-1], replies.MessageItem) and self._output[-1].status == "in_progress"

    def _begin_message(self) -> Iterator[replies.Event]:
        identity = f"msg_{uuid.uuid4().hex}"
        self._output.append(replies.MessageItem(id=identity, status="in_progress", content=[replies.TextContent()]))
        empty = replies.MessageItem(id=identity, status="in_progress", content=[])
        yield replies.ItemAdded(sequence_number=self._next(), output_index=self._last, item=empty)
        yield replies.PartAdded(
            sequence_number=self._next(), item_id=identity, output_index=self._last, part=replies.TextContent()
        )

    def _add_call(self, event: types.ToolCallDelta) -> Iterator[replies.Event]:
        if event.index != self._call:
            if event.name is None or (self._call is not None and event.index < self._call):
                raise RuntimeError("the engine sent a ToolCallDelta out of order")
            yield from self._end_item("completed")
            self._call = event.index
            yield from self._begin_call(event)
        call = self._output[-1]
        if not isinstance(call, replies.CallItem):
            raise RuntimeError("the engine went on with a ToolCallDelta after text")
        if event.arguments:
            call.arguments += event.arguments
            yield replies.ArgumentsDelta(
                sequence_number=self._next(), item_id=call.id, output_index=self._last, delta=event.arguments
            )

    def _begin_call(self, event: types.ToolCallDelta) -> Iterator[replies.Event]:
        call = replies.CallItem(
            id=f"fc_{uuid.uuid4().hex}",
            status="in_progress",
            call_id=event.id or f"call_{uuid.uuid4().hex}",
            name=event.name or "",
            arguments="",
        )
        self._output.append(call)
        yield replies.ItemAdded(sequence_number=self._next(), output_index=self._last, item=replace(call))

    def _finish(self, event: types.Finish) -> Iterator[replies.Event]:
        if not self._output:
            yield from self._begin_message()
        yield from self._end_item("incomplete" if event.reason == "length" else "completed")
        self._reason = event.reason

    def _end_item(self, status: replies.ItemStatus) -> Iterator[replies.Event]:
        """Close the open item, if there is one."""
        if not self._output or self._output[-1].status != "in_progress":
            return
        item = self._output[-1]
        item.status = status
        index = self._last
        if isinstance(item, replies.MessageItem):
            part = item.content[0]
            yield replies.TextDone(
                sequence_number=self._next(),
                item_id=item.id,
                output_index=index,
                text=part.text,
                logprobs=part.logprobs,
            )
            yield replies.PartDone(sequence_number=self._next(), item_id=item.id, output_index=index, part=part)
        else:
            yield replies.ArgumentsDone(
                sequence_number=self._next(),
                item_id=item.id,
                output_index=index,
                name=item.name,
                arguments=item.arguments,
            )
        yield replies.ItemDone(sequence_number=self._next(), output_index=index, item=item)
