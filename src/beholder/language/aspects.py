"""What to look for in the pictures of a job, from the words of its last turn: looking costs time, telling costs tokens.

The words are stems in English, German, French, Spanish and Dutch. A stem that is met by mistake costs a look and a few
lines of evidence, never an answer; a picture's text is always read, and its charts unless `bill_telling.py` tells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from beholder.language.safety_telling import MATTERS
from beholder.types import Job, JsonOutput, TextPart

ALWAYS: Final = frozenset({"text", "charts"})

STEMS: Final = {
    "tables": r"tab[el]{2}\w*|tabul|tableau|tabla|\bhtml\b|\bcsv\b|markdown|spreadsheet",
    "form": r"\bforms?\b|form.?fields?|key.?value|formular|formulaire|formulario|formulier",
    "screen": (
        r"\bscreen|screenshot|\bapps?\b|\bui\b|mockup|button|\btap\b|\bclick|toggle|checkbox|\bchecked|\bswitch|\bicons?\b"
        r"|\bmenu|bildschirm|schaltfl|knopf|écran|bouton|pantalla|botón|scherm|knop"
    ),
    "controls": (
        r"toggle|check ?box|\bchecked|\bswitch|\bselected|\b(?:en|dis)abled|\bstatus of\b|turned (?:on|off)"
        r"|\bon or off\b|\bactive\b|\binputs?\b|text ?(?:box|field)"
    ),
    "title": (
        r"\b(?:name|title|heading)s?\b[^.?!\n]{0,20}\b(?:apps?|application|screen|page)\b"
        r"|\b(?:which|what) (?:app|screen|page)\b"
    ),
    "count": (
        r"\bhow many\b|\bnumber of\b|\bcount\b|\bwie ?viele?\b|\banzahl\b|\bcombien\b|\bnombre de\b|cuánt[oa]s"
        r"|\bnúmero de\b|\bhoeveel\b|\baantal\b"
    ),
    "time": (
        r"\bwhat time\b|\bwhat(?:'s| is) the (?:current )?time\b(?! \w)|\bcurrent time\b|\bclock\b|status ?bar"
        r"|\buhrzeit|\bwie spät|quelle heure|qué hora|hoe laat"
    ),
    "total": (
        r"\btotal\b|\bamount (?:due|to pay)|\bto pay\b|\bpayable|how much|gesamtbetrag|\bsumme|zu zahlen|montant"
        r"|à payer|importe|\ba pagar|totaal|te betalen"
    ),
    "company": (
        r"\bcompan(?:y|ies)\b|\bmerchant|\bvendor|\bseller|\bsupplier|\bissuer|\bfirma\b|\bunternehmen|\bempresa"
        r"|\bsociété|\bbedrijf|\bazienda|\bsyarikat"
    ),
    "address": r"\baddress(?:es)?\b|anschrift|\badresse|\bdirección|\bindirizzo|\badres\b|\balamat\b",
    "pieces": r"\b(?:every|each|all|list)\b[^.\n]{0,40}\btexts?\b|\btexts\b",
    "design": (
        r"critique|\breview (?:of )?(?:this|the|my|our|these)\b|contrast|spacing|hierarch|alignment|\balign|accessib"
        r"|usabilit|\bux\b|\bdesign|legib|readab|wcag"
        r"|kritik|kontrast|abst[aä]nd|barriere|critiqu|espacement|contraste|diseño|espaciado|toegankelijk"
    ),
    "differences": (
        r"differ|\bchang|compar|\bspot\b|identical|\bsame\b|before and after|unterschied|vergleich|änder|gleich"
        r"|différen|identique|diferenc|cambi|verschil|vergelijk"
    ),
    "axes": (
        r"\bax[ei]s\b|\bticks?\b|\blegends?\b|\blabel|\blines\b|colou?rs|achse|legende|\baxes?\b|\beje|leyenda"
        r"|\bassen\b|\w-as\b"
    ),
    "trend": r"\btrend|tendenc|tendance|\bincreas\w* or |\b(?:ris|fall|grow|shrink)ing or |entwicklung|\bverloop\b",
    "shared": (
        r"\bsame\b|\bcommon\b|\bshare[ds]?\b|\bboth\b|\bidentical|gemeinsam|\bgleiche|\bcommun|\bmême|común|\bmism[ao]"
        r"|gemeenschapp|zelfde"
    ),
    "photo": (
        r"describ|caption|\balt.?text|\bphoto|picture of|what is (?:in|shown|this)|what do you see"
        r"|(?<!json )(?<!:\")(?<!: \")\bobjects?\b"
        r"|\bpeople\b|\bperson|\banimal|\bis there an? |\bmoderat(?:ion|ing|or)\b|\bflag\b"
        r"|beschreib(?!ung)|décri|descri(?!p)|beschrijf"
    ),
    "colours": r"\bcolou?r|\bfarb|couleur|\bcolore|\bkleur",
    "exposure": (
        r"\bblur|\bsharp|\bbright|\bdark|\bcontrast|\bexpos|in focus|out of focus|unscharf|\bscharf|\bhell|\bdunkel"
        r"|\bfloue?\b|\bnette\b|\bborros|\bnítid|\bwazig"
    ),
    "safety": (
        r"\bmoderat(?:ion|ing|or)\b|\bmoderate (?:this|the|these|uploads?|content|images?|pictures?|photos?)\b"
        r"|\bflag (?:the|this|any|an|all) (?:images?|pictures?|photos?|uploads?)\b|content (?:filter|polic)"
        r"|\bsafe (?:for (?:children|kids|minors|all)|to (?:publish|post|show|share))\b|\bunsafe"
        r"|inappropriate|\bharmful|jugendfrei|anstößig|inapproprié|inapropiad|ongepast"
        rf"|{MATTERS['nsfw'].words}|{MATTERS['firearms'].words}"
    ),
    "places": (
        r"\bbox(?:es)?\b|bbox|coordinate|bounding|click point|\bpixels?\b.*\bwhere\b|\bwhere\b.*\b(?:pixels?|x)\b"
    ),
}
"""Stems of the words that ask for each aspect."""

PATTERNS: Final = {aspect: re.compile(stems, re.IGNORECASE | re.DOTALL) for aspect, stems in STEMS.items()}


FOUND: Final = {"company": "Company", "address": "Address", "total": "Amount to pay"}
"""Aspects whose finding is told on a line of its own, and that line's label."""


