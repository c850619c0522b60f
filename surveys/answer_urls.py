"""The officer's pages about what came in."""

from django.urls import path

from surveys import desk_results, desk_webhooks

urlpatterns = [
    path("desk/surveys/<slug:slug>/results/", desk_results.shown, name="desk_results"),
    path("desk/projects/<slug:slug>/webhooks/", desk_webhooks.hooks, name="desk_webhooks"),
    path("desk/projects/<slug:slug>/webhooks/<int:number>/stop/", desk_webhooks.stop, name="desk_webhook_stop"),
]
