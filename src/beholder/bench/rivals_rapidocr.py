"""rapidocr as it comes, on onnxruntime, run by the rivals' Python: a path a line in, a JSON list of lines out."""

from __future__ import annotations

import json
import os
import sys

from rapidocr import EngineType, RapidOCR


def main() -> None:
    """Read pictures until standard input is closed. What the libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    # The default runtime, named in case another package beside it changes what the default is.
    kinds = {f"{step}.engine_type": EngineType.ONNXRUNTIME for step in ("Det", "Cls", "Rec")}
    reader = RapidOCR(params={"Global.log_level": "error", **kinds})
    print(json.dumps({"ready": True}), file=out, flush=True)
    for path in sys.stdin:
        print(json.dumps({"lines": list(reader(path.rstrip("\n")).txts or ())}), file=out, flush=True)


if __name__ == "__main__":
    main()
