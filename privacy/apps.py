from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from privacy import dpo, firewall, guards, policy, registering

        firewall.connect_signals(self)
        guards.connect_signals(self)
        policy.connect_signals()
        registering.register()
        dpo.register()