def found_label(key: str) -> str | None:
    """The label of what was found for a JSON key; None for a key that names none of `FOUND`, or several."""
    words = key.replace("_", " ")
    labels = [label for aspect, label in FOUND.items() if PATTERNS[aspect].search(words)]
    return labels[0] if len(labels) == 1 else None


def wanted(job: Job) -> frozenset[str]:
    """The aspects that the last turn asks about, its schema's names included."""
    words = question(job)
    if isinstance(job.output, JsonOutput):
        words = " ".join([words, *_named(job.output.schema)])
    found = {aspect for aspect, pattern in PATTERNS.items() if pattern.search(words)}
    if found & {"design", "controls"}:
        found |= {"screen", "controls"}
    if "pieces" in found:
        found.add("screen")
    return ALWAYS | found


def _named(schema: object) -> Iterator[str]:
    """What a JSON Schema asks for in words: its properties' names, titles, descriptions and permitted values.

    Its keywords (`"type": "object"`) ask for nothing.
    """
    if isinstance(schema, list):
        for each in schema:
            yield from _named(each)
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword in {"title", "description", "const"} and isinstance(value, str):
            yield value
        elif keyword == "enum" and isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))
        elif keyword in {"properties", "$defs", "definitions"} and isinstance(value, dict):
            yield from (name.replace("_", " ") for name in value if keyword == "properties")
            yield from _named(list(value.values()))
        elif keyword not in {"default", "examples", "required", "$ref"}:
            yield from _named(value)


def question(job: Job) -> str:
    """The words of the last turn."""
    return "\n".join(part.text for part in job.turns[-1].parts if isinstance(part, TextPart))
