"""The demonstration behind scripts/demo: a real server, a real question, a checked answer, and where it was read.

The last line on standard output is the answer as one line of JSON. The exit status is 0 only if the four line items
are those of examples/invoice.json.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NoReturn

import httpx2
from openai import OpenAI

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PROMPT = "Extract the line items as JSON: description, qty, unit_price, total"
NUMBERS = ("qty", "unit_price", "total")
READY_LINE = re.compile(r"Beholder is ready at (http://\S+)")
LOADING_LIMIT = 900
"""Seconds for the first start on a slow machine: the weights are assembled and converted once."""
STOPPING_LIMIT = 30


def say(text: str) -> None:
    """To the person at the terminal; standard output is for the answer."""
    print(f"demo: {text}", file=sys.stderr, flush=True)


@contextmanager
def running_server() -> Iterator[str]:
    """The address of a server of our own, ready to answer; it is stopped however the block ends."""
    command = [sys.executable, "-m", "beholder", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield wait_until_ready(server)
        finally:
            server.terminate()
            try:
                server.wait(STOPPING_LIMIT)
            except subprocess.TimeoutExpired:
                server.kill()


def wait_until_ready(server: subprocess.Popen[str]) -> str:
    """The base address from the server's ready line, once its model is loaded."""
    assert server.stdout is not None
    for line in server.stdout:
        sys.stderr.write(line)
        if match := READY_LINE.search(line):
            # A full pipe would stop the server.
            threading.Thread(target=pass_on, args=(server.stdout,), daemon=True).start()
            wait_for_model(server, match[1].removesuffix("/v1") + "/readyz")
            return match[1]
    raise SystemExit(f"demo: the server ended with status {server.wait()} before it was ready")


def pass_on(stream: IO[str]) -> None:
    """What else the server says on its standard output."""
    for line in stream:
        sys.stderr.write(line)


def wait_for_model(server: subprocess.Popen[str], address: str) -> None:
    """Return when `address` answers 200."""
    until = time.monotonic() + LOADING_LIMIT
    while not is_ready(address):
        if server.poll() is not None:
            raise SystemExit(f"demo: the server ended with status {server.returncode} before its model was loaded")
        if time.monotonic() > until:
            raise SystemExit(f"demo: the model was not loaded within {LOADING_LIMIT} s")
        time.sleep(0.2)


def is_ready(address: str) -> bool:
    """Whether `address` answers 200."""
    try:
        return httpx2.get(address).status_code == 200
    except httpx2.TransportError:
        return False


def ask(base_url: str) -> tuple[Any, list[dict[str, Any]]]:
    """The answer's JSON, and the lines of text that the server read in the picture."""
    picture = base64.b64encode((EXAMPLES / "invoice.png").read_bytes()).decode()
    response = OpenAI(base_url=base_url, api_key="unused").chat.completions.create(
        model="grok-2-vision-latest",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": PROMPT},
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}},
                ],
            }
        ],
        response_format={"type": "json_object"},
        extra_body={"evidence": True},
    )
    extension = (response.model_extra or {}).get("x_beholder") or {"evidence": []}
    lines = [line for image in extension["evidence"] for line in image["lines"]]
    return json.loads(response.choices[0].message.content or ""), lines


def find_items(answer: Any, count: int) -> list[dict[str, Any]]:
    """The first list of `count` objects anywhere in the answer: the prompt does not say under which key."""
    if isinstance(answer, list) and len(answer) == count and all(isinstance(item, dict) for item in answer):
        return answer
    children = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ()
    return next((found for child in children if (found := find_items(child, count))), [])


def numbers_in(text: object) -> list[Decimal]:
    """The numbers written in a text, or the number itself: "$1,102.00" and 1102.0 are the same."""
    written = "" if isinstance(text, bool) else str(text).replace(",", "")
    return [Decimal(number) for number in re.findall(r"-?\d+(?:\.\d+)?", written)]


def is_same(item: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether the answer's line item is the one that was drawn."""
    words, expected_words = (str(each.get("description", "")).casefold().split() for each in (item, expected))
    return words == expected_words and all(numbers_in(item.get(n)) == numbers_in(expected[n]) for n in NUMBERS)


def source_of(value: object, row: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The line that `value` was read from: of those that hold the number, the one level with `row`."""
    holding = [line for line in lines if set(numbers_in(value)) & set(numbers_in(line["text"]))]
    return min(holding, key=lambda line: abs(middle(line) - middle(row)), default=None)


def middle(line: dict[str, Any]) -> float:
    """Twice the height at which the middle of a line's box stands, in pixels from the top."""
    return float(line["box"][1] + line["box"][3])


def show_sources(items: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    """Where each number was read, in pixels of the picture."""
    print("\nWhere it was read (left, top, right, bottom in pixels of the picture):")
    for item in items:
        description = str(item.get("description", "")).casefold()
        row = next((line for line in lines if description and description in line["text"].casefold()), None)
        print(f"  {item.get('description')}")
        for name in NUMBERS:
            found = source_of(item.get(name), row, lines) if row else None
            place = "not found in what was read"
            if found:
                place = f"{found['text']!r} at ({', '.join(f'{edge:.0f}' for edge in found['box'])})"
                place += f", {found['confidence']:.0%} sure"
            print(f"    {name:<10} {item.get(name)!s:>10}  {place}")


def main() -> int:
    """Run the demonstration; the exit status."""
    expected = json.loads((EXAMPLES / "invoice.json").read_text(encoding="utf-8"))["line_items"]
    began = time.monotonic()
    say("starting the server; the first start prepares the model's weights, which takes a few minutes once")
    with running_server() as base_url:
        say(f"ready after {time.monotonic() - began:.1f} s; asking about {EXAMPLES / 'invoice.png'}")
        asked = time.monotonic()
        answer, lines = ask(base_url)
        say(f"answered in {time.monotonic() - asked:.1f} s; stopping the server")
    items = find_items(answer, len(expected))
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    show_sources(items, lines)
    is_right = len(items) == len(expected) and all(map(is_same, items, expected))
    say("the answer is right" if is_right else f"the answer is WRONG; drawn were {json.dumps(expected)}")
    print(json.dumps(answer, ensure_ascii=False, separators=(",", ":")), flush=True)
    return 0 if is_right else 1


def give_up(_signal: int, _frame: object) -> NoReturn:
    """End as after Ctrl-C, so that the server is stopped too."""
    raise SystemExit("demo: stopped")


if __name__ == "__main__":
    # Loopback never goes through a proxy.
    os.environ["NO_PROXY"] = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1"]))
    signal.signal(signal.SIGTERM, give_up)
    signal.signal(signal.SIGINT, give_up)
    sys.exit(main())
