"""The officer's page about connected systems: addresses, their secrets, and how each delivery went."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from engagement.access import officer_project, require_role, signed_in
from engagement.problems import Refused
from engagement.roles import Role
from surveys import webhooks
from surveys.hook_models import Delivery, Webhook

SHOWN = 50


class HookForm(forms.Form):
    """One more address to tell."""

    url = forms.URLField(
        label=gettext_lazy("Address of the system"),
        max_length=300,
        assume_scheme="https",
        help_text=gettext_lazy(
            "It is told when ten more responses came and when one was withdrawn, never what was answered."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def hooks(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/projects/<slug>/webhooks/``: what is told to whom; posted, one more address."""
    project = officer_project(request.user, slug)
    form = HookForm(request.POST or None)
    refused: Refused | None = None
    if form.is_valid():
        try:
            webhooks.add(signed_in(request), project, form.cleaned_data["url"])
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("The system is connected. Give its administrator the secret."))
            return redirect("surveys:desk_webhooks", slug=slug)
    listed = Webhook.objects.filter(project=project)
    deliveries = Delivery.objects.filter(webhook__project=project).select_related("webhook")[:SHOWN]
    context = {"project": project, "form": form, "refused": refused, "hooks": listed, "deliveries": deliveries}
    return render(request, "surveys/desk_webhooks.html", context, status=422 if refused or form.errors else 200)


@require_POST
@require_role(Role.OFFICER)
def stop(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Tell this system nothing more."""
    project = officer_project(request.user, slug)
    hook = Webhook.objects.filter(project=project, pk=number).first()
    if hook is None:
        raise Http404
    webhooks.stop(signed_in(request), hook)
    messages.success(request, _("The system is told nothing more."))
    return redirect("surveys:desk_webhooks", slug=slug)
