from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "engagement.contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from engagement import periodic
        from engagement.contacts import hearing

        periodic.register("contacts", hearing.EVERY, hearing.post_due, wanted=hearing.something_is_due)
