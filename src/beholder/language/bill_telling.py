"""What of a bill is told to a schema that asks for its company, address, date and total, and for nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from beholder.evidence import Evidence
from beholder.grounding.values import dates
from beholder.language.aspects import ALWAYS, FOUND, wanted
from beholder.perception.bill_rows import bill_rows
from beholder.types import Job, JsonOutput, TextPart

ISSUER: Final = r"(?:company|merchant|vendor|seller|supplier|store|shop|issuer|firma|händler|empresa|société|bedrijf)"
KEYS: Final = {
    "company": rf"{ISSUER}(?: ?name)?|name of (?:the )?{ISSUER}",
    "address": rf"(?:{ISSUER} ?)?(?:address|anschrift|adresse|dirección|adres)",
    "date": r"(?:(?:receipt|bill|invoice|transaction|purchase|issue) ?)?date|date of (?:issue|purchase)|datum|fecha",
    "total": (
        r"(?:grand |invoice |bill |receipt )?total(?: ?(?:amount|price|due|to pay))?|amount (?:due|to pay|payable)"
        r"|gesamtbetrag|montant total|importe total|totaal|totaalbedrag"
    ),
}
"""What the whole of a key must say, in words: `customer_address` and `total_items` are something else."""
KINDS: Final = {kind: re.compile(words, re.IGNORECASE) for kind, words in KEYS.items()}

LABELS: Final = {**FOUND, "date": "Date"}

OTHERS: Final = re.compile(
    r"customer|client|buyer|purchaser|recipient|consignee|\bship|deliver|\b(?:bill|sold|invoiced) to\b"
    r"|\bitems?\b|\blines?\b|\btime|kunde|käufer|empfänger|liefer|acheteur|destinataire|livraison|\bcliente|comprador"
    r"|destinatario|klant|koper",
    re.IGNORECASE,
)
"""Words of any turn or of the schema about the other party of a bill, about what was bought, or when at that day."""

HARMLESS: Final = frozenset({"photo"})
"""Aspects of questions that call their receipt a photo."""

PLAIN: Final = frozenset({"string", "number", "integer", "null"})
SHAPE: Final = frozenset({"type", "title", "description", "anyOf", "format", "pattern", "minLength", "maxLength"})
"""Keywords of a property that ask for one value as it is printed."""


def tell_bill(job: Job, evidence: Mapping[str, Evidence]) -> str | None:
    """What is told of the bill that is the job's one image; None where its whole page is.

    That is the shortest evidence that the four can be answered from: three of them were found, and the model may choose
    otherwise among the rows about them.
    """
    images = list(job.images())
    if len(images) != 1 or images[0] not in job.turns[-1].parts:
        return None
    seen, kinds = evidence.get(images[0].digest), asked_of_bill(job)
    if seen is None or not kinds or seen.charts or seen.suspicious:
        return None
    bill = bill_rows(seen, kinds)
    if bill is None:
        return None
    day = _one_day(bill.days)
    found = {"company": bill.company, "date": day, "address": bill.address, "total": bill.total}
    told = (f"{LABELS[kind]}: {found[kind]}" for kind in kinds if found[kind])
    return "\n".join([*bill.head, *(() if day else bill.days), *bill.sums, *told])


def asked_of_bill(job: Job) -> tuple[str, ...]:
    """Which of a bill's company, address, date and total the job asks for, in that order; none where for more."""
    schema = job.output.schema if isinstance(job.output, JsonOutput) else None
    if not isinstance(schema, dict) or not _is_closed(schema):
        return ()
    properties: Mapping[str, Any] = schema["properties"]
    kinds = [kind for key in properties if (kind := _kind(key)) and _is_plain(properties[key])]
    said = [part.text for turn in job.turns for part in turn.parts if isinstance(part, TextPart)]
    words = " ".join([*said, json.dumps(schema, ensure_ascii=False)])
    is_else = wanted(job) - ALWAYS - HARMLESS - set(FOUND) or OTHERS.search(words)
    return () if is_else or len(kinds) < len(properties) else tuple(dict.fromkeys(kinds))


def _one_day(rows: Sequence[str]) -> str | None:
    """The day as it is printed, if all the rows have the same one."""
    days = [[row[day.start : day.end] for day in dates(row)] for row in rows]
    printed = {text for found in days for text in found}
    return printed.pop() if len(printed) == 1 and all(days) else None


def _is_closed(schema: Mapping[str, Any]) -> bool:
    """Whether a schema is that of an object which has its properties and no others."""
    return (
        schema.get("type") == "object"
        and isinstance(schema.get("properties"), dict)
        and not schema.get("additionalProperties")
        and all(isinstance(each, dict) for each in schema["properties"].values())
        and set(schema) <= {"type", "properties", "required", "additionalProperties", "title", "description", "$schema"}
    )


def _is_plain(schema: Mapping[str, Any]) -> bool:
    """Whether a property is one string or number, which may be null."""
    if not set(schema) <= SHAPE:
        return False
    if "anyOf" in schema:
        return all(isinstance(each, dict) and _is_plain(each) for each in schema["anyOf"])
    types = schema.get("type")
    return set([types] if isinstance(types, str) else types or ()) <= PLAIN and bool(types)


def _kind(key: str) -> str | None:
    words = " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key).replace("_", " ").replace("-", " ").split())
    return next((kind for kind, pattern in KINDS.items() if pattern.fullmatch(words)), None)
