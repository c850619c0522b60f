from django.apps import AppConfig


class ArScenesConfig(AppConfig):
    name = "ar_scenes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ar_scenes import jobs, overlays, pictures, pins  # noqa: F401 (jobs and overlays connect on import)

        pins.register()
        pictures.register()
