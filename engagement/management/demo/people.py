"""The demo's cast: people with a role and a printed password. They exist only where ``load_demo`` made them."""

from __future__ import annotations

from engagement.demo import DOMAIN, PASSWORD
from engagement.models import Membership, User

Role = Membership.Role
CAST = {
    "officer": ("Oona Officer", Role.OFFICER),
    "officer2": ("Olli Officer", Role.OFFICER),
    "planner": ("Pia Planner", Role.PLANNER),
    "volunteer": ("Ville Volunteer", Role.VOLUNTEER),
}


def load() -> dict[str, User]:
    """Make the cast, or find it; returns people by short name."""
    return {short: _person(short, name, role) for short, (name, role) in CAST.items()}


def _person(short: str, name: str, role: str) -> User:
    email = f"{short}@{DOMAIN}"
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, PASSWORD, name=name)
    Membership.objects.get_or_create(user=user, project=None, role=role)
    return user
