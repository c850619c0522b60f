"""What in a text could name somebody: found by rules, proposed to the moderator, decided by a person.

Works without any model and without any network. It is an aid and no guarantee: a rule sees patterns, not meaning, so
every text is still read by a moderator before others see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from privacy import checksums

Kind = Literal[
    "e-mail", "address on the web", "phone", "account", "national number", "plate", "street and number", "name"
]
BLANK = "▇▇▇"


@dataclass(frozen=True)
class Finding:
    """Characters ``start`` to ``end`` of the text look like ``kind``."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class Scrubbed:
    """The text with every finding blanked, and the findings in the original, in order and without overlap."""

    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Rule:
    kind: Kind
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = lambda _text: True


def scrub_text(text: str, is_street: Callable[[str], bool] = lambda _name: False) -> Scrubbed:
    """Propose what to blank.

    Args:
        is_street: whether a capitalised word is a street of the city; with it, streets without a tell-tale ending are
            found too.
    """
    findings = _without_overlap([*_ruled(text), *_streets(text, is_street)])
    pieces, at = [], 0
    for finding in findings:
        pieces += [text[at : finding.start], BLANK]
        at = finding.end
    return Scrubbed("".join([*pieces, text[at:]]), tuple(findings))


def _ruled(text: str) -> Iterator[Finding]:
    for rule in RULES:
        for match in rule.pattern.finditer(text):
            group = 1 if rule.pattern.groups else 0
            if rule.holds(match[group]):
                yield Finding(*match.span(group), rule.kind)


def _streets(text: str, is_street: Callable[[str], bool]) -> Iterator[Finding]:
    """The last of up to three capitalised words before a number, alone or with those before it, if they name a street."""
    for match in _CAPITALISED_AND_NUMBER.finditer(text):
        words = list(re.finditer(r"\S+", match["name"]))
        for word in words:
            if is_street(match["name"][word.start() :].strip()):
                yield Finding(match.start() + word.start(), match.end(), "street and number")
                break


