from django.apps import AppConfig


class SensorsConfig(AppConfig):
    name = "sensors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from engagement import moderation
        from sensors import checking, current, naming, watching  # noqa: F401 (the first two register on import)

        moderation.register_kind(naming.SensorName())
        watching.connect()
