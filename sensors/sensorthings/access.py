"""Who may write: teams of campaigns describe entities, hosts and boxes send readings; a flag opens a scratch database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import CSRFCheck

from engagement import roles
from engagement.models import User
from sensors import keyring
from sensors.answering import WrongKey, key_of
from sensors.keyring import Door
from sensors.models import Datastream, Deployment, Site
from sensors.models.sites import TEAM
from sensors.sensorthings.problems import NotYours, SignIn


@dataclass(frozen=True)
class Author:
    """Who writes. ``door``: what the key of a box opens, where one came with the request."""

    user: Any = None
    door: Door | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_somebody(self) -> bool:
        return isinstance(self.user, User) or self.door is not None

    def check_describes(self) -> None:
        """May create, change and remove entities that belong to no sensor of ours. Raises SignIn, NotYours."""
        if settings.LOGGIA_SENSORTHINGS_OPEN_WRITES or roles.has_role_anywhere(self.user, *TEAM):
            return
        if not self.is_somebody:
            raise SignIn
        raise NotYours("Entities are described by the team of a campaign. The key of a box sends its readings only.")

    def door_to(self, series: Datastream) -> Door:
        """The door by which readings enter a series of ours. Raises SignIn, NotYours."""
        if self.door is not None:
            if self.door.site_id == series.site_id:
                return self.door
            raise NotYours("This key belongs to a box that hangs at another place than this Datastream's.")
        if not isinstance(self.user, User):
            raise SignIn
        may = Site.objects.filter(pk=series.site_id or 0)
        team = may.filter(campaign__project__in=roles.projects_of(self.user, *TEAM).values("pk"))
        hung = Deployment.objects.select_related("device").filter(site=series.site_id, until__isnull=True).first()
        if hung is None or not (team.exists() or may.filter(owner=self.user).exists()):
            raise NotYours("Readings of this Datastream are sent by its host, or by the team of its campaign.")
        return keyring.door_of(hung.device)


def _nothing(request: HttpRequest) -> HttpResponse:
    """What Django's check asks for: a view that is exempted from nothing."""
    return HttpResponse()


def author_of(request: HttpRequest) -> Author:
    """Who is behind a write. A session counts only with its form token. Raises WrongKey, NotYours."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if key := key_of(headers):
        found = keyring.find_now(key)
        if found.door is None:
            raise WrongKey
        return Author(door=found.door)
    user = getattr(request, "user", None)
    if isinstance(user, User):
        check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type]
        check.process_request(request)
        if check.process_view(request, _nothing, (), {}):
            raise NotYours("This request carries no form token (X-CSRFToken), so it may not come from you.")
        return Author(user=user)
    return Author()
