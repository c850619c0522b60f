from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PeriodicDeed",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "counts",
                    models.JSONField(blank=True, default=dict, help_text="What was done → how often; never a content."),
                ),
            ],
        ),
    ]
