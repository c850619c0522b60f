"""Questionnaires and what people answered: nothing here tells who, from where, or at what hour."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement.languages import pick
from engagement.models import Project, Round
from surveys import ir

MOST_FORMS_KEPT = 128
_forms: dict[str, ir.Form] = {}


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, user: object) -> SurveyQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))


class Survey(models.Model):
    """A questionnaire of a project; what it asks is in its versions."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="surveys")
    slug = models.SlugField(unique=True)
    title = models.JSONField(default=dict, help_text="Per language.")
    created_on = models.DateField(default=timezone.localdate)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return pick(self.title) or self.slug

    @property
    def latest(self) -> SurveyVersion | None:
        return self.versions.order_by("-number").first()

    def current_opening(self) -> Opening | None:
        """The opening in which one can answer now, else the last one there was."""
        openings = Opening.objects.filter(version__survey=self).select_related("round", "version")
        return current_among(list(openings.order_by("-round__opens_at")))


class SurveyVersionQuerySet(models.QuerySet["SurveyVersion"]):
    def update(self, **fields: Any) -> int:
        """Versions are replaced by new ones, never changed: people answered exactly these questions."""
        raise ValidationError(_("A version of a survey cannot be changed. Upload the form again as a new version."))


class SurveyVersion(models.Model):
    """One form as it was uploaded. Immutable from the start; a change is a new version."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    form = models.JSONField(help_text="The form as of surveys.ir, format 1.")
    hash = models.CharField(max_length=64)
    uploaded_on = models.DateField(default=timezone.localdate)

    objects = SurveyVersionQuerySet.as_manager()

    class Meta:
        ordering = ["survey", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="versions_of_a_survey_are_numbered"),
            models.UniqueConstraint(fields=["survey", "hash"], name="the_same_form_is_one_version"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} v{self.number}"

    def save(self, **options: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise ValidationError(_("A version of a survey cannot be changed. Upload the form again as a new version."))
        super().save(**options)

    @property
    def content(self) -> ir.Form:
        """The form; the same object for the same hash within a process."""
        if self.hash not in _forms:
            if len(_forms) >= MOST_FORMS_KEPT:
                _forms.clear()
            _forms[self.hash] = ir.from_json(self.form)
        return _forms[self.hash]


class Opening(models.Model):
    """Which version a round asks."""

    round = models.OneToOneField(Round, models.CASCADE, primary_key=True, related_name="survey_opening")
    version = models.ForeignKey(SurveyVersion, models.PROTECT, related_name="openings")

    def __str__(self) -> str:
        return f"{self.version} in {self.round_id}"


def current_among(newest: Sequence[Opening]) -> Opening | None:
    """The one in which one can answer now, else the newest, which stands first."""
    return next((opening for opening in newest if opening.round.is_open()), newest[0] if newest else None)


class ResponseQuerySet(models.QuerySet["Response"]):
    def valid(self) -> ResponseQuerySet:
        """Responses that count. Leaving one out takes two officers, a reason and a public count."""
        return self.filter(state=Response.State.VALID)


class Response(models.Model):
    """What one person answered. No user, no address, no hour; the id is made by the phone, so sending twice is harmless."""

    class State(models.TextChoices):
        VALID = "valid", _("counted")
        EXCLUDED = "excluded", _("left out")

    id = models.UUIDField(primary_key=True, editable=False, default=uuid.uuid4)
    round = models.ForeignKey(Round, models.PROTECT, related_name="responses")
    version = models.ForeignKey(SurveyVersion, models.PROTECT, related_name="responses")
    answers = models.JSONField(help_text="Path of the question → clean answer.")
    pseudonym = models.CharField(max_length=64, help_text="Under the round's key; only the receipt code leads here.")
    content_hash = models.CharField(max_length=64, help_text="Of what was sent, to know the same response again.")
    received_on = models.DateField(default=timezone.localdate)
    language = models.CharField(max_length=8)
    state = models.CharField(max_length=8, choices=State, default=State.VALID)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "pseudonym"], name="a_receipt_code_belongs_to_one_response")
        ]
        indexes = [models.Index(fields=["round", "state"], name="responses_that_count")]

    def __str__(self) -> str:
        return f"response of {self.received_on} in {self.round_id}"


class OpenToCorrection(models.Model):
    """The holder of the receipt code asked to change this response: for a day it may be replaced, once."""

    response = models.OneToOneField(Response, models.CASCADE, primary_key=True, related_name="correction")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"open until {self.expires_at:%Y-%m-%d %H:%M}"


class ModeratedAnswer(models.Model):
    """A text, photo or place of a response that others may see only after a moderator said so.

    Its own random id stands in the queue, so that a moderator cannot tell which items one person wrote.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(Response, models.CASCADE, related_name="moderated")
    key = models.CharField(max_length=200, help_text="Path of the question, with the turn of a repeated group.")
    kind = models.CharField(max_length=40, help_text="The registered moderated kind.")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "key"], name="an_answer_is_moderated_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class AnswerGeometryQuerySet(models.QuerySet["AnswerGeometry"]):
    def approved(self) -> AnswerGeometryQuerySet:
        """Places that a moderator let through, of responses that count: the only ones that enter snapshots and maps."""
        return self.filter(answer__state=ModeratedAnswer.State.APPROVED, answer__response__state=Response.State.VALID)


class AnswerGeometry(models.Model):
    """The place that an answer names, where the database can search it."""

    answer = models.OneToOneField(ModeratedAnswer, models.CASCADE, primary_key=True, related_name="geometry")
    geometry = GeometryField(srid=4326)

    objects = AnswerGeometryQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.answer)


class Attachment(models.Model):
    """A photo, re-encoded, without what the camera noted. In the database, so that it is stored whole with its response."""

    answer = models.OneToOneField(ModeratedAnswer, models.CASCADE, primary_key=True, related_name="attachment")
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.content_type} of {self.answer}"


def a_day_from_now() -> Any:
    """Rounded up to the hour: the moment somebody began is not kept."""
    return (timezone.now() + timedelta(hours=25)).replace(minute=0, second=0, microsecond=0)


class Draft(models.Model):
    """A response being written page by page without JavaScript. Sealed: only the cookie of that browser opens it."""

    id = models.CharField(primary_key=True, max_length=64, help_text="SHA-256 of the key in the cookie.")
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="drafts")
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(default=a_day_from_now)

    def __str__(self) -> str:
        return f"draft until {self.expires_at:%Y-%m-%d %H:%M}"


def grave(response_id: uuid.UUID) -> str:
    """The name of a withdrawn response's tombstone. Triggers in the database compute it, too: see surveys.burying."""
    return hashlib.sha256(f"withdrawn response {response_id}".encode()).hexdigest()


class Tombstone(models.Model):
    """The hash of a withdrawn response's id: what is sent again stays gone, also from a phone that was offline."""

    digest = models.CharField(primary_key=True, max_length=64)
    withdrawn_on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        return f"withdrawn on {self.withdrawn_on}"
