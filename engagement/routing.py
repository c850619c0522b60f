from django.urls import path

from engagement.consumers import DeskConsumer, JobConsumer

websocket_urlpatterns = [
    path("ws/jobs/<uuid:job_id>/", JobConsumer.as_asgi()),
    path("ws/desk/", DeskConsumer.as_asgi()),
]
