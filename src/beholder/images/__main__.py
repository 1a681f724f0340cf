"""`python -m beholder.images photo.jpg …` prints what becomes of a picture: its size, digest and report."""

from __future__ import annotations

import asyncio
import sys

from beholder.errors import BeholderError
from beholder.images import InProcessDecoder, Loader
from beholder.settings import Settings
from beholder.types import ImageRef, Job, Turn, Where


async def _describe(sources: list[str]) -> None:
    loader = Loader(Settings.load(), decoder=InProcessDecoder())
    try:
        for number, source in enumerate(sources):
            is_path = not source.lower().startswith(("http://", "https://", "data:"))
            ref = ImageRef(source, Where(0, number, source[:60]), is_path=is_path)
            job = await loader.load(Job(turns=(Turn("user", (ref,)),)))
            for image in job.images():
                lines = [source[:60], f"  BLAKE3 {image.digest}", *(f"  {line}" for line in image.report)]
                sys.stdout.write("\n".join(lines) + "\n")
    finally:
        await loader.close()


def main() -> int:
    """Exit status 0 when every picture was decoded, 1 for the first that was not, 2 when none was named."""
    if len(sys.argv) < 2:
        sys.stderr.write("usage: python -m beholder.images PICTURE [PICTURE …]\n")
        return 2
    try:
        asyncio.run(_describe(sys.argv[1:]))
    except BeholderError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
