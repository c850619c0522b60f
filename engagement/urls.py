"""Every public path: each room brings its own, whole."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

api = [
    path("", include("engagement.api")),
    path("", include("surveys.api")),
    path("", include("sensors.api")),
    path("", include("privacy.api")),
    path("", include("scenarios.api")),
    path("", include("ar_scenes.api")),
]
urlpatterns = [
    path("", include("engagement.views.urls")),
    path("", include("surveys.urls")),
    path("", include("sensors.urls")),
    path("", include("privacy.urls")),
    path("desk/data-protection/", include("privacy.dpo_urls")),
    path("", include("scenarios.urls")),
    path("", include("ar_scenes.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
]
handler400 = "engagement.views.errors.bad_request"
handler403 = "engagement.views.errors.denied"
handler404 = "engagement.views.errors.absent"
handler500 = "engagement.views.errors.failed"
