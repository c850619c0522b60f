"""Releases: the only thing that planning reads. Loading one verifies its certificate first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from engagement.problems import Refused
from privacy import certificate, models, signing


class NoSuchRelease(Refused):
    status = 404
    code = "no-such-release"
    title = _("There is no such release.")


@dataclass(frozen=True)
class Cell:
    """One published figure: how many units chose ``option`` (within ``stratum`` of the question ``by``, where grouped).

    ``count`` is the noisy whole number, never clipped: it may be negative. ``estimate`` is its share of those who
    answered, 0 to 1 but unclipped; ``low`` to ``high`` is the 95 % range of noise and sampling together, ``error95`` half
    of its width. They are None when too few answered to say anything about shares. ``n`` is the noisy number of answers
    that the share refers to.
    """

    question: str
    option: str
    by: str | None
    stratum: str | None
    count: int
    count_error95: int
    estimate: float | None
    low: float | None
    high: float | None
    error95: float | None
    n: int


@dataclass(frozen=True)
class Question:
    """One table of the release: ``label``, ``labels`` per option and ``strata`` per group are language maps.

    ``mean`` and ``mean_error95`` are there for scales, in steps of the scale.
    """

    name: str
    kind: str
    label: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    by: str | None = None
    strata: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    mean: float | None = None
    mean_error95: float | None = None

    @property
    def key(self) -> str:
        """``mode``, or ``mode/district`` for a table in groups."""
        return f"{self.name}/{self.by}" if self.by else self.name


@dataclass(frozen=True)
class Release:
    """A published release whose certificate was verified. ``document`` is what was signed.

    ``questions`` holds its tables by key: ``mode``, or ``mode/district`` for one in groups.
    """

    id: UUID
    project: str
    round: UUID
    population: str
    unit: str
    simulated: bool
    published_on: date
    questions: Mapping[str, Question]
    cells: tuple[Cell, ...]
    epsilon: float
    delta: float
    sha256: str
    document: Mapping[str, Any]

    def table(self, question: str, stratum: str | None = None, *, by: str | None = None) -> dict[str, Cell]:
        """The cells of one question by option, in the order of the questionnaire; of one group if ``stratum`` is given.

        Raises:
            NoSuchRelease: naming the question, when the release has no such table.
        """
        found = {
            cell.option: cell
            for cell in self.cells
            if cell.question == question and cell.stratum == stratum and by in {None, cell.by}
        }
        if not found:
            raise NoSuchRelease(
                _("The release %(id)s says nothing about “%(question)s”. It has: %(known)s.")
                % {"id": self.id, "question": question, "known": ", ".join(self.questions)}
            )
        return found


def load(release_id: UUID | str) -> Release:
    """The release, once its certificate holds. The one door through which planning gets to know what people said.

    Raises:
        NoSuchRelease: nothing was published under this id.
        CertificateRefused: what is stored is not what was signed.
    """
    row = models.Release.objects.filter(pk=release_id).first()
    if row is None:
        raise NoSuchRelease(_("No release was published under %(id)s.") % {"id": release_id})
    return read(row.document, row.sha256, signing.register(settings.DATA_DIR))


def read(text: str, sha256: str, known: signing.Register) -> Release:
    """A published document as a release, verified with the public keys ``known``; needs no database."""
    document = certificate.parse(text)
    certificate.verify(document, known)
    if document["format"] != certificate.FORMAT:
        raise certificate.CertificateRefused(_("This is not a signed release of this format."))
    questions = {question.key: question for question in map(_question, document["questions"])}
    return Release(
        id=UUID(str(document["id"]).removeprefix("urn:uuid:")),
        project=document["project"],
        round=UUID(document["round"]),
        population=document["population"],
        unit=document["unit"],
        simulated=document["simulated"],
        published_on=date.fromisoformat(document["published_on"]),
        questions=MappingProxyType(questions),
        cells=tuple(Cell(**cell) for cell in document["cells"]),
        epsilon=document["certificate"]["privacy_loss"]["epsilon"],
        delta=document["certificate"]["privacy_loss"]["delta"],
        sha256=sha256,
        document=MappingProxyType(document),
    )


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        name=row["name"],
        kind=row["kind"],
        label=row["label"],
        labels={option["value"]: option["label"] for option in row["options"]},
        by=row["by"],
        strata={stratum["value"]: stratum["label"] for stratum in row["strata"]},
        mean=row["mean"],
        mean_error95=row["mean_error95"],
    )
