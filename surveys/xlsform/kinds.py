"""Which of our kinds of questions an XLSForm type is, and why some are refused."""

from __future__ import annotations

from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

BY_CONTROL = {
    ("input", "string"): "text",
    ("input", "int"): "integer",
    ("input", "decimal"): "decimal",
    ("input", "date"): "date",
    ("input", "time"): "time",
    ("input", "dateTime"): "date_time",
    ("input", "geopoint"): "geopoint",
    ("input", "geotrace"): "geotrace",
    ("input", "geoshape"): "geoshape",
    ("select1", "string"): "select_one",
    ("select", "string"): "select_multiple",
    ("odk:rank", "odk:rank"): "rank",
    ("range", "int"): "range",
}
BY_NAME = {
    "photo": "image", "image": "image", "q image": "image", "q picture": "image",
    "calculate": "calculate", "q calculate": "calculate", "add calculate prompt": "calculate", "hidden": "hidden",
}  # fmt: skip

FILES = "sound, video and other files cannot be answered here; ask for a photo or a text instead"
BARCODES = "barcodes need an app that reads them; ask for a text instead"
TRACKING = "where people are and how long they think is never recorded without asking"
BESIDE = "files beside the form cannot be uploaded here; put the options on the sheet “choices”"
REFUSED = {
    "audio": FILES, "video": FILES, "file": FILES, "q audio": FILES, "q video": FILES,
    "barcode": BARCODES, "q barcode": BARCODES, "add barcode prompt": BARCODES,
    "start-geopoint": TRACKING, "background-geopoint": TRACKING, "background-audio": TRACKING,
    "select one external": BESIDE, "xml-external": BESIDE, "csv-external": BESIDE,
    "osm": "map features of OpenStreetMap cannot be edited here; ask for a point instead",
}  # fmt: skip


def kind_of(xlsform_type: str) -> str:
    """Our kind for a type of pyxform.

    Raises:
        ValueError: with the reason why it cannot be asked here.
    """
    if reason := REFUSED.get(xlsform_type):
        raise ValueError(reason)
    if known := BY_NAME.get(xlsform_type):
        return known
    entry = QUESTION_TYPE_DICT.get(xlsform_type)
    if entry is None:
        raise ValueError(f"there is no type “{xlsform_type}”")
    bind = entry.get("bind", {})
    if "jr:preload" in bind:
        return "metadata"
    tag = entry.get("control", {}).get("tag")
    if tag == "trigger":
        return "acknowledge"
    if tag == "input" and "readonly" in bind:
        return "note"
    kind = BY_CONTROL.get((tag, bind.get("type")))
    if kind is None:
        raise ValueError(f"the type “{xlsform_type}” cannot be asked here")
    return kind


def preload(xlsform_type: str) -> str:
    """What a metadata type records, by its plain XLSForm name."""
    return str(QUESTION_TYPE_DICT[xlsform_type]["bind"].get("jr:preloadParams", ""))


def implied_constraint(xlsform_type: str) -> str:
    """The constraint that old types such as ``percentage`` bring along."""
    entry = QUESTION_TYPE_DICT.get(xlsform_type, {})
    return str(entry.get("bind", {}).get("constraint", ""))
