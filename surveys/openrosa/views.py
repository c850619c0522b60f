"""``/odk/<token>/``: the OpenRosa door (https://docs.getodk.org/openrosa/). Everything ends in ``responding.accept``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from engagement.languages import pick
from engagement.problems import Refused
from surveys.models import Opening, Survey
from surveys.openrosa import submissions, xform
from surveys.refusals import NotAResponse
from surveys.responding import open_opening

XML = "text/xml; charset=utf-8"
LARGEST_BYTES = 12 * 1024 * 1024  # as engagement.guards allows under /odk/
DOCUMENT = "xml_submission_file"
INCOMPLETE = "*isIncomplete*"

View = Callable[..., HttpResponse]


def openrosa(view: View) -> View:
    """Find the survey by the token; answer refusals as OpenRosa messages; the headers that clients look for."""

    @wraps(view)
    def answered(request: HttpRequest, token: str, **path: str) -> HttpResponse:
        try:
            response = view(request, submissions.survey_of(token), token=token, **path)
        except Refused as refused:
            told = f"{refused.title} {refused.detail}".strip() if refused.detail else str(refused.title)
            response = message(told, refused.status, nature="submit_error")
        response["X-OpenRosa-Version"] = "1.0"
        response["X-OpenRosa-Accept-Content-Length"] = str(LARGEST_BYTES)
        response["Date"] = http_date()
        return response

    return answered


def message(text: str, status: int, nature: str = "submit_success") -> HttpResponse:
    page = render_to_string("surveys/openrosa/message.xml", {"text": text, "nature": nature})
    return HttpResponse(page, status=status, content_type=XML)


@require_safe
@openrosa
def form_list(request: HttpRequest, survey: Survey, token: str) -> HttpResponse:
    """The one form of this address while its round is open; an empty list otherwise."""
    forms = []
    wanted = request.GET.get("formID")
    try:
        opening = open_opening(survey)
    except Refused:
        opening = None
    if opening and wanted in (None, "", survey.slug):
        forms.append(_listed(request, survey, opening, token))
    return _xml("formList.xml", {"forms": forms})


def _listed(request: HttpRequest, survey: Survey, opening: Opening, token: str) -> dict[str, Any]:
    form = opening.version.content
    return {
        "form_id": survey.slug,
        "name": pick(form.title) or survey.slug,
        "version": xform.version_of(form.hash),
        "hash": xform.md5(xform.xform(form, survey.slug)),
        "download_url": request.build_absolute_uri(reverse("surveys:odk_form", args=[token])),
        "manifest_url": request.build_absolute_uri(reverse("surveys:odk_manifest", args=[token]))
        if xform.media(form)
        else "",
    }


@require_safe
@openrosa
def form_xml(request: HttpRequest, survey: Survey, token: str) -> HttpResponse:
    """The XForm of the open version."""
    content = xform.xform(open_opening(survey).version.content, survey.slug)
    return HttpResponse(content, content_type=XML)


@require_safe
@openrosa
def manifest(request: HttpRequest, survey: Survey, token: str) -> HttpResponse:
    """The pictures that the form names, each with its checksum."""
    files = [
        {
            "name": name,
            "hash": xform.md5(content),
            "url": request.build_absolute_uri(reverse("surveys:odk_media", args=[token, name])),
        }
        for name, content in xform.media(open_opening(survey).version.content).items()
    ]
    return _xml("manifest.xml", {"files": files})


@require_safe
@openrosa
def media(request: HttpRequest, survey: Survey, token: str, name: str) -> HttpResponse:
    content = xform.media(open_opening(survey).version.content).get(name)
    if content is None:
        raise Http404
    return HttpResponse(content, content_type="image/svg+xml")


@csrf_exempt  # apps have no cookies; the token in the address is the permission
@require_http_methods(["HEAD", "POST"])
@openrosa
def submission(request: HttpRequest, survey: Survey, token: str) -> HttpResponse:
    """HEAD: 204 and where to post. POST: 201 stored, 202 known already or waiting for files, 409, 410, 422."""
    if request.method == "HEAD":
        response = HttpResponse(status=204)
        response["Location"] = request.build_absolute_uri()
        return response
    sent = {name: file.read() for name, file in request.FILES.dict().items() if isinstance(file, UploadedFile)}
    document = sent.pop(DOCUMENT, None)
    if document is None:
        raise NotAResponse(_("The post has no file called xml_submission_file."))
    language = (get_language() or "en").split("-")[0]
    taken = submissions.submit(
        survey, document, sent, language=language, more_to_come=request.POST.get(INCOMPLETE) == "yes"
    )
    if taken.missing:
        return message(_("This part was received. The answer is counted when its files are here."), 202)
    told = _("Thank you. Your receipt code is %(code)s. Only this code can delete the answer.") % {"code": taken.code}
    return message(told, 201 if taken.created else 202)


def _xml(name: str, context: dict[str, Any]) -> HttpResponse:
    return HttpResponse(render_to_string(f"surveys/openrosa/{name}", context), content_type=XML)
