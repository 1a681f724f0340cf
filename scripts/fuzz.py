"""The fuzzing behind scripts/fuzz: mutated images through the loader in this process, and through a real server.

Each image is made of the run's seed and its own number, so any one can be made again: `--seed S --only NUMBER`. Wrong
is an exception other than `ImageError`, an answer 5xx or none, an image that takes longer than the limit, and memory
that goes on growing after a warm-up. The last line sums up; the exit status is 0 only if nothing went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import faulthandler
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from fuzz_mutations import mutate
from fuzz_seeds import Seed, draw
from robustness_server import WatchedServer, memory_of, processes_from, question

from beholder.errors import ImageError
from beholder.images import Loader
from beholder.progress import Progress, for_stream, step
from beholder.settings import Settings
from beholder.types import ImageRef, Job, Turn, Where

LIMIT = 10.0
"""Seconds for one image, those waiting before it included."""
MAX_PIXELS = 2_000_000
"""The pixel ceiling of the run, so that its time goes to odd files rather than to large ones: decoding a picture of the
default ceiling takes seconds, whether or not anything is wrong with it."""
AT_ONCE = 4
SAMPLES = 60
"""How often memory is looked at in a run."""
GROWTH_LIMIT = 48 * 1024 * 1024
"""Bytes that memory may differ by between the run's second and last fifth: allocators do not give all back at once."""


@dataclass
class Findings:
    """What a run brought to light. `memory` is sampled evenly over the run; `wrong` is empty when all is well."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, -1)
    memory: list[int] = field(default_factory=list)
    dead_workers: int = 0
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """Images that were tried."""
        return self.outcomes.total()

    @property
    def growth(self) -> int:
        """Bytes of memory in the last fifth above those in the second one, after the warm-up."""
        fifth = len(self.memory) // 5
        if not fifth:
            return 0
        return int(statistics.median(self.memory[-fifth:]) - statistics.median(self.memory[fifth : 2 * fifth]))

    def took(self, seconds: float, number: int) -> None:
        """Note how long an image took."""
        self.slowest = max(self.slowest, (seconds, number))

    def check_growth(self, where: str) -> None:
        """Count growth over the limit as wrong."""
        if self.growth > GROWTH_LIMIT:
            self.wrong.append(f"memory {where} grew by {self.growth / 2**20:.0f} MiB after the warm-up")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged image, with how it came about."""

    number: int
    seed: Seed
    mutations: tuple[str, ...]
    data: bytes

    @property
    def uri(self) -> str:
        """As a client would send it."""
        return f"data:image/png;base64,{base64.b64encode(self.data).decode()}"

    def __str__(self) -> str:
        return f"image {self.number} ({self.seed.name}: {', '.join(self.mutations)})"


def make(run_seed: int, number: int, seeds: Sequence[Seed]) -> Mutant:
    """Image `number` of the run."""
    seed, names, data = mutate(random.Random(f"{run_seed}/{number}"), seeds)
    return Mutant(number, seed, tuple(names), data)


