"""One tile as binary glTF 2.0: quantised positions, a feature id per vertex, and a table of what the features are.

KHR_mesh_quantization; EXT_mesh_features and EXT_structural_metadata with the schema in a file of its own. The bytes depend on
nothing but the features, so the same features always have the same hash.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ar_scenes.mesh import Mesh
from sources.table import KINDS, FeatureTable, Floats, Strings

QUANTUM_M: Final = 0.02
"""Step of the grid on which corners lie; doubled until a tile fits into 16 bits."""
STEPS: Final = 32_766
GLTF_AXES: Final = ((0, 1), (2, 1), (1, -1))
"""x is east, y is up, z is south."""

MAGIC, JSON_CHUNK, BIN_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
BYTE, SHORT, UNSIGNED_SHORT, UNSIGNED_INT = 5121, 5122, 5123, 5125
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963

# Linear colours by kind, from the tokens' paper, slate and teal; the viewer paints over them.
COLOURS: Final = {
    "building": (0.78, 0.76, 0.70, 1.0),
    "street": (0.55, 0.53, 0.49, 1.0),
    "bridge": (0.48, 0.46, 0.43, 1.0),
    "water": (0.35, 0.53, 0.66, 1.0),
    "block": (0.78, 0.76, 0.70, 1.0),
}

SCHEMA: Final = {
    "id": "loggia_feature",
    "version": "1",
    "enums": {
        "kind": {
            "valueType": "UINT8",
            "values": [{"name": name, "value": value} for value, name in enumerate(KINDS)],
        }
    },
    "classes": {
        "feature": {
            "name": "Feature",
            "properties": {
                "id": {"type": "STRING", "required": True, "description": "Stable id of the source."},
                "name": {"type": "STRING", "required": True},
                "kind": {"type": "ENUM", "enumType": "kind", "required": True},
                "height": {
                    "type": "SCALAR",
                    "componentType": "FLOAT32",
                    "required": True,
                    "description": "Metres above ground; 0 for flat things.",
                },
                "height_source": {
                    "type": "STRING",
                    "required": True,
                    "description": "height, levels, or assumed and why; empty for flat things.",
                },
            },
        }
    },
}
SCHEMA_BYTES: Final = json.dumps(SCHEMA, separators=(",", ":"), sort_keys=True).encode()


def content_hash(data: bytes) -> str:
    """The name of any stored bytes: 64-bit BLAKE2b as 16 hex digits."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()


SCHEMA_HASH: Final = content_hash(SCHEMA_BYTES)
SCHEMA_URI: Final = f"{SCHEMA_HASH}.json"


@dataclass
class _Buffer:
    """The binary chunk while it grows; every view starts at a multiple of eight bytes."""

    chunks: list[bytes]
    views: list[dict[str, int]]
    size: int = 0

    def add(self, data: NDArray[Any], **layout: int) -> int:
        raw = data.tobytes()
        self.views.append({"buffer": 0, "byteOffset": self.size, "byteLength": len(raw), **layout})
        padding = -len(raw) % 8
        self.chunks += [raw, b"\0" * padding] if padding else [raw]
        self.size += len(raw) + padding
        return len(self.views) - 1


def quantum_of(low: Floats, high: Floats) -> float:
    """The step for a tile with these corners, metres: ``QUANTUM_M`` times a power of two."""
    reach = float((high - low).max()) / 2 + QUANTUM_M
    doublings = max(0, int(np.ceil(np.log2(reach / (STEPS * QUANTUM_M)))))
    return QUANTUM_M * 2.0**doublings


def encode(mesh: Mesh, drawn: FeatureTable, first: int, count: int) -> bytes:
    """GLB of the features ``first … first + count`` of ``drawn``, which are sorted by kind.

    Args:
        mesh: triangles of all of ``drawn``.
        first, count: the tile's slots; at most 65,535.
    """
    a, b = int(mesh.vertex_offsets[first]), int(mesh.vertex_offsets[first + count])
    low, high = mesh.box(first, count)
    quantum = quantum_of(low, high)
    # All tiles share one grid, so that neighbours meet without a crack.
    centre = np.round((low + high) / 2 / quantum)
    padded = np.zeros((b - a, 4), dtype="<i2")
    for axis, (source, sign) in enumerate(GLTF_AXES):
        padded[:, axis] = sign * (np.round(mesh.position[a:b, source] / quantum) - centre[source])
    buffer = _Buffer([], [])
    views = _geometry_views(buffer, mesh, first, count, padded)
    accessors, primitives = _primitives(mesh, drawn, first, count, padded, views)
    tile = _document(buffer, accessors, primitives, _property_table(buffer, drawn, first, count))
    tile["nodes"] = [
        {
            "mesh": 0,
            "translation": [round(float(sign * centre[source] * quantum), 6) for source, sign in GLTF_AXES],
            "scale": [quantum] * 3,
        }
    ]
    return _container(tile, buffer)


@dataclass(frozen=True)
class _Views:
    position: int
    feature_id: int
    index: int
    index_type: int
    index_size: int


def _runs(mesh: Mesh, drawn: FeatureTable, first: int, count: int) -> list[tuple[int, int, int]]:
    """(kind, first slot, last slot) of each stretch of equal kind that has triangles."""
    kind = drawn.kind[first : first + count]
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(kind)) + 1, [count]]) + first
    runs = [(int(drawn.kind[s]), int(s), int(e)) for s, e in itertools.pairwise(cuts)]
    return [run for run in runs if mesh.triangle_offsets[run[2]] > mesh.triangle_offsets[run[1]]]


