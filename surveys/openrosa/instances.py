"""A submitted XForm instance made plain: which response, of which form, and what was answered.

The document comes from anybody. It may hold no document type, hence no entities; it is read without the network, and
its size, depth and number of elements have limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils.translation import gettext as _
from lxml import etree

from surveys.ir import Form, Group, Item, Question
from surveys.refusals import NotAResponse

LARGEST_BYTES = 1024 * 1024
DEEPEST = 32
MOST_ELEMENTS = 20_000
FILES = frozenset({"image", "audio", "video", "file"})
WRITTEN_ID = re.compile(r"(?:uuid:)?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")


@dataclass(frozen=True)
class Instance:
    """``form_id`` and ``version`` as the phone wrote them; ``replaces``: the id of what it wants to change, if any."""

    root: etree._Element
    id: UUID
    form_id: str
    version: str
    replaces: UUID | None = None


def parsed(data: bytes) -> Instance:
    """The instance in a document.

    Raises:
        NotAResponse: it cannot be read, breaks a limit, or names no instance.
    """
    if len(data) > LARGEST_BYTES:
        raise NotAResponse(_("This document is larger than 1 MB. Send photos as files beside it."))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise NotAResponse(_("This document is no XML that can be read: %(reason)s.") % {"reason": error.msg}) from None
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise NotAResponse(_("A document type is not allowed here. Remove it and send the answers alone."))
    _limited(root)
    written = _meta(root, "instanceID")
    if not written:
        raise NotAResponse(_("The document has no instanceID, so it could not be told from the same one sent again."))
    replaced = _meta(root, "deprecatedID")
    return Instance(
        root, _identity(written), root.get("id", ""), root.get("version", ""), _identity(replaced) if replaced else None
    )


def _limited(root: etree._Element) -> None:
    depth = count = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > DEEPEST or count > MOST_ELEMENTS:
            raise NotAResponse(_("This document is nested too deeply or has too many elements."))


def _identity(written: str) -> UUID:
    """The UUID in an instanceID; one made from the text where a client writes something else."""
    found = WRITTEN_ID.fullmatch(written.strip())
    return UUID(found[1]) if found else uuid5(NAMESPACE_URL, written.strip())


def _meta(root: etree._Element, name: str) -> str:
    for child in _elements(root):
        if local(child) == "meta":
            return next((text_of(entry) for entry in _elements(child) if local(entry) == name), "")
    return ""


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


def text_of(element: etree._Element) -> str:
    return (element.text or "").strip()


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    return (child for child in parent if isinstance(child.tag, str))


def file_names(instance: Instance, form: Form) -> set[str]:
    """The files that the answers name."""
    return {text_of(element) for item, element in _answered(instance.root, form, "") if _is_file(item)} - {""}


def day_of(instance: Instance, form: Form) -> date | None:
    """The day on the phone's calendar, where the form records it."""
    for item, element in _answered(instance.root, form, ""):
        if isinstance(item, Question) and item.kind == "metadata" and item.parameters.get("preload") == "today":
            try:
                return date.fromisoformat(text_of(element)[:10])
            except ValueError:
                return None
    return None


def _answered(parent: etree._Element, form: Form, path: str) -> Iterator[tuple[Item, etree._Element]]:
    for child in _elements(parent):
        here = f"{path}/{local(child)}" if path else local(child)
        item = form.items.get(here)
        if isinstance(item, Group):
            yield from _answered(child, form, here)
        elif item is not None:
            yield item, child


def _is_file(item: Item) -> bool:
    return isinstance(item, Question) and item.kind in FILES


def answers_of(instance: Instance, form: Form, files: Mapping[str, str]) -> dict[str, Any]:
    """Answers as ``accept`` takes them. ``files``: name → base64; an answer whose file is not among them is left out.

    Raises:
        NotAResponse: an element that is no question of the form.
    """
    return _scope(instance.root, form, files, "", "")


def _scope(parent: etree._Element, form: Form, files: Mapping[str, str], path: str, scope: str) -> dict[str, Any]:
    """Answers below one element; ``scope`` is the repeated group in which paths begin anew."""
    found: dict[str, Any] = {}
    for child in _elements(parent):
        name = local(child)
        here = f"{path}/{name}" if path else name
        item = form.items.get(here)
        inside = here[len(scope) + 1 :] if scope else here
        if isinstance(item, Question):
            if (value := _value(item, text_of(child), files)) is not None:
                found[inside] = value
        elif isinstance(item, Group) and item.repeats:
            if not child.keys():  # JavaRosa marks its template by an attribute
                found.setdefault(inside, []).append(_scope(child, form, files, here, here))
        elif isinstance(item, Group):
            found |= _scope(child, form, files, here, scope)
        elif not (name == "meta" and not path) and not name.startswith("__"):
            raise NotAResponse(_("There is no question called “%(name)s”.") % {"name": here[:100]})
    return found


def _value(question: Question, text: str, files: Mapping[str, str]) -> Any:
    if text == "":
        return None
    if not _is_file(question):
        return text
    return {"data": files[text]} if text in files else None
