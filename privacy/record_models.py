"""What the city states about a project's use of data: the part of the Art. 30 record that no program can know."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from engagement.models import Project


class ProcessingRecord(models.Model):
    """On what ground a project asks people, and who answers for it."""

    class Basis(models.TextChoices):
        PUBLIC_TASK = "public-task", _("public task (GDPR Art. 6(1)(e))")
        CONSENT = "consent", _("consent (GDPR Art. 6(1)(a))")

    class Children(models.TextChoices):
        NOT_ASKED = "not-asked", _("not addressed; nobody's age is checked")
        SCHOOL = "school", _("addressed, at school with a teacher")
        FREE = "free", _("addressed, by themselves")

    project = models.OneToOneField(Project, models.CASCADE, related_name="processing_record")
    basis = models.CharField(max_length=12, choices=Basis, default=Basis.PUBLIC_TASK)
    law = models.CharField(max_length=300, blank=True, help_text="The law that gives the task, with its section.")
    special_ground = models.CharField(
        max_length=300, blank=True, help_text="Why special categories may be asked (GDPR Art. 9(2)); empty: none are."
    )
    children = models.CharField(max_length=10, choices=Children, default=Children.NOT_ASKED)
    controller = models.CharField(max_length=200, blank=True, help_text="The authority that answers for the project.")
    contact = models.CharField(max_length=200, blank=True, help_text="How to reach its data protection officer.")
    recipients = models.CharField(max_length=300, blank=True, help_text="Who else gets personal data; empty: nobody.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(basis="public-task", law=""), name="a_public_task_names_its_law")
        ]

    def __str__(self) -> str:
        return f"record of {self.project_id}"
