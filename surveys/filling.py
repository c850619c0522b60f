"""A response being filled in: what its answers make relevant, worked out, allowed and asked for.

Answers are a map from a question's path to its clean value; a repeated group has a list of such maps, whose paths
begin below the group. The phone's ``filling.js`` follows this file step by step.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from engagement.languages import pick
from surveys.compiling import REFERENCE, Compiled, calls, compiled
from surveys.expressions.dialect import EvaluationError, Surroundings, evaluate
from surveys.expressions.evaluation import Context, Evaluation
from surveys.expressions.functions.lists import seeded, shuffled_by
from surveys.expressions.tree import Node, number
from surveys.expressions.values import Value as Worth
from surveys.expressions.values import to_boolean, to_number, to_text
from surveys.ir import Choice, Form, Group, Item, Question
from surveys.question_types.metadata import DAYS
from surveys.question_types.registry import type_of

Answers = Mapping[str, Any]

# Passes over the form until nothing changes. Each settles at least one more link of a chain of dependencies.
MOST_PASSES = 64
MOST_TURNS = 100
# How often the number of turns may change the number of other turns.
MOST_ROUNDS = 4
MORE = ":more"  # ends the key of the place after the last turn, where one can add another; no name has a colon
# These give another value each time they are asked, so what the phone worked out with them stands.
UNREPEATABLE = frozenset({"random", "uuid", "now", "once"})


@dataclass(frozen=True)
class Scope:
    """Where answers are looked up: the whole response, or one turn of a repeated group."""

    answers: dict[str, Any]
    path: str = ""
    key: str = ""

    def below(self, path: str) -> str:
        """A path as it is written inside this scope."""
        return path[len(self.path) + 1 :] if self.path else path

    def full(self, local: str) -> str:
        return f"{self.key}/{local}" if self.key else local


@dataclass
class Slot:
    """One question, group or turn of this response. ``key``: its path, with the turn's number after a repeated group."""

    key: str
    item: Item
    node: Node
    scope: Scope
    parent: Slot | None = None
    value: Any = None
    typed: str = ""
    relevant: bool = True
    children: list[Slot] = field(default_factory=list)


