"""Field accuracy on labelled receipts, asked of a running server: scripts/receipts.py FOLDER [--limit N] [--url URL].

FOLDER holds `labels.jsonl`, one JSON a line with `image`, `prompt` and `expected` (company, date, address, total), as
the ICDAR 2019 SROIE challenge has them. A field is right when it is the same after normalising: upper case, letters
and digits only; the total as a decimal number without currency and commas; the date as a day, read day first.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import time
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from statistics import median
from typing import Any

from openai import OpenAI

FIELDS = ("company", "date", "address", "total")
NUMERIC = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y", "%d.%m.%Y", "%d.%m.%y", "%d%m%Y", "%Y-%m-%d", "%Y/%m/%d")
SPELLED = ("%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%d %b %y")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in FIELDS},
    "required": list(FIELDS),
    "additionalProperties": False,
}


def main() -> None:
    """Ask, compare, print a line a receipt and the sums at last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--url", default="http://127.0.0.1:8000/v1")
    options = parser.parse_args()
    client = OpenAI(base_url=options.url, api_key="none", timeout=600)
    rows = [json.loads(line) for line in (options.folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    right = dict.fromkeys(FIELDS, 0)
    whole, seconds = 0, []
    for row in rows[: options.limit]:
        began = time.monotonic()
        answer = ask(client, options.folder / row["image"], row["prompt"])
        seconds.append(time.monotonic() - began)
        hits = {name: normal(name, answer[name]) == normal(name, row["expected"][name]) for name in FIELDS}
        for name, is_right in hits.items():
            right[name] += is_right
        whole += all(hits.values())
        missed = ", ".join(f"{name} {answer[name]!r}" for name, is_right in hits.items() if not is_right)
        print(f"{row['id']}  {seconds[-1]:5.1f} s  {missed or 'right'}", flush=True)
    count = len(seconds)
    print(
        json.dumps(
            {
                "n": count,
                "field_accuracy": round(sum(right.values()) / (len(FIELDS) * count), 4),
                "all_four": round(whole / count, 4),
                "median_seconds": round(median(seconds), 2),
                **{name: round(hits / count, 4) for name, hits in right.items()},
            }
        )
    )


def ask(client: OpenAI, picture: Path, prompt: str) -> dict[str, str]:
    """The four fields of one receipt."""
    data = base64.b64encode(picture.read_bytes()).decode()
    answer = client.chat.completions.create(
        model="grok-2-vision-latest",
        temperature=0,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}},
                    {"type": "text", "text": prompt},
                ],
            }
        ],
        response_format={"type": "json_schema", "json_schema": {"name": "receipt", "strict": True, "schema": SCHEMA}},
    )
    fields: dict[str, str] = json.loads(answer.choices[0].message.content or "")
    return fields


def normal(field: str, value: str) -> str | Decimal | date:
    """The value in the form that is compared."""
    if field == "total":
        try:
            return Decimal(re.sub(r"(?i)RM|[$,\s]", "", value))
        except InvalidOperation:
            return value
    if field == "date":
        for form in (*NUMERIC, *SPELLED):
            try:
                return datetime.strptime(value.strip(), form).date()
            except ValueError:
                continue
    return re.sub(r"[^A-Z0-9]", "", value.upper())


if __name__ == "__main__":
    main()
