from django.urls import path

from sensors.consumers import ValuesConsumer

websocket_urlpatterns = [path("ws/sensors/<slug:slug>/", ValuesConsumer.as_asgi())]
