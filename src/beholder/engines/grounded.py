"""Grounding as a step of answering: the places of the answer's values, sent after its last word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from beholder.evidence import Evidence
from beholder.grounding.answer import ground
from beholder.language.answer import Work
from beholder.types import Grounding, Job, Started, TextDelta, ToolCallDelta, Usage


def with_grounding(work: Work, job: Job) -> Work:
    """`work` with a `Grounding` for each value before its `Usage`, where `job` asks for it.

    What is sent to it is passed on, and so is its being closed. The evidence is that of its `Started`.
    """
    if not job.grounding:
        yield from work
        return
    evidence: Sequence[Evidence] = ()
    text: list[str] = []
    calls: dict[int, list[str]] = {}
    logits = None
    try:
        while True:
            try:
                event = work.send(logits)
            except StopIteration:
                return
            match event:
                case Started():
                    evidence = event.evidence
                case TextDelta():
                    text.append(event.text)
                case ToolCallDelta():
                    calls.setdefault(event.index, []).append(event.arguments)
                case Usage():
                    yield from _groundings("".join(text), calls, evidence)
            logits = yield event
    finally:
        work.close()


def _groundings(text: str, calls: dict[int, list[str]], evidence: Sequence[Evidence]) -> Iterator[Grounding]:
    """Those of the text, then those of each call, whose pointers begin with its place: `/tool_calls/0/arguments`."""
    yield from ground(text, evidence)
    for index, pieces in calls.items():
        for each in ground("".join(pieces), evidence):
            yield replace(each, pointer=f"/tool_calls/{index}/arguments{each.pointer}")