def _without_overlap(findings: list[Finding]) -> list[Finding]:
    """The longest of overlapping findings, in order of the text."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda found: (found.start - found.end, found.start)):
        if all(finding.end <= other.start or finding.start >= other.end for other in kept):
            kept.append(finding)
    return sorted(kept, key=lambda found: found.start)


def _phone(text: str) -> bool:
    """Seven to fifteen digits (ITU-T E.164) that are no date and no year."""
    count = len(checksums.digits(text))
    return 7 <= count <= 15 and not _DATE.fullmatch(text.strip())


_DATE = re.compile(r"\d{1,2}[.\-/ ]\d{1,2}[.\-/ ]\d{2,4}|\d{4}-\d{2}-\d{2}")
_NUMBER = r"\d{1,4}(?:\s?[a-zA-Z]\b)?(?:\s?[-–]\s?\d{1,3})?(?:\s(?:as|bost|lgh|apt|flat)\.?\s?\d{1,3})?"
_CAPITALISED_AND_NUMBER = re.compile(rf"(?P<name>(?:[^\W\d_a-z][\w'’-]*\s?){{1,3}})\s(?:{_NUMBER})")
_WORD = r"[^\W\d_]"
_ENDINGS = (
    "katu|tie|kuja|polku|ranta|kaari|rinne|raitti|väylä|bulevardi|esplanadi|puistikko|penger|tori|mäki|aukio|"
    "gatan|vägen|gränd|gränden|stigen|backen|torget|allén|kajen|esplanaden|stranden|"
    "gata|gaten|veien|vei|gade|vej|stræde|straße|strasse|str\\.|weg|allee|gasse|platz|damm|ufer|straat|laan|plein|gracht"
)
_BEFORE = "rue|avenue|boulevard|place|quai|calle|avenida|plaza|via|viale|piazza|ulica|ul\\.|شارع"
_AFTER = "street|road|lane|avenue|drive|square|close|terrace|court|way|quay"
_NAME = rf"(?:[^\W\d_a-z]{_WORD}*(?:[-'’]{_WORD}+)?)(?:\s[^\W\d_a-z]{_WORD}+(?:-{_WORD}+)?){{0,2}}"
_CUES = (
    "nimeni on|nimi on|terveisin|t\\.|rouva|herra|naapurini|naapuri|lääkäri|opettaja|"
    "jag heter|mitt namn är|hälsningar|mvh|fru|herr|grannen|min granne|"
    "my name is|i am called|regards,?|yours,?|signed,?|mr\\.?|mrs\\.?|ms\\.?|dr\\.?|neighbou?r|teacher|ask(?: for)?|"
    "mein name ist|ich heiße|frau|herrn?|mit freundlichen grüßen|je m'appelle|madame|monsieur|me llamo|señora?|mi chiamo"
)
RULES = (
    _Rule("e-mail", re.compile(r"[\w.+%'-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+")),
    _Rule("address on the web", re.compile(r"(?:https?://|www\.)[^\s<>\"“”]+|(?<![\w@])@[A-Za-z0-9_.]{3,30}\b")),
    # Three spellings: a word that follows the account must not be taken for its last group.
    _Rule("account", re.compile(r"\b[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30}\b"), checksums.iban),
    _Rule("account", re.compile(r"\b[A-Z]{2}\d{2}(?:\s[A-Z0-9]{4}){2,7}(?:\s[A-Z0-9]{1,3})?\b"), checksums.iban),
    _Rule("account", re.compile(r"\b[A-Za-z]{2}\d{2}(?:\s?\d{4}){2,7}(?:\s?\d{1,3})?\b"), checksums.iban),
    _Rule("national number", re.compile(r"\b\d{6}[-+A-FU-Ya-fu-y]\d{3}[0-9A-Ya-y]\b"), checksums.finnish),
    _Rule("national number", re.compile(r"\b(?:\d{2})?\d{6}[-+ ]?\d{4}\b"), checksums.swedish),
    _Rule("national number", re.compile(r"\b\d{6}\s?\d{5}\b"), checksums.norwegian),
    _Rule("national number", re.compile(r"\b\d{6}-\d{4}\b"), checksums.danish),
    _Rule("national number", re.compile(r"\b[1-6]\d{10}\b"), checksums.estonian),
    _Rule("national number", re.compile(r"\b\d{11}\b"), checksums.polish),
    _Rule("national number", re.compile(r"\b(?:\d{8}|[XYZ]-?\d{7})-?[A-Z]\b"), checksums.spanish),
    _Rule("national number", re.compile(r"\b[12]\s?\d\d\s?\d\d\s?(?:\d\d|2[AB])\s?\d{3}\s?\d{3}\s?\d\d\b"), checksums.french),
    _Rule("national number", re.compile(r"\b(?:BSN|bsn|burgerservicenummer)\D{0,3}(\d{9})\b"), checksums.dutch),
    _Rule("national number", re.compile(r"\b\d{2}[. ]?\d{2}[. ]?\d{2}[- ]?\d{3}[. ]?\d{2}\b"), checksums.belgian),
    _Rule("national number", re.compile(r"\b[1-9]\d ?\d{3} ?\d{3} ?\d{3}\b"), checksums.german),
    _Rule("national number", re.compile(r"\b756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}\b"), checksums.swiss),
    _Rule("national number", re.compile(r"\b[1-9]\d{3} ?\d{6}\b"), checksums.austrian),
    _Rule("national number", re.compile(r"\b\d{6}-?\d{4}\b"), checksums.icelandic),
    _Rule("national number", re.compile(r"\b\d{6}/?\d{4}\b"), checksums.czech),
    _Rule("national number", re.compile(r"\b[A-Za-z]{6}\d\d[A-Za-z]\d\d[A-Za-z]\d{3}[A-Za-z]\b"), checksums.italian),
    _Rule("account", re.compile(r"\b\d(?:[ -]?\d){12,18}\b"), checksums.card),
    _Rule("phone", re.compile(r"(?<![\w.,])(?:\+|00|٠٠)\d[\d\s()./-]{5,18}\d\b"), _phone),
    _Rule("phone", re.compile(r"(?<![\w.,+-])[0٠]\d{1,4}[\s()/-]{0,2}\d(?:[\s-]?\d){4,9}\b"), _phone),
    _Rule("plate", re.compile(r"\b[A-ZÅÄÖ]{2,3}[- ]\d{1,3}\b|\b[A-Z]{3} ?\d{2}[A-Z0-9]\b|\b\d{3} ?[A-Z]{3}\b")),
    _Rule("plate", re.compile(r"\b[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2} ?\d{1,4}[EH]?\b")),
    _Rule(
        "street and number",
        re.compile(rf"\b{_WORD}[\w'’-]*(?:{_ENDINGS})(?:lla|llä|lta|ltä|lle|n|ssa|ssä)?\s{_NUMBER}", re.IGNORECASE),
    ),
    _Rule("street and number", re.compile(rf"\b[^\W\d_a-z][\w'’-]+\s(?i:{_ENDINGS})\s{_NUMBER}")),
    _Rule(
        "street and number",
        re.compile(rf"\b{_NUMBER},?\s(?:{_WORD}+\s){{1,3}}(?:{_AFTER})\b|\b(?:{_BEFORE})\s(?:[\w'’-]+\s){{1,4}}{_NUMBER}", re.IGNORECASE),
    ),
    _Rule("name", re.compile(rf"\b(?i:{_CUES})[\s:,]+({_NAME})")),
    _Rule("name", re.compile(r"(?:اسمي|السيد|السيدة|جاري)\s+([\u0600-\u06ff]+(?:\s[\u0600-\u06ff]+)?)")),
)  # fmt: skip
