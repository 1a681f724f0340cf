"""Log lines on standard error: for a person on a terminal, as one JSON object each elsewhere."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TextIO

from beholder.api.exchange import request_id


class PersonFormatter(logging.Formatter):
    """`12:30:01 GET /v1/models 200 1 ms req_…`; the level only where it is a warning or worse."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback if there is one."""
        level = f"{record.levelname} " if record.levelno >= logging.WARNING else ""
        line = f"{time.strftime('%H:%M:%S', time.localtime(record.created))} {level}{record.getMessage()}"
        if request_id.get() != "-":
            line += f" {request_id.get()}"
        return line + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else "")


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the fields of a request's line as they are."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z"
        line = {"time": stamp, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if request_id.get() != "-":
            line["request_id"] = request_id.get()
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send all log lines to `stream` (standard error when not given), in the form that suits it."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PersonFormatter() if stream.isatty() else JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("beholder").setLevel(level)