def _geometry_views(buffer: _Buffer, mesh: Mesh, first: int, count: int, padded: NDArray[Any]) -> _Views:
    vertices = np.diff(mesh.vertex_offsets[first : first + count + 1])
    feature_id = np.zeros((len(padded), 2), dtype="<u2")
    feature_id[:, 0] = np.repeat(np.arange(count), vertices)
    t0, t1 = int(mesh.triangle_offsets[first]), int(mesh.triangle_offsets[first + count])
    index = (mesh.triangles[t0:t1] - mesh.vertex_offsets[first]).reshape(-1)
    small = len(padded) < 65_535
    return _Views(
        position=buffer.add(padded, byteStride=8, target=ARRAY_BUFFER),
        feature_id=buffer.add(feature_id, byteStride=4, target=ARRAY_BUFFER),
        index=buffer.add(index.astype("<u2" if small else "<u4"), target=ELEMENT_ARRAY_BUFFER),
        index_type=UNSIGNED_SHORT if small else UNSIGNED_INT,
        index_size=2 if small else 4,
    )


def _primitives(
    mesh: Mesh, drawn: FeatureTable, first: int, count: int, padded: NDArray[Any], views: _Views
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One primitive per kind. All share the tile's vertices; each points at its own triangles."""
    n = len(padded)
    accessors: list[dict[str, Any]] = [
        {
            "bufferView": views.position,
            "componentType": SHORT,
            "count": n,
            "type": "VEC3",
            "min": [int(padded[:, axis].min()) for axis in range(3)],
            "max": [int(padded[:, axis].max()) for axis in range(3)],
        },
        {"bufferView": views.feature_id, "componentType": UNSIGNED_SHORT, "count": n, "type": "SCALAR"},
    ]
    primitives = []
    t0 = int(mesh.triangle_offsets[first])
    for kind, start, end in _runs(mesh, drawn, first, count):
        a, b = int(mesh.triangle_offsets[start]), int(mesh.triangle_offsets[end])
        accessors.append(
            {
                "bufferView": views.index,
                "byteOffset": (a - t0) * 3 * views.index_size,
                "componentType": views.index_type,
                "count": (b - a) * 3,
                "type": "SCALAR",
            }
        )
        features = {"featureIds": [{"featureCount": count, "attribute": 0, "propertyTable": 0}]}
        primitives.append(
            {
                "attributes": {"POSITION": 0, "_FEATURE_ID_0": 1},
                "indices": len(accessors) - 1,
                "material": kind,
                "extensions": {"EXT_mesh_features": features},
            }
        )
    return accessors, primitives


def _property_table(buffer: _Buffer, drawn: FeatureTable, first: int, count: int) -> dict[str, Any]:
    def text(column: Strings) -> dict[str, Any]:
        ends = column.offsets[first : first + count + 1]
        values = column.data[ends[0] : ends[-1]]
        # The extension wants a view of at least one byte even where all texts are empty.
        padded = values if len(values) else np.zeros(1, dtype=np.uint8)
        offsets = ends - ends[0]
        wide = offsets[-1] >= 65_536
        return {
            "values": buffer.add(padded),
            "stringOffsets": buffer.add(offsets.astype("<u4" if wide else "<u2")),
            "stringOffsetType": "UINT32" if wide else "UINT16",
        }

    chosen = slice(first, first + count)
    return {
        "class": "feature",
        "count": count,
        "properties": {
            "id": text(drawn.ids),
            "name": text(drawn.name),
            "kind": {"values": buffer.add(drawn.kind[chosen])},
            "height": {"values": buffer.add(drawn.height_m[chosen].astype("<f4"))},
            "height_source": text(drawn.height_source),
        },
    }


_MATERIALS: Final = [
    {
        "name": name,
        "pbrMetallicRoughness": {"baseColorFactor": COLOURS[name], "metallicFactor": 0, "roughnessFactor": 1},
    }
    for name in KINDS
]


def _document(
    buffer: _Buffer, accessors: list[dict[str, Any]], primitives: list[dict[str, Any]], table: dict[str, Any]
) -> dict[str, Any]:
    used = [primitive["material"] for primitive in primitives]
    for number, primitive in enumerate(primitives):
        primitive["material"] = number
    return {
        "asset": {"version": "2.0", "generator": "Loggia"},
        "extensionsUsed": ["EXT_mesh_features", "EXT_structural_metadata", "KHR_mesh_quantization"],
        "extensionsRequired": ["KHR_mesh_quantization"],
        "extensions": {"EXT_structural_metadata": {"schemaUri": SCHEMA_URI, "propertyTables": [table]}},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "meshes": [{"primitives": primitives}],
        "materials": [_MATERIALS[kind] for kind in used],
        "accessors": accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": buffer.size}],
    }


def _container(document: dict[str, Any], buffer: _Buffer) -> bytes:
    """JSON chunk, then the binary chunk, whose data starts at a multiple of eight bytes of the file."""
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-(28 + len(text)) % 8)
    total = 28 + len(text) + buffer.size
    head = struct.pack("<IIIII", MAGIC, 2, total, len(text), JSON_CHUNK)
    return b"".join([head, text, struct.pack("<II", buffer.size, BIN_CHUNK), *buffer.chunks])