class Watch:
    """Samples memory while images are worked off, and tells progress."""

    def __init__(
        self, findings: Findings, total: int, processes: Callable[[], frozenset[int]], progress: Progress
    ) -> None:
        self._findings = findings
        self._every = max(1, total // SAMPLES)
        self._processes = processes
        self._known = processes()
        self._progress = progress

    def done(self) -> None:
        """One more image is done."""
        self._progress.advance(1)
        if self._findings.count % self._every == 0:
            now = self._processes()
            self._findings.memory.append(memory_of(now))
            self._findings.dead_workers += len(self._known - now)
            self._known = now


async def fuzz_loader(numbers: Sequence[int], run_seed: int, settings: Settings, progress: Progress) -> Findings:
    """Load each image through the real loader, a few at a time; every eighth is planned as well."""
    findings, seeds, began = Findings(), draw(), time.monotonic()
    watch = Watch(findings, len(numbers), lambda: processes_from(os.getpid()), progress)
    loader, waiting = Loader(settings), iter(numbers)

    async def work() -> None:
        for number in waiting:
            mutant = make(run_seed, number, seeds)
            start = time.monotonic()
            findings.outcomes[await _load(loader, mutant, findings)] += 1
            findings.took(time.monotonic() - start, number)
            watch.done()

    with step(progress, f"Loading {len(numbers):,} images", len(numbers), "steps"):
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    await loader.close()
    findings.seconds = time.monotonic() - began
    findings.check_growth("of the loader")
    return findings


async def _load(loader: Loader, mutant: Mutant, findings: Findings) -> str:
    ref = ImageRef(mutant.uri, Where(0, 0, "messages[0].content[0].image_url.url"))
    job = Job((Turn("user", (ref,)),))
    try:
        if mutant.number % 8 == 0:
            await asyncio.wait_for(_plan(loader, job), LIMIT)
        (image,) = (await asyncio.wait_for(loader.load(job), LIMIT)).images()
    except ImageError as error:
        return str(error.code)
    except TimeoutError:
        # A decoder that hangs in a thread cannot be stopped, so that nothing could end this process politely.
        print(f"fuzz: FAILED; {mutant} took longer than {LIMIT:g} s", flush=True)
        os._exit(1)
    except Exception as error:  # the edge of this process: anything else that comes out is a finding
        findings.wrong.append(f"{mutant}: {type(error).__name__}: {error}")
        return "unexpected exception"
    height, width, channels = image.pixels.shape
    if (width, height, channels) != (*image.size, 3) or image.pixels.flags.writeable:
        findings.wrong.append(f"{mutant}: pixels of shape {image.pixels.shape}")
    return "accepted"


async def _plan(loader: Loader, job: Job) -> None:
    try:
        await loader.plan(job)
    except ImageError:
        return


def fuzz_server(numbers: Sequence[int], run_seed: int, progress: Progress) -> Findings:
    """Ask a real server about each image over HTTP."""
    findings, seeds, began = Findings(), draw(), time.monotonic()
    with (
        WatchedServer("echo", "--max-image-pixels", str(MAX_PIXELS)) as server,
        httpx2.Client(trust_env=False, verify=False, timeout=LIMIT) as client,
        ThreadPoolExecutor(AT_ONCE) as threads,
        step(progress, f"Sending {len(numbers):,} images", len(numbers), "steps"),
    ):
        watch = Watch(findings, len(numbers), server.processes, progress)

        def ask(number: int) -> tuple[Mutant, str, float]:
            mutant, start = make(run_seed, number, seeds), time.monotonic()
            return mutant, _ask(client, server.url, mutant), time.monotonic() - start

        for mutant, outcome, seconds in threads.map(ask, numbers):
            findings.outcomes[outcome] += 1
            findings.took(seconds, mutant.number)
            if outcome.startswith("wrong"):
                findings.wrong.append(f"{mutant}: {outcome}")
            watch.done()
        if not server.is_alive:
            findings.wrong.append("the server died")
    findings.seconds = time.monotonic() - began
    findings.check_growth("of the server")
    return findings


def _ask(client: httpx2.Client, url: str, mutant: Mutant) -> str:
    path = "/v1/images/plan" if mutant.number % 8 == 0 else "/v1/chat/completions"
    try:
        response = client.post(f"{url}{path}", json=question(mutant.uri))
    except httpx2.TransportError as error:
        return f"wrong: {type(error).__name__}"
    if response.status_code == 200:
        return "accepted"
    code = (response.json().get("error") or {}).get("code") if response.status_code == 400 else None
    return code or f"wrong: status {response.status_code}"


def show(where: str, findings: Findings) -> None:
    """What came of the images."""
    outcomes = ", ".join(f"{name} {count:,}" for name, count in findings.outcomes.most_common())
    print(f"{where}: {findings.count:,} images in {findings.seconds:.0f} s: {outcomes}")
    memory = [sample / 2**20 for sample in findings.memory] or [0.0]
    print(
        f"{where}: memory {memory[0]:.0f} MiB at first, {max(memory):.0f} at most, {memory[-1]:.0f} at the end, "
        f"{findings.growth / 2**20:+.1f} after the warm-up; slowest image {findings.slowest[0]:.2f} s (number "
        f"{findings.slowest[1]}); dead workers {findings.dead_workers}"
    )
    for wrong in findings.wrong:
        print(f"WRONG: {wrong}")


def main(arguments: Iterable[str] | None = None) -> int:
    """Run; the exit status."""
    parser = argparse.ArgumentParser(prog="fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000, help="images through the loader (%(default)s)")
    parser.add_argument("--http", type=int, default=5_000, help="further ones through a server (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the run (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first image (%(default)s)")
    parser.add_argument("--only", type=int, help="only this image; it is written to ./fuzz-NUMBER.bin")
    chosen = parser.parse_args(None if arguments is None else list(arguments))
    faulthandler.enable()
    progress = for_stream(sys.stderr)
    loaded = range(chosen.first, chosen.first + chosen.count)
    sent = range(loaded.stop, loaded.stop + chosen.http)
    if chosen.only is not None:
        loaded, sent = range(chosen.only, chosen.only + 1), range(0)
        Path(f"fuzz-{chosen.only}.bin").write_bytes(make(chosen.seed, chosen.only, draw()).data)
    results = {"loader": asyncio.run(fuzz_loader(loaded, chosen.seed, Settings(max_image_pixels=MAX_PIXELS), progress))}
    if sent:
        results["server"] = fuzz_server(sent, chosen.seed, progress)
    for where, findings in results.items():
        show(where, findings)
    wrong = sum(len(findings.wrong) for findings in results.values())
    counts = ", ".join(f"{findings.count:,} through the {where}" for where, findings in results.items())
    print(f"fuzz: {'FAILED' if wrong else 'PASSED'}; {counts}; seed {chosen.seed}; wrong {wrong}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
