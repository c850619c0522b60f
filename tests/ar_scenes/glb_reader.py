"""An independent reader of binary glTF: plain struct and JSON, nothing of the writer."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

TYPES = {5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTH = {"SCALAR": 1, "VEC3": 3}


@dataclass
class Glb:
    """Decoded tile: metres east, north, up per vertex; triangles; features."""

    document: dict[str, Any]
    position: np.ndarray
    feature_of_vertex: np.ndarray
    triangles: np.ndarray
    columns: dict[str, list[Any]]
    quantum: float

    def corners(self, row: int) -> np.ndarray:
        found: np.ndarray = self.position[self.feature_of_vertex == row]
        return found


def chunks(data: bytes) -> tuple[dict[str, Any], bytes]:
    magic, version, total = struct.unpack_from("<4sII", data)
    assert (magic, version, total) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    document = json.loads(data[20 : 20 + size])
    binary_size, binary_kind = struct.unpack_from("<I4s", data, 20 + size)
    assert binary_kind == b"BIN\0"
    binary = data[28 + size :]
    assert len(binary) == binary_size == document["buffers"][0]["byteLength"]
    return document, binary


def accessor(document: dict[str, Any], binary: bytes, index: int) -> np.ndarray:
    found = document["accessors"][index]
    view = document["bufferViews"][found["bufferView"]]
    dtype, width = np.dtype(TYPES[found["componentType"]]), WIDTH[found["type"]]
    stride = view.get("byteStride", dtype.itemsize * width)
    start = view["byteOffset"] + found.get("byteOffset", 0)
    rows = [np.frombuffer(binary, dtype, width, start + i * stride) for i in range(found["count"])]
    return np.array(rows)


def texts(document: dict[str, Any], binary: bytes, column: dict[str, Any], count: int) -> list[str]:
    def raw(index: int) -> bytes:
        view = document["bufferViews"][index]
        return binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]

    ends = np.frombuffer(raw(column["stringOffsets"]), {"UINT16": "<u2", "UINT32": "<u4"}[column["stringOffsetType"]])
    assert len(ends) == count + 1
    values = raw(column["values"])
    return [values[a:b].decode() for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]


def numbers(document: dict[str, Any], binary: bytes, view_index: int, dtype: str, count: int) -> list[Any]:
    view = document["bufferViews"][view_index]
    assert view["byteOffset"] % 8 == 0
    found: list[Any] = np.frombuffer(binary, dtype, count, view["byteOffset"]).tolist()
    return found


def read(data: bytes) -> Glb:
    document, binary = chunks(data)
    (node,) = document["nodes"]
    primitives = document["meshes"][0]["primitives"]
    raw = accessor(document, binary, primitives[0]["attributes"]["POSITION"]).astype(float)
    x, up, south = (raw * node["scale"] + node["translation"]).T
    ids = accessor(document, binary, primitives[0]["attributes"]["_FEATURE_ID_0"])[:, 0]
    triangles = np.concatenate([accessor(document, binary, p["indices"]).reshape(-1, 3) for p in primitives])
    (table,) = document["extensions"]["EXT_structural_metadata"]["propertyTables"]
    n, columns = table["count"], table["properties"]
    return Glb(
        document,
        np.stack([x, -south, up], axis=1),
        ids,
        triangles,
        {
            "id": texts(document, binary, columns["id"], n),
            "name": texts(document, binary, columns["name"], n),
            "height_source": texts(document, binary, columns["height_source"], n),
            "kind": numbers(document, binary, columns["kind"]["values"], "<u1", n),
            "height": numbers(document, binary, columns["height"]["values"], "<f4", n),
        },
        node["scale"][0],
    )
