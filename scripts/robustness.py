"""The check behind scripts/robustness: a real server against a folder of odd, broken and hostile files.

Each file goes in as a data URI and as a URL of a local web server; its plan is asked for as well. The last line sums
up. The exit status is 0 only if every row that is not doubtful is right both ways and no file at all brought an
answer 5xx, a hang, or the server's end; it is 2 when the manifest cannot be used.
"""

from __future__ import annotations

import argparse
import base64
import mimetypes
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Column, Table
from robustness_manifest import GROUPS, ManifestError, Row, read
from robustness_server import WatchedServer, question
from robustness_verdict import Fault, Reply, Verdict, judge, judge_plan

from beholder.progress import for_stream, step

DEFAULT_DATA = Path(__file__).resolve().parents[2] / "shared" / "evals" / "robustness"
LIMITS = {"echo": 10.0, "builtin": 120.0}
"""Seconds for one request. Without a model a picture takes well under one; reading a large page takes longer."""
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `growth` is the most memory taken above what was held before, in bytes."""

    row: Row
    replies: tuple[Reply, ...]
    verdicts: tuple[Verdict, ...]
    dead_workers: int
    growth: int

    @property
    def is_right(self) -> bool:
        """Both ways and in the plan."""
        return all(verdict.is_right for verdict in self.verdicts)


@contextmanager
def web_server(rows: Sequence[Row]) -> Iterator[str]:
    """Serves row N's file at /N, with the type that its name suggests; the server's address."""

    class Files(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet, where two would wait 40 ms for each other

        def do_GET(self) -> None:
            row = rows[int(self.path.strip("/"))]
            data = row.path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", mimetypes.guess_type(row.file)[0] or "application/octet-stream")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """The table says enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Check:
    """Sends files and collects what comes back."""

    def __init__(self, server: WatchedServer, web: str, limit: float) -> None:
        self._server = server
        self._web = web
        self._client = httpx2.Client(trust_env=False, verify=False, timeout=limit)

    def check(self, number: int, row: Row) -> Outcome:
        """Send row `number` every way there is."""
        before, held = self._server.processes(), self._server.memory()
        self._server.forget_peak()
        declared = mimetypes.guess_type(row.file)[0] or "image/png"
        data = f"data:{declared};base64,{base64.b64encode(row.path.read_bytes()).decode()}"
        chat, plan = "/v1/chat/completions", "/v1/images/plan"
        replies = tuple(
            self._ask(path, source) for path, source in ((chat, data), (chat, f"{self._web}/{number}"), (plan, data))
        )
        is_same_server = all(reply.fault in {None, "5xx"} for reply in replies)
        return Outcome(
            row,
            replies,
            (judge(row, replies[0]), judge(row, replies[1]), judge_plan(row, replies[2])),
            # A server that was started again has other processes altogether.
            dead_workers=len(before - self._server.processes()) if is_same_server else 0,
            growth=max(0, self._server.memory(peak=True) - held),
        )

    def _ask(self, path: str, source: str) -> Reply:
        start = time.monotonic()
        try:
            response = self._client.post(self._server.url + path, json=question(source))
        except httpx2.TimeoutException:
            return self._without_answer("hang", start)
        except httpx2.TransportError:
            return self._without_answer("death" if self._server.ends_within(2.0) else "cut", start)
        return read_reply(response, time.monotonic() - start)

    def _without_answer(self, fault: Fault, start: float) -> Reply:
        """Start the server again, so that the files that follow are judged for themselves."""
        seconds = time.monotonic() - start
        self._server.stop()
        self._server.start()
        return Reply(0, seconds=seconds, fault=fault)


