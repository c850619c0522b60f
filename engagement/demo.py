"""The sign-ins of the demonstration. They exist only where ``load_demo`` made them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from engagement.models import User

DOMAIN: Final = "demo.example"
PASSWORD: Final = "loggia-demo"  # noqa: S105 (printed on the sign-in page of every demonstration)


def accounts() -> list[User]:
    """The demo accounts, to be offered on the sign-in page; none on a real site."""
    from engagement.models import User  # here, because bin/demo reads the password before Django is set up

    if not settings.LOGGIA_DEMO:
        return []
    return list(User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True).order_by("pk"))
