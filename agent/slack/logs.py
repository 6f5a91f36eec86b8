"""Logs, one JSON object a line, to standard error. Ids, kinds and times; never what was said, never a token."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, Final, TextIO

_LOG = logging.getLogger("rung.slack")
_SECRET: Final = re.compile(r"\b(?:xox[a-z]-|xoxe\.|xapp-)[\w.-]+|://[^/@\s]+@|(?<=\?)ticket=\S+")


def log(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Something happened; fields are ids, numbers and codes only."""
    _LOG.log(level, event, extra={"fields": fields})


class Lines(logging.Formatter):
    """A record as a line of JSON. Of the libraries' own records only the kind of an error is told: their texts may
    repeat a request, and so what was said."""

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name == _LOG.name
        row: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if ours else f"library {record.name}",
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            row["error"] = record.exc_info[0].__name__
            row["where"] = _where(record.exc_info[2])
        return _SECRET.sub("[secret]", json.dumps(row, ensure_ascii=False, default=str))


def _where(trace: Any) -> str:
    """The last places of a trace: enough to find the line, without a value."""
    places: list[str] = []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places[-4:])


def to(stream: TextIO | None = None) -> logging.Handler:
    """Log there; the libraries only from warnings on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines())
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name == _LOG.name)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    _LOG.setLevel(logging.INFO)
    return handler
