"""Who signed in, as our own type."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from engagement.models import User


def signed_in(request: HttpRequest) -> User:
    """The person behind a request that a role guard let through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
