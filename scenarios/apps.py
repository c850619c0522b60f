from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "scenarios"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from scenarios import registering, running  # noqa: F401 (running declares the job)

        registering.register()
