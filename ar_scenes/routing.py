from django.urls import path

from ar_scenes.consumers import SceneConsumer

websocket_urlpatterns = [path("ws/scenes/<slug:slug>/", SceneConsumer.as_asgi())]
