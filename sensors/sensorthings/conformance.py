"""What the service says of itself at its root (OGC 18-088, 9.1: ``serverSettings``)."""

from __future__ import annotations

from typing import Any

from sensors.sensorthings.entities import ENTITIES

_SPEC = "http://www.opengis.net/spec/iot_sensing/1.1/req"
REQUIREMENTS = (
    *(
        f"datamodel/{name}"
        for name in (
            "thing",
            "location",
            "historical-location",
            "datastream",
            "sensor",
            "observed-property",
            "observation",
            "feature-of-interest",
            "entity-control-information",
        )
    ),
    "resource-path/resource-path-to-entities",
    *(
        f"request-data/{name}"
        for name in (
            "order",
            "expand",
            "select",
            "status-code",
            "query-status-code",
            "orderby",
            "top",
            "skip",
            "count",
            "filter",
            "built-in-filter-operations",
            "built-in-query-functions",
            "pagination",
        )
    ),
    *(
        f"create-update-delete/{name}"
        for name in (
            "create-entity",
            "link-to-existing-entities",
            "deep-insert",
            "deep-insert-status-code",
            "update-entity",
            "update-entity-put",
            "update-entity-jsonpatch",
            "delete-entity",
            "historical-location-auto-creation",
        )
    ),
    "batch-request/batch-request",
    "data-array/data-array",
)


def root(base: str) -> dict[str, Any]:
    """The document of the service root; ``base`` ends with a slash."""
    return {
        "value": [{"name": each.collection, "url": f"{base}{each.collection}"} for each in ENTITIES],
        "serverSettings": {"conformance": [f"{_SPEC}/{name}" for name in REQUIREMENTS]},
    }
