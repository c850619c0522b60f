from django.apps import AppConfig


class ArScenesConfig(AppConfig):
    name = "ar_scenes"
    default_auto_field = "django.db.models.BigAutoField"
