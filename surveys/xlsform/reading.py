"""XLSForm → form. pyxform reads and checks the spreadsheet; here its tree becomes ours, or is refused with reasons.

Format: https://xlsform.org/en/. Columns of ours beside the standard's: ``easy::<language>`` (easy-read text), ``pii``
(none, indirect, direct, special), ``publish``, ``scenario``; on the settings sheet ``title::<language>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyxform.utils import default_is_dynamic
from pyxform.xls2xform import convert

from surveys.compiling import compiled
from surveys.ir import UNDETERMINED, Choice, Form, Group, Item, Language, Question, Texts
from surveys.question_types.range import steps
from surveys.question_types.registry import Unclean, type_of
from surveys.xlsform.cells import attributes, is_data, parameters, substituted, truth
from surveys.xlsform.kinds import TRACKING, implied_constraint, kind_of, preload
from surveys.xlsform.languages import language
from surveys.xlsform.refusals import Fault, FormRefused
from surveys.xlsform.workbook import OwnTexts, Workbook, brief, opened

ROW = re.compile(r"\[row : (\d+)\]\s*")
SHEET = re.compile(r"On the '(\w+)' sheet,?\s*")
# pyxform asks for a translation of every pictogram, too, and for untranslated labels as soon as one file has no language.
UNTRANSLATED_MEDIA = re.compile(
    r"Language '.*' is missing the (survey|choices) (columns )?((image|audio|video|big-image)(, )?)+( column)?\.|Language 'default' "
)
FILE = re.compile(r".+\.(csv|xml|geojson)", re.IGNORECASE)

PII = frozenset({"none", "indirect", "direct", "special"})
QUESTION_KEYS = frozenset(
    {"type", "name", "label", "hint", "guidance_hint", "media", "bind", "control", "instance", "parameters", "itemset",
     "list_name", "choices", "choice_filter", "default", "actions", "children", "columns", "query", "tags", "trigger"}
)  # fmt: skip
FORM_KEYS = frozenset(
    {"type", "name", "title", "id_string", "sms_keyword", "default_language", "children", "choices", "version",
     "instance_name", "style", "allow_choice_duplicates", "public_key", "entity_version", "clean_text_values",
     "add_none_option"}
)  # fmt: skip


@dataclass(frozen=True)
class Imported:
    """A form that was taken in, and what its author should know about it."""

    form: Form
    notices: tuple[str, ...]


def read(data: bytes) -> Imported:
    """The form in an XLSForm file (.xlsx or .xls).

    Raises:
        FormRefused: every fault with sheet, row, column and reason.
    """
    workbook = opened(data)
    if included := workbook.included():
        reason = "questions of another form cannot be included; copy them into this form"
        raise FormRefused([Fault(reason, "survey", row.number, row.header("type")) for row in included])
    try:
        result = convert(workbook.as_dict())
    except Exception as error:
        # pyxform raises its own errors for what it understands and any other for what it does not.
        raise FormRefused([placed(fault_of(str(error) or type(error).__name__), workbook)]) from error
    reader = _Reader(workbook, result._pyxform)
    form = reader.form()
    faults = [*reader.faults, *_logic_faults(form, workbook), *_value_faults(form, workbook)]
    if faults:
        raise FormRefused(sorted(faults, key=lambda fault: fault.row))
    lines = [line for warning in result.warnings for line in warning.splitlines() if not UNTRANSLATED_MEDIA.match(line)]
    warnings = [str(fault_of(line)) for line in lines]
    return Imported(form, tuple(dict.fromkeys([*reader.notices, *warnings])))


def fault_of(message: str) -> Fault:
    """A message of pyxform with its row and sheet as data."""
    row, sheet = ROW.search(message), SHEET.search(message)
    text = brief(ValueError(SHEET.sub("", ROW.sub("", message))))
    return Fault(text, sheet[1] if sheet else "survey" if row else "", int(row[1]) if row else 0)


def placed(fault: Fault, workbook: Workbook) -> Fault:
    """A fault whose message names no row, put where the spreadsheet holds what it quotes."""
    if fault.row:
        return fault
    row, column = workbook.mentioned(fault.reason)
    return Fault(fault.reason, "survey", row, column) if row else fault


class _Reader:
    """Turns pyxform's tree into ours and collects what is wrong on the way."""

    def __init__(self, workbook: Workbook, tree: Mapping[str, Any]) -> None:
        self.workbook = workbook
        self.tree = tree
        self.faults: list[Fault] = []
        self.notices: list[str] = []
        self.languages: dict[str, Language] = {}
        self.default = str(tree.get("default_language") or "default")

    def form(self) -> Form:
        children = self.items([child for child in self.tree["children"] if child["name"] != "meta"], "")
        self.meta_faults()
        self.notice_unused(self.tree, FORM_KEYS, "settings")
        choices = {name: self.choices(name, listed) for name, listed in self.tree.get("choices", {}).items()}
        own_title = self.own_texts("title", self.workbook.settings)
        spoken = self.spoken()
        main_title = {spoken[0].code: str(self.tree["title"])} if self.tree.get("title") else {}
        return Form(
            form_id=str(self.tree["id_string"]),
            title={**main_title, **own_title},
            children=children,
            choices=choices,
            languages=spoken,
            version=str(self.tree.get("version") or ""),
            style=str(self.tree.get("style") or ""),
            instance_name=str(self.tree.get("instance_name") or ""),
            allow_choice_duplicates=truth(self.tree.get("allow_choice_duplicates")) == "true()",
        )

    def meta_faults(self) -> None:
        if self.tree.get("public_key"):
            reason = "answers are protected on the way by the site itself; empty this cell"
            self.faults.append(Fault(reason, "settings", 2, "public_key"))
        if self.workbook.sheets.entities:
            self.faults.append(
                Fault("entities are lists kept across forms, and every form stands alone here", "entities", 2)
            )
        if any(child["type"] == "audit" for meta in self.tree["children"] for child in meta.get("children", ())):
            self.fault("audit", "type", TRACKING)

    def spoken(self) -> tuple[Language, ...]:
        """All languages in use: the default, then the others by code, whatever order the columns stand in."""
        default = language(self.default)
        if default.code == UNDETERMINED and UNDETERMINED not in self.languages and self.languages:
            default = next(iter(self.languages.values()))
        others = sorted(
            (found for found in self.languages.values() if found.code != default.code), key=lambda o: o.code
        )
        return (self.languages.get(default.code, default), *others)

    def items(self, children: Iterable[Mapping[str, Any]], around: str) -> tuple[Item, ...]:
        found = (self.item(child, around) for child in children)
        return tuple(item for item in found if item is not None)

    def item(self, child: Mapping[str, Any], around: str) -> Item | None:
        path = f"{around}/{child['name']}" if around else str(child["name"])
        self.notice_unused(child, QUESTION_KEYS, "survey")
        if child["type"] == "loop":
            return self.group(child, path, self.looped(child, path))
        if child["type"] in {"group", "repeat"}:
            return self.group(child, path, self.items(child.get("children", ()), path))
        try:
            return self.question(child, path, kind_of(child["type"]))
        except ValueError as refused:
            self.fault(path, "type", str(refused))
            return None

    def group(self, child: Mapping[str, Any], path: str, children: tuple[Item, ...]) -> Group:
        bind, control = child.get("bind", {}), child.get("control", {})
        return Group(
            path=path,
            children=children,
            label=self.texts(child.get("label")),
            relevant=str(bind.get("relevant", "")),
            appearance=str(control.get("appearance", "")),
            repeats=child["type"] == "repeat",
            count=str(control.get("jr:count", "")),
            attributes=attributes(child),
        )

    def looped(self, loop: Mapping[str, Any], path: str) -> tuple[Item, ...]:
        """A loop asks its questions once per option of a list, with the option's texts put into theirs."""
        turns = []
        for column in loop.get("columns", ()):
            if column["name"] == "none":
                continue
            children = [substituted(child, column) for child in loop.get("children", ())]
            inside = f"{path}/{column['name']}"
            turns.append(
                Group(path=inside, children=self.items(children, inside), label=self.texts(column.get("label")))
            )
        return tuple(turns)

    def question(self, child: Mapping[str, Any], path: str, kind: str) -> Question:
        bind, row = child.get("bind", {}), self.workbook.row(path)
        self.check_question(child, path)
        default = str(child.get("default") or "")
        return Question(
            kind=kind,
            path=path,
            label=self.texts(child.get("label")),
            hint=self.texts(child.get("hint")),
            guidance=self.texts(child.get("guidance_hint")),
            easy=self.own_texts("easy", row.own),
            media={name: self.texts(files) for name, files in child.get("media", {}).items()},
            list_name=str(child.get("itemset") or child.get("list_name") or ""),
            choice_filter=str(child.get("choice_filter") or ""),
            relevant=str(bind.get("relevant", "")),
            constraint=str(bind.get("constraint", "") or implied_constraint(child["type"])),
            constraint_message=self.texts(bind.get("jr:constraintMsg")),
            required=truth(bind.get("required")),
            required_message=self.texts(bind.get("jr:requiredMsg")),
            calculation=str(bind.get("calculate", "")),
            default=default,
            dynamic_default=bool(default_is_dynamic(default, child["type"])),
            read_only=truth(bind.get("readonly")) if kind != "note" else "",
            appearance=str(child.get("control", {}).get("appearance", "")),
            parameters=parameters(child.get("parameters"))
            if kind != "metadata"
            else {"preload": preload(child["type"])},
            pii=self.pii(path, row.own),
            publish=row.own.get(("publish", ""), ""),
            scenario=row.own.get(("scenario", ""), ""),
            attributes=attributes(child),
        )

    def check_question(self, child: Mapping[str, Any], path: str) -> None:
        appearance = str(child.get("control", {}).get("appearance", ""))
        if appearance.startswith(("ex:", "intent:", "printer:")):
            self.fault(path, "appearance", "other apps cannot be started from a web page")
        if child.get("trigger"):
            self.fault(path, "trigger", "calculations on a trigger cannot be carried out here; use a plain calculation")
        if FILE.fullmatch(str(child.get("itemset") or "")):
            self.fault(
                path,
                "type",
                f"the file {child['itemset']} cannot be uploaded here; put the options on the sheet “choices”",
            )

    def pii(self, path: str, own: OwnTexts) -> str:
        named = own.get(("pii", ""), "").lower() or "none"
        if named not in PII:
            self.fault(path, "pii", f"“{named}” is none of {', '.join(sorted(PII))}")
        return named

    def choices(self, list_name: str, listed: Iterable[Mapping[str, Any]]) -> tuple[Choice, ...]:
        return tuple(
            Choice(
                name=str(choice["name"]),
                label=self.texts(choice.get("label")),
                easy=self.own_texts("easy", self.workbook.choices.get((list_name, str(choice["name"])), {})),
                media={name: self.texts(files) for name, files in choice.get("media", {}).items()},
                data={key: str(text) for key, text in choice.items() if is_data(key, text)},
            )
            for choice in listed
        )

    def texts(self, written: Any) -> Texts:
        if not written:
            return {}
        by_language = written if isinstance(written, Mapping) else {self.default: written}
        return {self.code(named): str(text) for named, text in by_language.items() if str(text)}

    def own_texts(self, column: str, own: OwnTexts) -> Texts:
        found = {named: text for (known, named), text in own.items() if known == column and text}
        return {self.code(named or self.default): text for named, text in found.items()}

    def code(self, named: str) -> str:
        """The code of a language; two spellings of one language would silently overwrite each other."""
        found = language(named)
        known = self.languages.setdefault(found.code, found)
        if known.name != found.name and not (known.name and found.name):
            self.languages[found.code] = known if known.name else found
        elif known.name != found.name:
            fault = Fault(
                f"the columns name the language “{found.code}” both {known.name} and {found.name}", "survey", 1
            )
            self.faults += [fault] if fault not in self.faults else []
        return found.code

    def fault(self, path: str, column: str, reason: str) -> None:
        row = self.workbook.row(path)
        self.faults.append(Fault(reason, "survey", row.number, row.header(column)))

    def notice_unused(self, cells: Mapping[str, Any], known: frozenset[str], sheet: str) -> None:
        for column in cells:
            if column not in known and not column.startswith("_"):
                self.notices.append(f"The column “{column}” of the sheet “{sheet}” is not used here.")


def _logic_faults(form: Form, workbook: Workbook) -> list[Fault]:
    faults = []
    for problem in compiled(form).problems:
        row = workbook.row(problem.path)
        faults.append(Fault(problem.reason, "survey", row.number, row.header(problem.column)))
    return faults


def _value_faults(form: Form, workbook: Workbook) -> list[Fault]:
    """Scales that are none, and defaults that are no answer to their own question."""
    faults = []
    for path, question in form.questions.items():
        row = workbook.row(path)
        try:
            if question.kind == "range":
                steps(question)
        except ValueError as error:
            faults.append(Fault(str(error), "survey", row.number, row.header("parameters")))
            continue
        try:
            if question.default and not question.dynamic_default and type_of(question).asks:
                type_of(question).clean(question.default, question, form)
        except Unclean as error:
            faults.append(Fault(str(error), "survey", row.number, row.header("default")))
    return faults
