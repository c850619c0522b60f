"""What the SensorThings doors refuse, each with a sentence that says what to do. English, as the standard's names are."""

from __future__ import annotations

from engagement.problems import Refused


class BadQuery(Refused):
    """A query that cannot be understood or would cost too much. ``at``: the position in the option's text, from 0."""

    status = 400
    code = "bad-query"
    title = "This query cannot be answered."

    def __init__(self, detail: str, *, at: int | None = None, **extra: object) -> None:
        super().__init__(detail, **({} if at is None else {"position": at}), **extra)


class BadBody(Refused):
    """``where`` of a write: the path inside the body, as ``Datastreams[0].Sensor.name``."""

    status = 400
    code = "bad-entity"
    title = "This cannot be stored."


class NotThere(Refused):
    status = 404
    code = "not-there"
    title = "There is nothing at this address."


class WrongMethod(Refused):
    """``allowed``: the methods that the address answers to."""

    status = 405
    code = "wrong-method"
    title = "This address does not answer to this method."

    def __init__(self, allowed: str) -> None:
        super().__init__(f"Here you can use {allowed}.", allow=allowed)
        self.allowed = allowed


class SignIn(Refused):
    status = 401
    code = "sign-in"
    title = "Writing needs the key of a box, or an account of a campaign's team."


class NotYours(Refused):
    status = 403
    code = "not-yours"
    title = "You may not change this."


class Occupied(Refused):
    """Another reading is stored for the same series and moment."""

    status = 409
    code = "occupied"
    title = "This series has another reading for the same moment. Change that one by PATCH, or send another time."
