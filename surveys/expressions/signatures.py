"""Every function of the dialect with the number of arguments it takes (``None``: any number).

XPath 1.0 core library, the OpenRosa functions of the ODK XForms specification
(https://getodk.github.io/xforms-spec/#xpath-functions) and JavaRosa's aliases.
"""

from __future__ import annotations

SIGNATURES: dict[str, tuple[int, int | None]] = {
    # of XPath 1.0, lists of nodes
    "last": (0, 0), "position": (0, 1), "count": (1, 1), "id": (1, 1),
    "local-name": (0, 1), "namespace-uri": (0, 1), "name": (0, 1),
    # of XPath 1.0, texts
    "string": (0, 1), "concat": (0, None), "starts-with": (2, 2), "contains": (2, 2),
    "substring-before": (2, 2), "substring-after": (2, 2), "substring": (2, 3),
    "string-length": (0, 1), "normalize-space": (0, 1), "translate": (3, 3),
    # of XPath 1.0, truth and numbers
    "boolean": (1, 1), "not": (1, 1), "true": (0, 0), "false": (0, 0), "lang": (1, 1),
    "number": (0, 1), "sum": (1, 1), "floor": (1, 1), "ceiling": (1, 1), "round": (1, 2),
    # of OpenRosa, control
    "if": (3, 3), "coalesce": (2, 2), "once": (1, 1), "depend": (1, None), "boolean-from-string": (1, 1),
    "checklist": (2, None), "weighted-checklist": (2, None), "current": (0, 0), "instance": (1, 1),
    # of OpenRosa, choices and repeats
    "selected": (2, 2), "is-selected": (2, 2), "selected-at": (2, 2), "count-selected": (1, 1),
    "jr:choice-name": (2, 2), "count-non-empty": (1, 1), "indexed-repeat": (3, 11), "randomize": (1, 2),
    # of OpenRosa, texts
    "join": (1, None), "substr": (2, 3), "ends-with": (2, 2), "regex": (2, 2), "uuid": (0, 1),
    "digest": (2, 3), "base64-decode": (1, 1), "extract-signed": (2, 2), "version": (0, 0), "property": (1, 1),
    # of OpenRosa, numbers
    "int": (1, 1), "abs": (1, 1), "pow": (2, 2), "log": (1, 1), "log10": (1, 1), "exp": (1, 1), "exp10": (1, 1),
    "sqrt": (1, 1), "sin": (1, 1), "cos": (1, 1), "tan": (1, 1), "asin": (1, 1), "acos": (1, 1), "atan": (1, 1),
    "atan2": (2, 2), "pi": (0, 0), "min": (1, None), "max": (1, None), "random": (0, 0),
    # of OpenRosa, dates
    "today": (0, 0), "now": (0, 0), "date": (1, 1), "date-time": (1, 1), "decimal-date-time": (1, 1),
    "decimal-date": (1, 1), "decimal-time": (1, 1), "format-date": (2, 2), "format-date-time": (2, 2),
    # of OpenRosa, places
    "area": (1, 1), "enclosed-area": (1, 1), "distance": (1, None), "geofence": (2, 2), "intersects": (1, 1),
    # Tables beside the form
    "pulldata": (4, 4),
}  # fmt: skip

# These give another value each time; an answer that rests on one is kept as the phone worked it out.
VOLATILE = frozenset({"now", "today", "random", "uuid", "randomize", "once"})
