"""Residents' pages speak every language of the site, whole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
ROOMS = ("engagement", "surveys", "sensors", "privacy", "scenarios", "ar_scenes")
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
# Read by officers, planners and operators alone; English there until somebody needs more.
STAFF = re.compile(
    r"templates/engagement/(_desk|appeals|desk|desk_project|desk_projects|queue)\.html|"
    r"templates/(privacy|scenarios)/(_budget|choose|desk.*|draft|edit_decision|network|new|weighting)\.html|"
    r"templates/surveys/(_desk|_refused|_round|desk.*|import.*|upload|version.*)\.html|"
    r"engagement/(outbound|claims|clock|moderation|participating|management/.*|models/people|views/(desk|desk_projects|forms|queue))\.py|"
    r"privacy/(counts|desk_views|excluding|exclusion_views|firewall|gate|ledger|models|officers|policy|proposing|publishing|registering|snapshot|wishes)\.py|"
    r"scenarios/(computing|decision_views|desk_views|forms|importing|limits|measuring|models|ogc/.*|planning|registering)\.py|"
    r"surveys/(building/.*|compiling|copy_models|exporting/.*|hook_models|kits/.*|sketch_models|templatetags/building|webhooks|importing|opening|openrosa/.*|results|versions|xlsform/.*|desk.*)\.py|"
    r"templates/sensors/desk_.*\.html|sensors/(campaigning|views/desk)\.py|"
    r".*/(management|migrations|demo)/.*"
)
CONTEXT_END = "\x04"
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
STRING = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
LITERAL = re.compile(rf"(?:(?P<with_context>pgettext)|gettext|_)\((?P<first>{STRING})(?:, (?P<second>{STRING}))?")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd.\d]*[sdf]|\{\w+\}")


def unquoted(line: str) -> str:
    return str(ast.literal_eval(line[line.index('"') :]))


@cache
def catalogue(language: str) -> dict[str, list[str]]:
    """Message → its translations (one, or one per plural form), read from the committed file."""
    found: dict[str, list[str]] = {}
    text = (ROOT / "locale" / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    for block in text.split("\n\n"):
        context, message, strings, into = "", "", [""], "message"
        for line in block.splitlines():
            if line.startswith("msgctxt "):
                context = unquoted(line) + CONTEXT_END
            elif line.startswith("msgid "):
                message, into = unquoted(line), "message"
            elif line.startswith("msgid_plural "):
                into = "plural"
            elif line.startswith("msgstr"):
                strings, into = ([*strings, ""] if into == "string" else [""]), "string"
                strings[-1] = unquoted(line)
            elif line.startswith('"') and into == "message":
                message += unquoted(line)
            elif line.startswith('"') and into == "string":
                strings[-1] += unquoted(line)
        assert "#, fuzzy" not in block, f"{language}: a guess was left in: {message!r}"
        found[context + message] = strings
    return found


def messages_of_template(path: Path) -> Iterator[str]:
    for found in LITERAL.finditer(templatize(path.read_text(encoding="utf-8"))):
        first, second = (
            str(ast.literal_eval(part.removeprefix("u"))) for part in (found["first"], found["second"] or "''")
        )
        yield first + CONTEXT_END + second if found["with_context"] else first


def messages_of_module(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            texts = [word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
            with_context = node.func.id.startswith("pgettext")
            if any(texts):
                yield CONTEXT_END.join(texts[:2]) if with_context else texts[0]


@cache
def messages_for_residents() -> dict[str, str]:
    """Message → the file that shows it."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = path.relative_to(ROOT).as_posix()
        if not STAFF.fullmatch(name):
            found |= dict.fromkeys(messages_of_template(path), name)
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not STAFF.fullmatch(name):
                found |= dict.fromkeys(messages_of_module(path), name)
    return found


def test_the_messages_of_residents_are_found() -> None:
    found = messages_for_residents()
    assert found["Take part"] == "templates/engagement/project.html"
    assert found["This code is not known."] == "engagement/receipts.py"
    assert "Nothing waits. Everything that residents wrote has been looked at." not in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_for_residents_is_translated(language: str) -> None:
    known = catalogue(language)
    untranslated = {
        message: name for message, name in messages_for_residents().items() if not all(known.get(message, [""]))
    }
    assert untranslated == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_every_placeholder(language: str) -> None:
    for message, strings in catalogue(language).items():
        for string in strings:
            if message and string:
                assert set(PLACEHOLDER.findall(string)) <= set(PLACEHOLDER.findall(message)) | {"%(n)d", "%(n)s"}, (
                    message
                )
        if message and len(strings) == 1 and strings[0]:
            assert set(PLACEHOLDER.findall(strings[0])) == set(PLACEHOLDER.findall(message)), message
