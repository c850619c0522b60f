"""How requests reach the rooms: device pushes first, then Django, sockets behind an Origin check."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engagement.settings")

import django
from django.core.handlers.asgi import ASGIHandler

django.setup(set_prefix=False)

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings

import ar_scenes.routing
import engagement.routing
import sensors.ingesting
import sensors.routing
import surveys.routing
from engagement.guards import BodyGuard, Message, Receive, Scope, Send


class PersistentHandler(ASGIHandler):
    """Django's handler on one long-lived thread, so that its database connection lives as long as the process.

    Stock Django gives every request a thread-sensitive context of its own, hence a new connection each time (about
    5 ms). The price: requests of one process are answered one after the other, so slow work must be a job.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError(f"Django handles http, not {scope['type']}")
        await self.handle(scope, receive, send)


class Site:
    """Device pushes go to their bare application; everything else to Django."""

    def __init__(self) -> None:
        self.django = PersistentHandler()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if sensors.ingesting.handles(scope["path"]):
            await sensors.ingesting.app(scope, receive, send)
        else:
            await self.django(scope, receive, send)


class Lifespan:
    """Nothing to prepare: the hub starts with its first client. Closes persistent connections at the end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message: Message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


def allowed_origins() -> list[str]:
    """The site's own address and those named in the environment; in a trial on this machine every name of it."""
    named: list[str] = [*settings.CSRF_TRUSTED_ORIGINS]
    if not settings.LOGGIA_INSECURE_HTTP:
        return named
    port = urlsplit(settings.LOGGIA_BASE_URL).port or 80
    return [*named, *(f"http://{host}:{port}" for host in settings.ALLOWED_HOSTS)]


sockets = [*engagement.routing.websocket_urlpatterns, *surveys.routing.websocket_urlpatterns]
sockets += ar_scenes.routing.websocket_urlpatterns
sockets += sensors.routing.websocket_urlpatterns
application: Any = BodyGuard(
    ProtocolTypeRouter(
        {
            "http": Site(),
            "websocket": OriginValidator(AuthMiddlewareStack(URLRouter(sockets)), allowed_origins()),
            "lifespan": Lifespan(),
        }
    )
)