class Filling:
    """The state of one response. ``now`` is the moment for ``today()`` and ``now()``, aware, in the answerer's zone.

    ``slots`` holds what the answers fill, by key; ``order`` is how one reads the form: the same slots, and after the
    turns of each group that repeats freely one whose key ends in ``MORE``.
    """

    def __init__(self, form: Form, answers: Answers, *, now: datetime, language: str = "en") -> None:
        self.form = form
        self.language = language
        self.now = now
        self.compiled: Compiled = compiled(form)
        self.given: dict[str, Any] = copy.deepcopy(dict(answers))
        self._build()
        self._settle()
        for _round in range(MOST_ROUNDS):
            if not self._turns_changed():
                break
            self._build()
            self._settle()

    def _build(self) -> None:
        document = Node("")
        root = Node("data", parent=document)
        self.slots: dict[str, Slot] = {}
        self.order: list[Slot] = []
        for item in self.form.children:
            self._add(item, root, Scope(self.given), None)
        number(document)
        self.surroundings = Surroundings(
            document=document,
            now=self.now,
            paths=self.compiled.paths,
            instances=_lists(self.form, self.language),
            choice_label=self._choice_label,
            language=self.language,
            version=self.form.version,
        )

    def _add(self, item: Item, above: Node, scope: Scope, parent: Slot | None) -> None:
        local = scope.below(item.path)
        if isinstance(item, Question):
            slot = self._slot(scope.full(local), item, above, scope, parent)
            slot.value = scope.answers.get(local)
            slot.typed = "" if slot.value is None else type_of(item).lexical(slot.value)
            slot.node.text = slot.typed
            return
        if not item.repeats:
            self._add_children(item, self._slot(scope.full(local), item, above, scope, parent), scope)
            return
        for place, turn in enumerate(scope.answers.get(local, ())[:MOST_TURNS], start=1):
            inside = Scope(turn, item.path, f"{scope.full(local)}/{place}")
            self._add_children(item, self._slot(inside.key, item, above, scope, parent), inside)
        if not item.count:
            # Beside the tree of answers: expressions never see it.
            beside = Node(item.name)
            beside.parent = above
            self.order.append(Slot(scope.full(local) + MORE, item, beside, scope, parent))

    def _add_children(self, group: Group, slot: Slot, scope: Scope) -> None:
        for child in group.children:
            self._add(child, slot.node, scope, slot)

    def _slot(self, key: str, item: Item, above: Node, scope: Scope, parent: Slot | None) -> Slot:
        slot = Slot(key, item, Node(item.name, parent=above), scope, parent)
        self.slots[key] = slot
        self.order.append(slot)
        return slot

    def _settle(self) -> None:
        """Work out relevance and calculations until they agree with each other."""
        for _pass in range(MOST_PASSES):
            if not sum(self._refresh(slot) for slot in self.slots.values()):
                return

    def _refresh(self, slot: Slot) -> bool:
        """Bring one slot up to date; tells whether that changed anything."""
        relevant = (slot.parent is None or slot.parent.relevant) and self._true(slot, "relevant", otherwise=True)
        changed = relevant != slot.relevant
        slot.relevant = relevant
        if isinstance(slot.item, Question):
            text = self._text(slot, slot.item) if relevant else ""
            changed = changed or text != slot.node.text
            slot.node.text = text
        return changed

    def _text(self, slot: Slot, question: Question) -> str:
        if question.kind == "metadata":
            return self.now.date().isoformat() if question.parameters.get("preload") in DAYS else ""
        tree = self.compiled.tree(question, "calculation")
        if tree is not None and not (slot.typed and calls(tree) & UNREPEATABLE):
            worth = self.worth(slot, "calculation")
            # As in JavaRosa, what is no number is no answer.
            return "" if worth is None or (isinstance(worth, float) and math.isnan(worth)) else to_text(worth)
        if question.choice_filter and slot.typed:
            open_now = {choice.name for choice in self.choices(slot.key)}
            return " ".join(name for name in slot.typed.split() if name in open_now)
        return slot.typed

    def _turns_changed(self) -> bool:
        """Give groups that repeat ``count`` times that many turns; tells whether any turn came or went."""
        changed = False
        for item in self.form.items.values():
            if isinstance(item, Group) and item.repeats and item.count:
                for scope, slot in self._scopes(item):
                    changed |= self._fit(item, scope, slot)
        return changed

    def _scopes(self, group: Group) -> list[tuple[Scope, Slot | None]]:
        """Every place in which a repeated group stands: once, or once in each turn of the one around it."""
        around = group.path.rpartition("/")[0]
        if not around:
            return [(Scope(self.given), None)]
        holders = [slot for slot in self.slots.values() if slot.item.path == around]
        return [(self._inner(slot), slot) for slot in holders]

    def _inner(self, slot: Slot) -> Scope:
        """The scope of what stands inside a group's slot."""
        if not (isinstance(slot.item, Group) and slot.item.repeats):
            return slot.scope
        local, place = slot.scope.below(slot.item.path), int(slot.key.rpartition("/")[2])
        return Scope(slot.scope.answers[local][place - 1], slot.item.path, slot.key)

    def _fit(self, group: Group, scope: Scope, above: Slot | None) -> bool:
        tree = self.compiled.tree(group, "count")
        node = above.node if above else self.surroundings.document.children[0]
        wanted = math.nan
        if tree is not None:
            try:
                wanted = to_number(evaluate(tree, node, self.surroundings), self.surroundings.zone)
            except EvaluationError:
                wanted = math.nan
        turns = 0 if math.isnan(wanted) else int(min(max(wanted, 0), MOST_TURNS))
        local = scope.below(group.path)
        now = scope.answers.get(local, [])
        if len(now) == turns:
            return False
        scope.answers[local] = [*now[:turns], *({} for _turn in range(turns - len(now)))]
        return True

    # What can be asked

    def worth(self, slot: Slot, column: str) -> Worth | None:
        """The value of one of the item's expressions here; ``None`` where it has no expression, or no value."""
        tree = self.compiled.tree(slot.item, column)
        if tree is None:
            return None
        try:
            return evaluate(tree, slot.node, self.surroundings)
        except EvaluationError:
            return None

    def _true(self, slot: Slot, column: str, *, otherwise: bool) -> bool:
        worth = self.worth(slot, column)
        return otherwise if worth is None else to_boolean(worth)

    def is_relevant(self, slot: Slot) -> bool:
        """Whether a question applies now, or another turn may be added where a group repeats."""
        if not slot.key.endswith(MORE):
            return slot.relevant
        return (slot.parent is None or slot.parent.relevant) and self._true(slot, "relevant", otherwise=True)

    def is_required(self, slot: Slot) -> bool:
        """Whether it must be answered. Nobody must tell anything about themselves."""
        personal = isinstance(slot.item, Question) and slot.item.pii != "none"
        return not personal and self._true(slot, "required", otherwise=False)

    def is_read_only(self, slot: Slot) -> bool:
        return self._true(slot, "read_only", otherwise=False)

    def choices(self, key: str) -> list[Choice]:
        """The options open to the person now, in the order to show them."""
        slot = self.slots[key]
        assert isinstance(slot.item, Question)
        listed = list(self.form.choices_of(slot.item))
        if slot.item.choice_filter:
            listed = [choice for place, choice in enumerate(listed) if self._open(slot, place)]
        return self._shuffled(slot, slot.item, listed)

    def _open(self, slot: Slot, place: int) -> bool:
        """Whether the choice filter lets an option through; the filter reads the columns of the option."""
        assert isinstance(slot.item, Question)
        tree = self.compiled.tree(slot.item, "choice_filter")
        option = self.surroundings.instances[slot.item.list_name].children[0].children[place]
        try:
            return tree is None or Evaluation(self.surroundings).boolean(tree, Context(option, place + 1, 1, slot.node))
        except EvaluationError:
            return True

    def _shuffled(self, slot: Slot, question: Question, listed: list[Choice]) -> list[Choice]:
        if question.parameters.get("randomize", "").lower() != "true":
            return listed
        seed = question.parameters.get("seed", "")
        return shuffled_by(listed, seeded(self.text_of(seed, slot) if seed else str(self.now.toordinal())))

    def text_of(self, template: str, slot: Slot | None = None) -> str:
        """A text with every ``${name}`` replaced by the answer."""
        node = slot.node if slot else self.surroundings.document.children[0]
        run, context = Evaluation(self.surroundings), Context(node, 1, 1, node)
        return REFERENCE.sub(lambda name: to_text(run.referred(name[1], context)), template)

    def _choice_label(self, path: str, name: str) -> str:
        question = self.form.questions.get(path)
        choice = self.form.choice(question, name) if question else None
        return (pick(choice.label, self.language) if choice else "") or name

    # What it amounts to

    def errors(self) -> dict[str, list[str]]:
        """What keeps the response from being sent: key of the question → sentences for the resident."""
        found = {slot.key: sentence for slot in self.slots.values() if (sentence := self.error(slot))}
        return {key: [sentence] for key, sentence in found.items()}

    def error(self, slot: Slot) -> str:
        """What is wrong with one answer; empty when nothing is."""
        question = slot.item
        if not isinstance(question, Question) or not slot.relevant:
            return ""
        if slot.node.text == "":
            missing = type_of(question).asks and self.is_required(slot)
            told = self.text_of(pick(question.required_message, self.language), slot)
            return (told or _("Please answer this question.")) if missing else ""
        if self._true(slot, "constraint", otherwise=True):
            return ""
        told = self.text_of(pick(question.constraint_message, self.language), slot)
        return told or _("This answer does not fit. Please check it.")

    def answers(self) -> dict[str, Any]:
        """What is stored: relevant answers alone, calculations worked out, turns of repeated groups as lists."""
        kept: dict[str, Any] = {}
        for slot in self.slots.values():
            if isinstance(slot.item, Question) and slot.relevant and slot.node.text != "":
                _placed(kept, slot)[slot.scope.below(slot.item.path)] = self._stored(slot)
        return kept

    @staticmethod
    def _stored(slot: Slot) -> Any:
        if slot.node.text == slot.typed:
            return slot.value
        return slot.node.text.split() if slot.item.kind == "select_multiple" else slot.node.text  # type: ignore[union-attr]


def _placed(kept: dict[str, Any], slot: Slot) -> dict[str, Any]:
    """The map into which a slot's answer goes, making the turns above it as needed."""
    inside = kept
    turns = []
    holder = slot.parent
    while holder is not None:
        if isinstance(holder.item, Group) and holder.item.repeats:
            turns.append(holder)
        holder = holder.parent
    for turn in reversed(turns):
        listed = inside.setdefault(turn.scope.below(turn.item.path), [])
        place = int(turn.key.rpartition("/")[2])
        listed.extend({} for _turn in range(place - len(listed)))
        inside = listed[place - 1]
    return inside


@lru_cache(maxsize=256)
def _lists(form: Form, language: str) -> Mapping[str, Node]:
    """The choice lists as secondary instances: ``instance('list')/root/item``."""
    found = {}
    for name, choices in form.choices.items():
        document = Node("")
        root = Node("root", parent=document)
        for choice in choices:
            item = Node("item", parent=root)
            columns = {"name": choice.name, "label": pick(choice.label, language), **choice.data}
            for column, text in columns.items():
                Node(column, text, parent=item)
        number(document)
        found[name] = document
    return found
