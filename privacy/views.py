"""What everybody may read: the register of releases, each release with its certificate, and where an answer goes."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engagement.models import Project
from privacy import certificate, ledger, models, presenting, release, retention, signing
from privacy.about import dates
from privacy.release import Release

CSV_COLUMNS = (
    "question", "option", "by", "stratum", "count", "count_error95", "estimate", "low", "high", "error95", "n",
)  # fmt: skip
FOREVER = "public, max-age=31536000, immutable"


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """``/releases/``: everything that was published, newest first, and what is left of each budget."""
    projects = Project.objects.visible_to(request.user)
    releases = models.Release.objects.filter(project__in=projects).select_related("project", "round", "superseded_by")
    budgets = (
        models.Budget.objects.filter(project__in=projects, entries__isnull=False).select_related("project").distinct()
    )
    announced = models.Draft.objects.filter(
        state=models.Draft.State.SIGNED, public_on__isnull=False, round__project__in=projects
    )
    context = {
        "announced": announced.select_related("round__project"),
        "releases": [{"row": row, "tables": presenting.titles(certificate.parse(row.document))} for row in releases],
        "budgets": [{"budget": budget, "left": 100 * ledger.fraction_left(budget)} for budget in budgets],
    }
    return render(request, "privacy/register.html", context)


@require_safe
def release_page(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """``/releases/<id>/``: the figures with their ranges, the certificate in words, the downloads."""
    row = _row_for(request, release_id)
    found = release.load(row.pk)
    context = {
        "row": row,
        "release": found,
        "project": row.project,
        "tables": presenting.tables(found.document),
        "certificate": found.document["certificate"],
        "proof": found.document["proof"],
        "duplicates": presenting.duplicates(found.document),
        **_worst_case(found),
        "later": getattr(row, "superseded_by", None),
    }
    return render(request, "privacy/release.html", context)


@require_safe
def download_json(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """The signed document, byte for byte."""
    row = _row_for(request, release_id)
    return _file(row, row.document, "application/ld+json", "json")


@require_safe
def download_csv(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """The cells as a table; unclipped, so counts may be negative."""
    row = _row_for(request, release_id)
    return _file(row, as_csv(release.load(row.pk)), "text/csv; charset=utf-8", "csv")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """``/about-your-data/``: where an answer goes, in plain words and a picture; what is kept how long; key days."""
    context = {"rules": retention.rules(), "dates": dates(request.user)}
    return render(request, "privacy/about.html", context)


@require_safe
def public_keys(request: HttpRequest) -> HttpResponse:
    """``/.well-known/loggia-keys.json``: what certificates are verified with."""
    response = JsonResponse(signing.as_json(signing.register(settings.DATA_DIR)))
    response["Cache-Control"] = "public, max-age=3600"
    return response


def as_csv(found: Release) -> str:
    """One line per cell. Values come from the questionnaire; none can start a formula in a spreadsheet."""
    stream = io.StringIO()
    lines = csv.writer(stream)
    lines.writerow(CSV_COLUMNS)
    for cell in found.cells:
        values = (getattr(cell, column) for column in CSV_COLUMNS)
        lines.writerow(["" if value is None else _plain(value) for value in values])
    return stream.getvalue()


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value


def _worst_case(found: Release) -> dict[str, int]:
    """The best attack on one answer, and a blind guess: right guesses of 100."""
    worst = found.document["certificate"]["risks"]["inference"]["worst"]
    return {"worst": round(100 * worst["upper"]), "blind": round(100 * worst["blind"])}


def _row_for(request: HttpRequest, release_id: UUID) -> models.Release:
    rows = models.Release.objects.filter(project__in=Project.objects.visible_to(request.user))
    row = rows.filter(pk=release_id).select_related("project", "round", "supersedes", "superseded_by").first()
    if row is None:
        raise Http404
    return row


def _file(row: models.Release, text: str, kind: str, suffix: str) -> HttpResponse:
    name = f"release-{row.project.slug}-{row.published_at:%Y-%m-%d}.{suffix}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": FOREVER if row.project.published else "private, no-store",
        "ETag": f'"{row.sha256}-{suffix}"',
    }
    return HttpResponse(text, content_type=kind, headers=headers)
