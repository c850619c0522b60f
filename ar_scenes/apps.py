from django.apps import AppConfig


class ArScenesConfig(AppConfig):
    name = "ar_scenes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ar_scenes import pictures, pins

        pins.register()
        pictures.register()
