from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EngagementConfig(AppConfig):
    name = "engagement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from engagement import announcing, storage

        post_migrate.connect(storage.switch_to_wal, dispatch_uid="engagement.switch_to_wal")
        announcing.connect()
