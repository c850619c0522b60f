from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SurveysConfig(AppConfig):
    name = "surveys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from surveys import burying, registering

        registering.register()
        post_migrate.connect(burying.make_triggers, sender=self, dispatch_uid="surveys.withdrawn_responses_stay_gone")
