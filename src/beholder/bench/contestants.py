"""The ways from bytes to model-ready pixels that `bench images` compares."""

from __future__ import annotations

import base64
import importlib
import io
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from beholder.api.chat import DECODER
from beholder.api.to_job import to_job
from beholder.engines.echo import EchoEngine
from beholder.images.decode import decode, fit
from beholder.images.inspect import inspect
from beholder.images.source import read_data_uri
from beholder.settings import Settings

Contestant: TypeAlias = Callable[[bytes], NDArray[np.uint8]]
"""From the bytes of a file, or of a request's body, to `(height, width, 3)` uint8 RGB, upright."""

INSTALL_TORCHVISION = "pip install torch torchvision"


def beholder(edge: int) -> Contestant:
    """What the server does: judge the header, decode, strictly, turn, convert, resize."""
    most = Settings().max_image_pixels

    def run(data: bytes) -> NDArray[np.uint8]:
        return decode(data, inspect(data, most), edge).pixels

    return run


def pillow(edge: int) -> Contestant:
    """Plain Pillow: open, turn, convert, and resize with Lanczos."""

    def run(data: bytes) -> NDArray[np.uint8]:
        picture = _opened(data)
        return np.asarray(picture.resize(fit(picture.size, edge), Image.Resampling.LANCZOS))

    return run


def torchvision(edge: int) -> Contestant | str:
    """The fast image processors of Hugging Face transformers: Pillow decodes, torchvision resizes (bicubic).

    Their normalisation is left out, as for the others. A sentence instead where torchvision cannot be used.
    """
    try:
        functional: Any = importlib.import_module("torchvision.transforms.v2.functional")
    except (ImportError, RuntimeError) as error:
        reason = "is not installed" if isinstance(error, ModuleNotFoundError) else f"cannot be imported: {error}"
        return f"torchvision {reason}; to compare with it: {INSTALL_TORCHVISION}"

    def run(data: bytes) -> NDArray[np.uint8]:
        picture = _opened(data)
        width, height = fit(picture.size, edge)
        tensor = functional.pil_to_tensor(picture)
        resized = functional.resize(
            tensor, [height, width], interpolation=functional.InterpolationMode.BICUBIC, antialias=True
        )
        pixels: NDArray[np.uint8] = resized.permute(1, 2, 0).numpy()
        return pixels

    return run


def beholder_request(edge: int) -> Contestant:
    """The server's path from a body: typed JSON, the job, strict base64, pixels."""
    read, most = beholder(edge), Settings().max_image_bytes

    def run(body: bytes) -> NDArray[np.uint8]:
        job = to_job(DECODER.decode(body), EchoEngine.capabilities)
        (ref,) = job.image_refs()
        return read(read_data_uri(ref.source, most))

    return run


def standard_request(edge: int) -> Contestant:
    """The standard library's path from a body, and plain Pillow."""
    read = pillow(edge)

    def run(body: bytes) -> NDArray[np.uint8]:
        url = json.loads(body)["messages"][0]["content"][0]["image_url"]["url"]
        return read(base64.b64decode(url.partition(",")[2]))

    return run


def body_with(data: bytes) -> bytes:
    """A chat request that carries the file as a data URI."""
    url = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is this?"}]
    return json.dumps({"model": "grok-2-vision-latest", "messages": [{"role": "user", "content": content}]}).encode()


def _opened(data: bytes) -> Image.Image:
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
