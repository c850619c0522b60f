from django.urls import URLPattern

app_name = "ar_scenes"
urlpatterns: list[URLPattern] = []
