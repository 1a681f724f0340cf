"""What is wrong with one image, before its place in the request is known; the loader alone adds the place."""

from __future__ import annotations

from beholder.errors import ImageCode


class ImageFault(Exception):
    """A reason to refuse an image. `code` is OpenAI's; `message` says what was expected, what came and what to do."""

    def __init__(self, code: ImageCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def megabytes(count: int) -> str:
    """A count of bytes as a person writes it: `20 MiB`, `1.5 MiB`, `812 bytes`."""
    mebibytes = count / (1024 * 1024)
    return f"{round(mebibytes, 1):g} MiB" if mebibytes >= 0.1 else f"{count:,} bytes"


def too_many_bytes(limit: int) -> ImageFault:
    """The refusal of a file over `limit` bytes, wherever that was noticed."""
    return ImageFault(
        "image_file_too_large",
        f"the image file is over the limit of {megabytes(limit)} ({limit:,} bytes); send a smaller one",
    )


def empty_file() -> ImageFault:
    """The refusal of zero bytes."""
    return ImageFault("empty_image_file", "the image file is empty (0 bytes); send the whole file")
