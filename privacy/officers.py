"""Who may do what with releases and responses of a round."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from engagement import roles
from engagement.models import Round, User
from engagement.problems import Refused


class NotAnOfficer(Refused):
    status = 403
    code = "not-an-officer"
    title = _("Only an engagement officer of the project may do this.")


def require_officer(officer: User, round: Round) -> None:
    """Raises NotAnOfficer."""
    if not roles.has_role(officer, round.project, roles.Role.OFFICER):
        raise NotAnOfficer(_("Ask an officer of “%(project)s” to do it.") % {"project": round.project})
