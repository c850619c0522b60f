"""The officer's page about field apps: the address and the code to scan, and a new key when the old one went astray."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engagement import audit
from engagement.access import require_role, signed_in
from engagement.qr import qr
from engagement.roles import Role
from surveys.desk_views import survey_for
from surveys.openrosa import settings_code, submissions


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def field(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/surveys/<slug>/field/``: ODK Collect's settings; posted, the key is renewed."""
    found = survey_for(request, slug)
    if request.method == "POST":
        submissions.key_of(found, renew=True)
        audit.record(signed_in(request), "field-key.renewed", f"survey:{found.slug}")
        messages.success(
            request, _("There is a new code. Apps that were set up with the old one can send nothing more.")
        )
        return redirect("surveys:desk_field", slug=slug)
    token = submissions.key_of(found).token
    context = {"survey": found, "address": settings_code.address(token), "code": qr(settings_code.code(found, token))}
    return render(request, "surveys/desk_field.html", context)