def read_reply(response: httpx2.Response, seconds: float) -> Reply:
    """What the response says about the one image, in either endpoint's form."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    error = body.get("error") or {}
    images = body.get("images") or (body.get("x_beholder") or {}).get("images") or [{}]
    sizes = [tuple(images[0].get(name) or ()) or None for name in ("original_size", "size")]
    return Reply(
        response.status_code,
        code=str(error.get("code") or ""),
        param=str(error.get("param") or ""),
        message=str(error.get("message") or ""),
        original_size=sizes[0],
        size=sizes[1],
        seconds=seconds,
        fault="5xx" if response.status_code >= 500 else None,
    )


def show(outcomes: Sequence[Outcome]) -> None:
    """The table, a line for each file; what is wrong is marked."""
    table = Table(
        "", Column("file", overflow="fold"), "expected", "data URI", "URL", "plan", "time", "memory", "faults"
    )
    for outcome in outcomes:
        row = outcome.row
        size = "" if row.size is None else " {}x{}".format(*row.size)
        table.add_row(
            "ok" if outcome.is_right else "doubt" if row.is_doubtful else "WRONG",
            row.file,
            ("accept" if row.is_accepted else "reject") + size,
            *(shortened(verdict) for verdict in outcome.verdicts),
            f"{max(reply.seconds for reply in outcome.replies) * 1000:.0f} ms",
            f"+{outcome.growth / MEBIBYTE:.0f} MiB",
            ", ".join(faults(outcome)),
        )
    console = Console(highlight=False, markup=False)
    # Text that is cut in a log is lost.
    Console(highlight=False, markup=False, width=max(console.width, 200)).print(table)
    for outcome in outcomes:
        for way, verdict in zip(("data URI", "URL", "plan"), outcome.verdicts, strict=True):
            if not verdict.is_right:
                doubt = "doubt" if outcome.row.is_doubtful else "WRONG"
                print(f"{doubt}: {outcome.row.file} as {way}: {verdict.remark}")


def shortened(verdict: Verdict) -> str:
    """The verdict for a cell of the table; what is wrong is told in full below it."""
    return verdict.remark if verdict.is_right else f"✗ {verdict.remark.split(':')[0]}"


def faults(outcome: Outcome) -> list[str]:
    """What must never happen, as it happened to one file."""
    found = [reply.fault for reply in outcome.replies if reply.fault is not None]
    return [*found, *["dead worker"] * outcome.dead_workers]


def sum_up(outcomes: Sequence[Outcome], engine: str) -> str:
    """The last line."""
    scores = []
    for group in GROUPS:
        of_group = [outcome for outcome in outcomes if outcome.row.group == group]
        scores.append(f"{group} {sum(outcome.is_right for outcome in of_group)}/{len(of_group)}")
    every = [fault for outcome in outcomes for fault in faults(outcome)]
    counts = ", ".join(f"{name} {every.count(name)}" for name in ("5xx", "hang", "cut", "death", "dead worker"))
    slowest = max(reply.seconds for outcome in outcomes for reply in outcome.replies)
    growth = max(outcome.growth for outcome in outcomes) / MEBIBYTE
    return (
        f"robustness: {'PASSED' if is_passed(outcomes) else 'FAILED'}; right both ways: {', '.join(scores)}; {counts}; "
        f"slowest {slowest:.2f} s; most memory +{growth:.0f} MiB; engine {engine}"
    )


def is_passed(outcomes: Sequence[Outcome]) -> bool:
    """Whether every row that is not doubtful is right, and nothing happened that never may."""
    has_fault = any(reply.fault is not None for outcome in outcomes for reply in outcome.replies)
    return not has_fault and all(outcome.is_right for outcome in outcomes if not outcome.row.is_doubtful)


def run(rows: Sequence[Row], engine: str, limit: float) -> list[Outcome]:
    """Every row through a server of its own making."""
    progress = for_stream(sys.stderr)
    with web_server(rows) as web, WatchedServer(engine) as server:
        check, outcomes = Check(server, web, limit), []
        with step(progress, f"Sending {len(rows)} files", len(rows), "steps"):
            for number, row in enumerate(rows):
                outcomes.append(check.check(number, row))
                progress.advance(1)
    return outcomes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check; the exit status."""
    parser = argparse.ArgumentParser(prog="robustness", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder with manifest.jsonl (%(default)s)")
    parser.add_argument("--engine", choices=sorted(LIMITS), default="echo", help="engine that answers (%(default)s)")
    parser.add_argument("--limit", type=float, help="seconds after which a request counts as hanging")
    chosen = parser.parse_args(arguments)
    try:
        rows = read(chosen.data)
    except ManifestError as error:
        print(f"robustness: {error}", file=sys.stderr)
        return 2
    outcomes = run(rows, chosen.engine, chosen.limit or LIMITS[chosen.engine])
    show(outcomes)
    print(sum_up(outcomes, chosen.engine), flush=True)
    return 0 if is_passed(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
