"""What a server's reply to one file is worth: right or wrong, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from robustness_manifest import Row

Fault: TypeAlias = Literal["5xx", "hang", "cut", "death"]
"""What must never happen: an answer 5xx, none in time, a connection that is cut, the end of the server's process."""

MAX_EDGE = 8_192
"""Pixels of the longest edge that is delivered: the documented downscale."""

UNSUPPORTED = "unsupported_image_media_type"
REFUSALS = frozenset(
    {UNSUPPORTED, "invalid_image", "image_parse_error", "empty_image_file", "image_file_too_large", "image_too_large"}
)
"""The codes that say something about the file itself. The others (of downloading, of base64) would be ours to blame."""

PARAM = "messages[0].content[0].image_url.url"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: `status` 0 when nothing did. Sizes are `(width, height)`; `original_size` is upright."""

    status: int
    code: str = ""
    param: str = ""
    message: str = ""
    original_size: tuple[int, int] | None = None
    size: tuple[int, int] | None = None
    seconds: float = 0.0
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_right` is about the outcome and the size together; `remark` says what happened in a few words."""

    is_right: bool
    remark: str


def judge(row: Row, reply: Reply) -> Verdict:
    """The verdict on the answer to the question itself, for which the picture was decoded."""
    if reply.fault is not None:
        return Verdict(False, {"5xx": f"{reply.status} {reply.message}"}.get(reply.fault, reply.fault))
    if reply.status == 200:
        return _judge_size(row, reply) if row.is_accepted else Verdict(False, "accepted, expected a refusal")
    if reply.status != 400 or reply.code not in REFUSALS or reply.param != PARAM:
        return Verdict(False, f"not a refusal of the image: {reply.status} {reply.code} {reply.message}")
    return _judge_refusal(row, reply)


def judge_plan(row: Row, reply: Reply) -> Verdict:
    """The verdict on the plan, which reads headers only: it may let damage pass, but not tell a wrong size."""
    if reply.status == 200 and not row.is_accepted:
        return Verdict(True, "damage not in the header")
    return judge(row, reply)


def _judge_refusal(row: Row, reply: Reply) -> Verdict:
    if not row.is_accepted:
        return Verdict(True, reply.code)
    if row.is_optional and reply.code == UNSUPPORTED:
        return Verdict(True, "unsupported, said cleanly")
    if row.frames > 1 and reply.code == UNSUPPORTED and "animated" in reply.message:
        return Verdict(True, "refused as animated")
    return Verdict(False, f"refused, expected acceptance: {reply.code} {reply.message}")


def _judge_size(row: Row, reply: Reply) -> Verdict:
    if reply.original_size is None or reply.size is None:
        return Verdict(False, "accepted without telling the size")
    told = "{}x{}".format(*reply.original_size)
    if row.size is not None and reply.original_size != row.size:
        return Verdict(False, f"size {told}, expected {row.size[0]}x{row.size[1]}")
    if not _is_documented(reply.original_size, reply.size):
        return Verdict(False, f"{told} delivered as {reply.size[0]}x{reply.size[1]}")
    return Verdict(True, told if row.size is not None else f"{told} (the manifest has no size)")


def _is_documented(original: tuple[int, int], delivered: tuple[int, int]) -> bool:
    """Whether `delivered` is `original`, or that with its longest edge brought to the limit, give or take a pixel."""
    shrink = min(1.0, MAX_EDGE / max(original))
    wanted = [max(1.0, edge * shrink) for edge in original]
    return all(abs(edge - target) <= (1 if shrink < 1 else 0) for edge, target in zip(delivered, wanted, strict=True))
