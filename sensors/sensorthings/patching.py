"""JSON Patch (RFC 6902): operations on a document, in order, all or none. Pure."""

from __future__ import annotations

import copy
from typing import Any

from sensors.sensorthings.problems import BadBody

MOST = 100


def patched(document: Any, operations: Any) -> Any:
    """The document after all operations. Raises BadBody, also where a ``test`` fails."""
    if not isinstance(operations, list) or len(operations) > MOST:
        raise BadBody(f"A JSON Patch is a list of up to {MOST} operations.")
    document = copy.deepcopy(document)
    for index, operation in enumerate(operations):
        try:
            document = _applied(document, operation)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise BadBody(f"Operation {index} cannot be done: {str(error)[:120]}.", where=f"[{index}]") from None
    return document


def _applied(document: Any, operation: dict[str, Any]) -> Any:
    name, path = operation["op"], _steps(operation["path"])
    match name:
        case "add":
            return _added(document, path, operation["value"])
        case "remove":
            return _removed(document, path)
        case "replace":
            _found(document, path)
            return _added(_removed(document, path), path, operation["value"])
        case "move":
            source = _steps(operation["from"])
            value = _found(document, source)
            return _added(_removed(document, source), path, value)
        case "copy":
            return _added(document, path, copy.deepcopy(_found(document, _steps(operation["from"]))))
        case "test":
            if _found(document, path) != operation["value"]:
                raise ValueError("the value is another one")
            return document
    raise ValueError(f"there is no operation {str(name)[:20]}")


def _steps(pointer: Any) -> list[str]:
    """``/a~1b/c`` → ``["a/b", "c"]`` (RFC 6901)."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise ValueError("a path begins with a slash")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]


def _found(document: Any, path: list[str]) -> Any:
    for step in path:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def _added(document: Any, path: list[str], value: Any) -> Any:
    parent, last = _found(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _index(last, len(parent)), value)
    else:
        parent[last] = value
    return document


def _removed(document: Any, path: list[str]) -> Any:
    parent, last = _found(document, path[:-1]), path[-1]
    del parent[_index(last, len(parent) - 1) if isinstance(parent, list) else last]
    return document


def _index(step: str, most: int) -> int:
    index = int(step)
    if not 0 <= index <= most:
        raise IndexError(f"there is no place {step}")
    return index
