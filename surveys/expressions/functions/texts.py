"""Texts: XPath's own functions, OpenRosa's, digests and identifiers."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import secrets
import string
import uuid

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from surveys.expressions.errors import EvaluationError
from surveys.expressions.evaluation import Context, Evaluation, function
from surveys.expressions.functions.logic import Arguments, flat
from surveys.expressions.patterns import compiled
from surveys.expressions.values import Value, to_text

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
SIGNATURE_BYTES = 64
LONGEST_UUID = 1024


@function("string")
def text(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.text(given[0], context) if given else context.node.value


@function("concat")
def concat(run: Evaluation, given: Arguments, context: Context) -> Value:
    return "".join(to_text(value) for value in flat(run, given, context))


@function("join")
def join(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.text(given[0], context).join(to_text(value) for value in flat(run, given[1:], context))


@function("starts-with")
def starts_with(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.text(given[0], context).startswith(run.text(given[1], context))


@function("ends-with")
def ends_with(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.text(given[0], context).endswith(run.text(given[1], context))


@function("contains")
def contains(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.text(given[1], context) in run.text(given[0], context)


@function("substring-before")
def substring_before(run: Evaluation, given: Arguments, context: Context) -> Value:
    before, found, _after = _partition(run, given, context)
    return before if found else ""


@function("substring-after")
def substring_after(run: Evaluation, given: Arguments, context: Context) -> Value:
    return _partition(run, given, context)[2]


def _partition(run: Evaluation, given: Arguments, context: Context) -> tuple[str, bool, str]:
    whole, mark = run.text(given[0], context), run.text(given[1], context)
    at = whole.find(mark)
    return (whole[:at], True, whole[at + len(mark) :]) if at >= 0 else ("", False, "")


@function("substring")
def substring(run: Evaluation, given: Arguments, context: Context) -> Value:
    """XPath's: characters count from 1, both bounds are rounded, and the third argument is a length."""
    whole = run.text(given[0], context)
    start = _round_half_up(run.number(given[1], context))
    end = start + _round_half_up(run.number(given[2], context)) if len(given) == 3 else math.inf
    return "".join(character for at, character in enumerate(whole, start=1) if start <= at < end)


def _round_half_up(value: float) -> float:
    return float(math.floor(value + 0.5)) if math.isfinite(value) else value


@function("substr")
def substr(run: Evaluation, given: Arguments, context: Context) -> Value:
    """OpenRosa's: characters count from 0, negative bounds from the end, and the third argument is an end."""
    whole = run.text(given[0], context)
    start = _bound(run.number(given[1], context), len(whole))
    end = _bound(run.number(given[2], context), len(whole)) if len(given) == 3 else len(whole)
    return whole[start:end]


def _bound(value: float, length: int) -> int:
    if math.isnan(value):
        return 0
    whole = math.trunc(max(-length, min(length, value)))
    return whole + length if whole < 0 else whole


@function("string-length")
def string_length(run: Evaluation, given: Arguments, context: Context) -> Value:
    return float(len(run.text(given[0], context) if given else context.node.value))


@function("normalize-space")
def normalize_space(run: Evaluation, given: Arguments, context: Context) -> Value:
    return " ".join((run.text(given[0], context) if given else context.node.value).split())


@function("translate")
def translate(run: Evaluation, given: Arguments, context: Context) -> Value:
    whole, old, new = (run.text(argument, context) for argument in given)
    table: dict[int, str | None] = {}
    for at, character in enumerate(old):
        table.setdefault(ord(character), new[at] if at < len(new) else None)
    return whole.translate(table)


@function("regex")
def regex(run: Evaluation, given: Arguments, context: Context) -> Value:
    """Whether the *whole* text matches (ODK's rule). Patterns run in linear time: see :mod:`.patterns`."""
    whole, pattern = run.text(given[0], context), run.text(given[1], context)
    run.spend(len(whole) * (1 + len(pattern) // 8))
    return compiled(pattern).fullmatch(whole)


@function("digest")
def digest(run: Evaluation, given: Arguments, context: Context) -> Value:
    whole, algorithm = run.text(given[0], context), run.text(given[1], context)
    encoding = run.text(given[2], context) if len(given) == 3 else "base64"
    if algorithm not in ALGORITHMS or encoding not in {"base64", "hex"}:
        raise EvaluationError(f"digest() knows {', '.join(ALGORITHMS)} and the encodings base64 and hex")
    found = hashlib.new(ALGORITHMS[algorithm], whole.encode(), usedforsecurity=False).digest()
    return found.hex() if encoding == "hex" else base64.b64encode(found).decode()


@function("base64-decode")
def base64_decode(run: Evaluation, given: Arguments, context: Context) -> Value:
    decoded = _decoded(run.text(given[0], context))
    return "" if decoded is None else decoded.decode(errors="replace")


def _decoded(written: str) -> bytes | None:
    try:
        return base64.b64decode(written.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


@function("extract-signed")
def extract_signed(run: Evaluation, given: Arguments, context: Context) -> Value:
    """The message of a base64 text of Ed25519 signature + message, or nothing if the key did not sign it."""
    signed, key = _decoded(run.text(given[0], context)), _decoded(run.text(given[1], context))
    if signed is None or key is None or len(key) != 32 or len(signed) < SIGNATURE_BYTES:
        return ""
    signature, message = signed[:SIGNATURE_BYTES], signed[SIGNATURE_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return ""
    return message.decode(errors="replace")


@function("uuid")
def unique(run: Evaluation, given: Arguments, context: Context) -> Value:
    """A random UUID, or ``n`` random letters and digits."""
    if not given:
        return str(uuid.uuid4())
    length = run.number(given[0], context)
    if not 0 <= length <= LONGEST_UUID:
        raise EvaluationError(f"uuid() makes 0 to {LONGEST_UUID} characters")
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(int(length)))


@function("version")
def version(run: Evaluation, _given: Arguments, _context: Context) -> Value:
    return run.surroundings.version


@function("property")
def device_property(_run: Evaluation, _given: Arguments, _context: Context) -> Value:
    """Always empty: nothing about the device or its owner is ever read."""
    return ""
