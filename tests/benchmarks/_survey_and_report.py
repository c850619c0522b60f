"""django-survey-and-report with our ten questions, run by the Python of its own environment: ``FOLDER PORT``.

Its own settings, SQLite in a file, Django's stock handler under uvicorn; nothing but what its pages need.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

sys.path.insert(0, str(Path(__file__).parent))
from _ten_questions import QUESTIONS


def configure(folder: str) -> None:
    settings.configure(
        SECRET_KEY="bench", ALLOWED_HOSTS=["*"], ROOT_URLCONF="survey.urls", USE_TZ=True, STATIC_URL="/static/",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/peer.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
            "django.contrib.staticfiles", "bootstrapform", "survey",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )  # fmt: skip
    django.setup()


def fill() -> None:
    from survey.models import Question, Survey

    call_command("migrate", verbosity=0)
    asked = Survey.objects.create(name="Bench", description="Ten questions", need_logged_user=False)
    for order, (name, kind, options) in enumerate(QUESTIONS, start=1):
        Question.objects.create(
            survey=asked, text=name, order=order, required=True, type=kind, choices=",".join(options) or None
        )


def queries() -> int:
    """How many statements one response takes."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    answers = {f"question_{place}": given.split("|") for place, given in enumerate(sys.argv[3].split(";"), start=1)}
    with CaptureQueriesContext(connection) as captured:
        assert Client().post("/1/", answers).status_code == 302
    return len(captured)


if __name__ == "__main__":
    configure(sys.argv[1])
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    fill()
    print(queries(), flush=True)
    import uvicorn
    from django.core.asgi import get_asgi_application

    uvicorn.run(get_asgi_application(), port=int(sys.argv[2]), access_log=False, log_level="warning")
