"""A resident's photo as a moderator sees it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from engagement import audit, roles
from engagement.access import require_role, signed_in
from engagement.roles import Role
from surveys.models import Attachment


@require_safe
@require_role(Role.OFFICER)
def photo(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """The picture, to officers of its project alone; never kept by a cache. The log says who looked."""
    mine = roles.projects_of(request.user, Role.OFFICER)
    found = Attachment.objects.filter(pk=answer_id, answer__response__version__survey__project__in=mine).first()
    if found is None:
        raise Http404
    audit.record(signed_in(request), "photo.read", f"survey.photo:{answer_id}")
    headers = {"Cache-Control": "private, no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return HttpResponse(bytes(found.content), content_type=found.content_type, headers=headers)
