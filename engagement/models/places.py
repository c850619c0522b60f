"""The offline index of streets, addresses and named places."""

from __future__ import annotations

from django.contrib.gis.db.models import PointField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Place(models.Model):
    """Something a person can name: a street, an address, a named place of the imported city."""

    class Kind(models.TextChoices):
        STREET = "street", _("street")
        ADDRESS = "address", _("address")
        PLACE = "place", _("place")

    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=200)
    normalised = models.CharField(
        max_length=200, db_index=True, help_text="Name and number, lower case, without diacritics."
    )
    number = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=8, blank=True, help_text="Language of the name; empty for the local one.")
    point = PointField(srid=4326)
    source = models.CharField(max_length=80, help_text="The scene or file it was read from.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "name", "number"], name="a_place_is_indexed_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}".strip()
