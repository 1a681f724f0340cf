"""From an answer and the evidence it was given to the boxes of its values.

Each claim of the answer gets the place that agrees with it best, or none: what stands nowhere is not given a box. A
value of several lines has one box around them; one whose parts stand apart has several, all with its pointer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from beholder.evidence import Evidence
from beholder.grounding.candidates import Candidate
from beholder.grounding.choice import Chooser
from beholder.grounding.claims import Claim, json_claims, parse, text_claims
from beholder.grounding.printed import PrintedPage
from beholder.types import Grounding


def ground(answer: str, evidence: Sequence[Evidence]) -> tuple[Grounding, ...]:
    """`ground_json` for a JSON document, `ground_text` for all else."""
    return ground_text(answer, evidence) if parse(answer) is None else ground_json(answer, evidence)


def ground_json(answer: str, evidence: Sequence[Evidence]) -> tuple[Grounding, ...]:
    """Where each string and number of the JSON document `answer` stands, with RFC 6901 pointers.

    `evidence` is one for each image in the order sent; boxes are in the original pixels of the image that is named.
    Nothing for booleans, null, and what stands nowhere; nothing at all where `answer` is no JSON document.
    """
    return _ground(json_claims(parse(answer)), evidence)


def ground_text(answer: str, evidence: Sequence[Evidence]) -> tuple[Grounding, ...]:
    """Where each number, date, quotation, address and name in `answer` stands.

    Pointers are RFC 5147 fragments in Unicode code points: `#char=12,17` is `answer[12:17]`.
    """
    return _ground(text_claims(answer), evidence)


def _ground(claims: Sequence[Claim], evidence: Sequence[Evidence]) -> tuple[Grounding, ...]:
    pages = [PrintedPage(image, each) for image, each in enumerate(evidence)]
    chosen = Chooser(pages).choose(claims)
    return tuple(each for claim, candidate, confidence in chosen for each in _told(claim, candidate, confidence))


def _told(claim: Claim, candidate: Candidate, confidence: float) -> Iterator[Grounding]:
    for part in (replace(candidate, rest=()), *candidate.rest):
        certainty = round(min(confidence, part.confidence, 1.0), 4)
        yield Grounding(claim.pointer, part.text, part.image, part.box, certainty, part.method, part.match)
