"""What the eyes are: a digest that changes whenever the same picture could be seen differently."""

from __future__ import annotations

import functools
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from blake3 import blake3

import beholder

OWN_SOURCE: Final = ("evidence.py", "types.py", "images", "perception", "weights/catalogue.py")
"""Below `src/beholder`: what evidence is, how pixels come to be, how they are seen, with which weights."""

LIBRARIES: Final = ("numpy", "opencv-python", "openvino", "pillow", "rapidocr")
"""Distributions whose version bears on pixels or on what is seen in them."""

WEIGHTS: Final = "rapidocr"
"""The package whose model files are used as it brings them."""


@functools.cache
def fingerprint() -> str:
    """BLAKE3 over our own source, the libraries' versions and the reader's weights, as hexadecimal digits."""
    seen = blake3()
    root = Path(beholder.__file__).parent
    for name in OWN_SOURCE:
        path = root / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            seen.update(file.relative_to(root).as_posix().encode() + b"\0" + blake3(file.read_bytes()).digest())
    for library in LIBRARIES:
        seen.update(f"{library} {_version(library)}\0".encode())
    for weights in _weights():
        seen.update(weights.name.encode() + b"\0" + blake3(weights.read_bytes()).digest())
    return seen.hexdigest()


def _version(name: str) -> str:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return "absent"


def _weights() -> list[Path]:
    # Found, not imported: importing it loads OpenCV.
    spec = find_spec(WEIGHTS)
    folders = (spec.submodule_search_locations if spec is not None else None) or ()
    return sorted(file for folder in folders for file in Path(folder).rglob("*.onnx"))
