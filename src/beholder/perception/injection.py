"""Injection: lines of text in a picture that address the model instead of the reader.

They are evidence like all other text and are never obeyed; finding them lets the answer and the report say so. What is
looked for is an order about the conversation itself, in the most common wordings of five languages: to drop its
instructions, to take another role, to answer with given words, or marks of the chat format. Plain orders to a person
("ignore the noise", "press enter", "answer all questions") are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from beholder.evidence import TextLine

# What a model's instructions are called, and the words that make clear that those given before are meant.
_ORDERS = (
    r"(?:instructions?|prompts?|directives?|guidelines?|questions?|anweisung(?:en)?|vorgaben?|frage[n]?|"
    r"consignes?|directives?|questions?|instrucci(?:o|ó)n(?:es)?|indicaciones|pregunta[s]?|"
    r"instructies?|opdracht(?:en)?|aanwijzing(?:en)?|vra(?:ag|gen))"
)
_BEFORE = (
    r"(?:all|any|every|your|the|previous|prior|above|earlier|preceding|foregoing|system|user'?s?|these|those|original|"
    r"alle|deine|ihre|die|vorherigen?|bisherigen?|vorigen?|obigen?|"
    r"toutes|les|vos|tes|la|pr(?:e|é)c(?:e|é)dentes?|ant(?:e|é)rieures?|"
    r"todas|las|tus|sus|anteriores|previas|"
    r"alle|de|je|jouw|uw|vorige|voorgaande|eerdere|bovenstaande)"
)
_DROP = (
    r"(?:ignore|disregard|forget|override|bypass|ignoriere[n]?|vergiss|vergessen|missachte[n]?|"
    r"ignorez|ignorer|oublie[zr]?|n(?:e|é)gligez|ignora[dr]?|olvida[dr]?|olvide|haz caso omiso de|"
    r"negeer|vergeet)"
)
_MODEL = r"(?:an? )?(?:ai|a\.i\.|assistant|chat ?bot|language model|llm|vision model|gpt|system prompt)"

_GIVEN = (
    # Orders to answer with given words: the word for answering, then what limits the answer to them.
    r"\b(?:respond|reply|answer)\s+(?:only|just|exactly|solely|instead)\s+with\b",
    r"\b(?:respond|reply|answer)\s+with\s+(?:only|just|exactly|the (?:word|text|phrase|string))\b",
    r"\b(?:only|just|instead)\s+(?:respond|reply|answer|output|say|print)\s+(?:with\s+)?[\"'“”‘:]",
    r"\bantworte[n]?\s+(?:sie\s+)?(?:nur|ausschlie(?:ß|ss)lich|immer)\s+mit\b",
    r"\br(?:é|e)pond(?:s|ez|re)\s+(?:uniquement|seulement|toujours)\s+(?:par|avec)\b",
    r"\b(?:responde|responda|contesta)\s+(?:solo|sólo|únicamente|unicamente|siempre)\s+con\b",
    r"\bantwoord\s+(?:alleen|uitsluitend|altijd|slechts)\s+met\b",
)
_ROLES = (
    rf"\byou are (?:now|no longer)\s+{_MODEL}\b",
    rf"\b(?:attention|dear|note to|message to|hey)[:,]? (?:the |an? )?{_MODEL}\s*(?:[,:!]|you (?:must|should))",
    r"\b(?:du bist|sie sind) (?:jetzt|nun|ab jetzt) (?:ein|eine)\s+(?:ki|assistent|chatbot|sprachmodell)",
    r"\b(?:tu es|vous (?:ê|e)tes) (?:maintenant|d(?:é|e)sormais) (?:un|une)\s+(?:ia|assistant|chatbot|mod(?:è|e)le)",
    r"\b(?:ahora eres|a partir de ahora eres) (?:un|una)\s+(?:ia|asistente|chatbot|modelo)",
    r"\bje bent (?:nu|vanaf nu) (?:een )?(?:ai|assistent|chatbot|taalmodel)",
    r"\b(?:enable|enter|activate|switch to)\s+(?:developer|dan|jailbreak|god|admin) mode\b",
)
_MARKS = (
    r"<\|?\s*(?:im_start|im_end|endoftext|system|assistant|begin_of_text|eot_id)\s*\|?>",
    r"<\|\s*user\s*\|>",
    r"\[/?(?:INST|SYS)\]|<</?SYS>>|###\s*(?:system|instruction|assistant)\b",
    r"^\W{0,3}(?:system|assistant|developer)(?: (?:prompt|message|note|override))?\s*[:>]\s*"
    r"(?:you|ignore|disregard|do not|don't|never|always|answer|respond|reply|output|say|from now)\b",
    r"\b(?:begin|end|new) (?:of )?system (?:prompt|message|instructions?)\b",
)
_DROPS = (
    rf"\b{_DROP}\s+(?:{_BEFORE}\s+){{1,4}}{_ORDERS}\b",
    rf"\b{_DROP}\s+(?:{_BEFORE}\s+){{0,2}}{_ORDERS}\s+(?:above|before|pr(?:e|é)c(?:e|é)dentes?|ant(?:e|é)rieures?|"
    rf"anteriores|previas)\b",
    r"\b(?:ignore|disregard|forget)\s+(?:everything|anything|all)\s+(?:above|before|previous|you)\b",
    rf"\bsla\s+(?:{_BEFORE}\s+){{1,3}}{_ORDERS}\s+over\b",
)
_SECRETS = (
    r"\b(?:reveal|repeat|print|output|show|leak)\s+(?:me\s+)?(?:your|the)\s+(?:system|hidden|initial)\s+"
    r"(?:prompt|instructions?|message)\b",
)
PATTERNS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, patterns in (
        ("drop", _DROPS),
        ("role", _ROLES),
        ("words", _GIVEN),
        ("secret", _SECRETS),
        ("marks", _MARKS),
    )
    for pattern in patterns
)
"""What kind of address it is, and how it is worded."""

FOLLOWING_GAP: Final = 1.2
"""How far below a line, in line heights, the next may begin for an order to run on into it."""


def suspicious_lines(lines: Sequence[TextLine]) -> tuple[TextLine, ...]:
    """The lines among `lines`, in reading order, that address the model, alone or along with the line below them."""
    flagged = [bool(address(line.text)) for line in lines]
    for place, (line, below) in enumerate(pairwise(lines)):
        if not flagged[place] and not flagged[place + 1] and _runs_on(line, below):
            # Each alone is harmless; only the two in one sentence are not.
            flagged[place] = flagged[place + 1] = bool(address(f"{line.text} {below.text}"))
    return tuple(line for line, is_flagged in zip(lines, flagged, strict=True) if is_flagged)


def address(text: str) -> str:
    """How `text` addresses a model: drop, role, words, secret or marks; empty where it does not."""
    plain = " ".join(text.replace("’", "'").split())
    return next((kind for kind, pattern in PATTERNS if pattern.search(plain)), "")


def _runs_on(line: TextLine, below: TextLine) -> bool:
    height = line.box[3] - line.box[1]
    overlap = min(line.box[2], below.box[2]) - max(line.box[0], below.box[0])
    return line.box[1] <= below.box[1] <= line.box[3] + FOLLOWING_GAP * height and overlap > 0
