from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SensorsConfig(AppConfig):
    name = "sensors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from engagement import desk, moderation, roles
        from sensors import checking, current, naming, registering, upkeep, watching  # noqa: F401 (the first two register on import)
        from sensors.sensorthings import checks, mirroring  # noqa: F401 (the first registers on import)

        moderation.register_kind(naming.SensorName())
        desk.register(desk.DeskEntry("sensors", _("My sensors"), "sensors:mine", registering.HOSTS, order=60))
        desk.register(
            desk.DeskEntry("campaigns", "Measuring campaigns", "sensors:campaigns", (roles.Role.OFFICER,), order=61)
        )
        upkeep.register()
        watching.connect()
        mirroring.connect()
