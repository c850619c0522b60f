"""One JSON object per log line, from an allow-list of fields: nothing a person typed gets in by accident."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

FIELDS = ("route", "method", "status", "milliseconds", "job", "kind", "reason", "count")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Arguments are not merged into the message: they may carry a path, an address or a text.
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = self._where(record)
        return json.dumps(line, ensure_ascii=False)

    @staticmethod
    def _where(record: logging.LogRecord) -> list[str]:
        """Type of the error and the places it passed, without its text, which may quote an answer."""
        kind, _, trace = record.exc_info or (None, None, None)
        places = [kind.__name__ if kind else "unknown"]
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(
                f"{code.co_filename.rsplit('/', 2)[-2]}/{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
            )
            trace = trace.tb_next
        return places
