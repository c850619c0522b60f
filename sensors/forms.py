"""Forms of hosts. Nothing typed is lost on an error; places are found by address without JavaScript."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from engagement import places
from engagement.models import User
from sensors import presets, registering
from sensors.models import Campaign, Site
from sensors.registering import HOSTS, Registration

MOST_FOUND = 6


def open_campaigns(user: User) -> list[Campaign]:
    """Campaigns for which the person may register sensors."""
    from engagement import roles

    return list(
        Campaign.objects.filter(project__in=roles.projects_of(user, *HOSTS).values("pk")).select_related("project")
    )


class RegistrationForm(forms.Form):
    """What a volunteer says about a box. ``find`` only looks the address up."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    campaign = forms.ModelChoiceField(Campaign.objects.none(), label=_("Campaign"), empty_label=None)
    preset = forms.ChoiceField(label=_("What kind of box is it?"), widget=forms.RadioSelect)
    code = forms.CharField(
        label=_("Code on the box"),
        required=False,
        max_length=12,
        help_text=_("Eight characters, if the box came from us."),
    )
    chip_id = forms.CharField(
        label=_("Chip id"),
        required=False,
        max_length=64,
        help_text=_("As the box calls itself, such as esp8266-1234567. Lets us tell you about a mistyped key."),
    )
    address = forms.CharField(label=_("Street and number"), required=False, max_length=100)
    place = forms.CharField(required=False, widget=forms.HiddenInput)
    lon = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    shown_as = forms.ChoiceField(
        label=_("How may its place be shown?"), choices=Site.Shown.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=80,
        help_text=_("Such as “Courtyard”. A moderator looks at it first."),
    )
    height_m = forms.FloatField(label=_("Height above the ground, metres"), required=False, min_value=0, max_value=400)
    facing = forms.ChoiceField(
        label=_("Which way does it look?"), choices=[("", _("does not matter")), *Site.Facing.choices], required=False
    )
    test_mode = forms.BooleanField(label=_("Try it out first: only I see the readings"), required=False)
    agree = forms.BooleanField(label=_("The readings may be published under this licence"))

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        initial = {"id": uuid4(), "preset": presets.AIR_BOX.name, "shown_as": Site.Shown.CELL_100}
        super().__init__(data, initial=initial | kwargs.pop("initial", {}), **kwargs)
        self.campaigns = open_campaigns(user)
        campaign = self.fields["campaign"]
        assert isinstance(campaign, forms.ModelChoiceField)
        campaign.queryset = Campaign.objects.filter(pk__in=[known.pk for known in self.campaigns])
        preset = self.fields["preset"]
        assert isinstance(preset, forms.ChoiceField)
        preset.choices = [
            (known.name, format_html("<strong>{}</strong><br><span class='small'>{}</span>", known.label, known.about))
            for known in presets.PRESETS.values()
        ]
        if len(self.campaigns) == 1:
            campaign.widget = forms.HiddenInput()
            self.initial["campaign"] = self.campaigns[0].pk

    @property
    def found(self) -> list[tuple[str, str]]:
        """Places that fit the typed address: ``lon,lat`` and how they are called."""
        typed = self.data if self.is_bound else self.initial
        address = str(typed.get("address", "")).strip()
        if not address:
            return []
        return [
            (f"{place.point.x:.6f},{place.point.y:.6f}", str(place))
            for place in places.search(address, limit=MOST_FOUND)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("place"):
            cleaned["lon"], cleaned["lat"] = self._chosen_place(cleaned["place"])
        if cleaned.get("lon") is None or cleaned.get("lat") is None:
            said = (
                _("Choose one of the places found.")
                if self.found
                else _("Say where it hangs: type the address and press “Find”.")
            )
            self.add_error("address", said)
        return cleaned

    def _chosen_place(self, place: str) -> tuple[float | None, float | None]:
        lon, _comma, lat = place.partition(",")
        try:
            return float(lon), float(lat)
        except ValueError:
            return None, None

    def registration(self) -> Registration:
        """Only after the form was found valid."""
        given = {name: self.cleaned_data[name] for name in REGISTERED}
        return Registration(**given)

    def register(self, user: User) -> registering.Registered:
        return registering.register(user, self.cleaned_data["campaign"], self.registration())


REGISTERED = ("id", "preset", "lon", "lat", "shown_as", "name", "chip_id", "code", "height_m", "facing", "test_mode")


class ShownForm(forms.Form):
    shown_as = forms.ChoiceField(
        label=_("How may its place be shown?"), choices=Site.Shown.choices, widget=forms.RadioSelect
    )


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), required=False, max_length=80)


class FileForm(forms.Form):
    """A CSV of history, sent by its host from the box's page."""

    file = forms.FileField(
        label=_("CSV file"), help_text=_("A column “time”, and one for each property, such as pm2_5 or cars.")
    )


class NoteForm(forms.Form):
    """Something unusual, from when to when; in the time of the site."""

    since = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    until = forms.DateTimeField(
        label=_("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    text = forms.CharField(
        label=_("What was it?"),
        max_length=280,
        help_text=_("Such as works in the street, or a cleaned filter. Only you and the project's team read it."),
    )


class LettersForm(forms.Form):
    """When to write to the host. The same hour twice: never quiet."""

    wanted = forms.BooleanField(label=_("Write to me when it is offline, stuck or out of range"), required=False)
    quiet_from = forms.IntegerField(label=_("Not from this hour"), min_value=0, max_value=23)
    quiet_until = forms.IntegerField(label=_("until this hour"), min_value=0, max_value=23)


class HandOverForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address of the other volunteer"))


class SwapForm(forms.Form):
    chip_id = forms.CharField(label=_("Chip id of the new box"), required=False, max_length=64)
