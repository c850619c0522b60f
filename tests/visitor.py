"""A browser without JavaScript: follows links and sends forms as they stand on the page, over real HTTP."""

from __future__ import annotations

import json
import mimetypes
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any

from lxml import html

Fields = list[tuple[str, Any]]


@dataclass
class Page:
    """One answer of the site."""

    visitor: Visitor
    status: int
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def path(self) -> str:
        parts = urllib.parse.urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def words(self) -> str:
        """The text that a reader sees, white space folded."""
        return " ".join(" ".join(self.tree.xpath("//body//text()[not(parent::style or parent::script)]")).split())

    @property
    def tree(self) -> Any:
        return html.document_fromstring(self.text)

    def json(self) -> Any:
        return json.loads(self.body)

    def get_again(self) -> Page:
        return self.visitor.get(self.url)

    def form(self, wanted: str) -> Form:
        """The first form that has a field or button called ``wanted``, or whose action contains it.

        Raises:
            LookupError: naming the forms that are there.
        """
        for form in self.tree.forms:
            names = {element.get("name") for element in form.iter("input", "select", "textarea", "button")}
            if wanted in names or wanted in (form.get("action") or ""):
                return Form.of(self, form)
        seen = [f"{form.get('action')}: {sorted(filter(None, form.fields.keys()))}" for form in self.tree.forms]
        raise LookupError(
            f"no form with {wanted!r} on {self.path} (status {self.status}); forms: {seen}; {self.words[:600]}"
        )

    def link(self, wanted: str) -> str:
        """The address of the first link whose address or words contain ``wanted``."""
        for element in self.tree.iter("a"):
            if wanted in (element.get("href") or "") or wanted in element.text_content():
                return str(urllib.parse.urljoin(self.url, element.get("href")))
        raise LookupError(f"no link {wanted!r} on {self.path}: {self.words[:600]}")


@dataclass
class Form:
    """A form as it stands on a page, with what is filled in already."""

    page: Page
    action: str
    method: str
    fields: Fields
    multipart: bool
    options: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page, element: Any) -> Form:
        action = urllib.parse.urljoin(page.url, element.get("action") or page.url)
        options: dict[str, list[str]] = {}
        for box in element.iter("input", "option"):
            name = box.get("name") if box.tag == "input" else box.getparent().get("name")
            if box.tag == "option" or box.get("type") in {"radio", "checkbox"}:
                options.setdefault(name, []).append(box.get("value", ""))
        multipart = element.get("enctype") == "multipart/form-data"
        return cls(page, action, element.method, _values(element), multipart, options)

    def fill(self, **values: Any) -> Form:
        """Set fields; a list sets several values, a tuple (file name, bytes) a file. Double underscore reads as dash."""
        for name, value in values.items():
            wanted = name.replace("__", "-")
            self.fields = [pair for pair in self.fields if pair[0] != wanted]
            self.fields += [(wanted, one) for one in (value if isinstance(value, list) else [value])]
        return self

    def send(self, button: str = "", value: str = "") -> Page:
        fields = [*self.fields, (button, value)] if button else self.fields
        if self.method.upper() == "GET":
            query = urllib.parse.urlencode(fields)
            return self.page.visitor.get(f"{self.action.partition('?')[0]}?{query}")
        files = self.multipart or any(isinstance(value, tuple) for _, value in fields)
        data, kind = (
            _multipart(fields)
            if files
            else (urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")
        )
        return self.page.visitor.open(self.action, data, {"Content-Type": kind, "Referer": self.page.url})


def _values(form: Any) -> Fields:
    """What a browser would send of this form as it stands, buttons apart."""
    fields: Fields = []
    for box in form.iter("input", "select", "textarea"):
        name, kind = box.get("name"), box.get("type", "text")
        if not name or box.get("disabled") is not None or kind in {"submit", "button", "file", "image"}:
            continue
        if box.tag == "select":
            fields += [
                (name, value) for value in ([box.value] if not box.multiple else list(box.value)) if value is not None
            ]
        elif box.tag == "textarea":
            fields.append((name, (box.text or "").removeprefix("\n")))
        elif kind not in {"checkbox", "radio"}:
            fields.append((name, box.get("value", "")))
        elif box.get("checked") is not None:
            fields.append((name, box.get("value", "on")))
    return fields


def _multipart(fields: Fields) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    parts: list[bytes] = []
    for name, value in fields:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, tuple):
            file_name, content = value
            kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
            parts += [f'{head}; filename="{file_name}"\r\nContent-Type: {kind}\r\n\r\n'.encode(), content, b"\r\n"]
        else:
            parts.append(f"{head}\r\n\r\n{value}\r\n".encode())
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


class Visitor:
    """One person's browser: cookies of its own, no JavaScript. Refusals come back as pages, not as exceptions."""

    def __init__(self, base_url: str, *, language: str = "en") -> None:
        self.base_url = base_url
        self.cookies = CookieJar()
        self.language = language
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str, **headers: str) -> Page:
        return self.open(path, None, headers)

    def post_json(self, path: str, body: Any, **headers: str) -> Page:
        token = next((cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken"), "")
        extra = {"Content-Type": "application/json", "X-CSRFToken": token, "Referer": self.base_url, **headers}
        return self.open(path, json.dumps(body).encode(), extra)

    def open(self, path: str, data: bytes | None, headers: dict[str, str]) -> Page:
        url = urllib.parse.urljoin(self.base_url, path)
        request = urllib.request.Request(url, data, {"Accept-Language": self.language, **headers})
        if "Accept" not in headers:
            request.add_header("Accept", "text/html,*/*;q=0.8" if "/api/" not in url else "application/json")
        try:
            answer = self._opener.open(request, timeout=120)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Page(self, answer.status or 0, answer.url, dict(answer.headers), answer.read())

    def sign_in(self, role: str) -> Visitor:
        """Sign in as one of the demo's cast."""
        from engagement.demo import DOMAIN, PASSWORD

        form = self.get("/accounts/login/").form("password").fill(login=f"{role}@{DOMAIN}", password=PASSWORD)
        page = form.send()
        if "/accounts/login/" in page.url:
            raise AssertionError(f"{role} could not sign in: {page.words[:400]}")
        return self

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
