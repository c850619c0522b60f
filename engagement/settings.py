"""Settings of the site, driven by environment variables alone. Embedded default: one folder, one process, one worker."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csp.constants import NONCE
from django.core.exceptions import ImproperlyConfigured

from engagement import environment, keys

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.folder("LOGGIA_DATA_DIR", BASE_DIR / "data")
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = environment.flag("LOGGIA_DEBUG", default=False)
LOGGIA_DEMO = environment.flag("LOGGIA_DEMO", default=False)
LOGGIA_SITE_NAME = environment.text("LOGGIA_SITE_NAME", "Loggia")
LOGGIA_REQUIRE_MFA = environment.flag("LOGGIA_REQUIRE_MFA", default=not LOGGIA_DEMO)
LOGGIA_METRICS_TOKEN = environment.text("LOGGIA_METRICS_TOKEN")
SECRET_KEY = keys.secret_in(DATA_DIR, "django").hex()
ALLOWED_HOSTS = environment.words("LOGGIA_HOSTS", "localhost,127.0.0.1,[::1]")
LOGGIA_BASE_URL = environment.text("LOGGIA_BASE_URL", "http://localhost:8000")
LOGGIA_INSECURE_HTTP = environment.flag("LOGGIA_INSECURE_HTTP", default=LOGGIA_BASE_URL.startswith("http://localhost"))
# For the conformance tests on a scratch database; `check --deploy` refuses it.
LOGGIA_SENSORTHINGS_OPEN_WRITES = environment.flag("LOGGIA_SENSORTHINGS_OPEN_WRITES", default=False)
CSRF_FAILURE_VIEW = "engagement.views.errors.stale_form"
CSRF_TRUSTED_ORIGINS = [LOGGIA_BASE_URL, *environment.words("LOGGIA_ORIGINS")]
if not LOGGIA_INSECURE_HTTP and not LOGGIA_BASE_URL.startswith("https://"):
    raise ImproperlyConfigured(
        f"LOGGIA_BASE_URL is {LOGGIA_BASE_URL}: answers would travel unprotected. "
        "Write an https:// address, or set LOGGIA_INSECURE_HTTP=1 for a trial on this machine."
    )
if not LOGGIA_INSECURE_HTTP and DEBUG:
    raise ImproperlyConfigured("LOGGIA_DEBUG shows the inside of the site to everybody. Set LOGGIA_DEBUG=0.")
if not LOGGIA_INSECURE_HTTP and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("LOGGIA_HOSTS is *: links in letters could be forged. Name the hosts of this site.")

INSTALLED_APPS = [
    "engagement.apps.EngagementConfig",
    "engagement.contacts.apps.ContactsConfig",
    "privacy.apps.PrivacyConfig",
    "surveys.apps.SurveysConfig",
    "sensors.apps.SensorsConfig",
    "scenarios.apps.ScenariosConfig",
    "ar_scenes.apps.ArScenesConfig",
    "django.contrib.gis",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "django_tasks",
    "django_tasks_db",
    "csp",
]
MIDDLEWARE = [
    "engagement.middleware.AccessMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "engagement.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "engagement.middleware.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "engagement.middleware.PrivateByDefaultMiddleware",
    "engagement.middleware.ProblemMiddleware",
]
ROOT_URLCONF = "engagement.urls"
ASGI_APPLICATION = "engagement.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "engagement.site.context",
            ],
        },
    }
]

# A persistent connection serves all requests of a process (see asgi.py); opening one costs about 5 ms.
DATABASES = {
    "default": environment.database("DATABASE_URL", default_file=DATA_DIR / "loggia.sqlite3", max_age=None),
    # Addresses of people who want to hear something: no query, join or backup brings them together with answers.
    "contacts": environment.database(
        "CONTACTS_URL", default_file=DATA_DIR / "contacts.sqlite3", max_age=None, spatial=False
    ),
}
DATABASE_ROUTERS = ["engagement.contacts.router.ContactsRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = environment.text("REDIS_URL")
# Networks inside the city's own to which webhooks may post, such as 10.1.2.0/24.
LOGGIA_OUTBOUND_PRIVATE = environment.words("LOGGIA_OUTBOUND_PRIVATE")
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
DASK_SCHEDULER = environment.text("DASK_SCHEDULER")
# Processes that one planning run may use; 1 computes in the worker itself.
SCENARIO_PROCESSES = environment.number("SCENARIO_PROCESSES", 1)

AUTH_USER_MODEL = "engagement.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOGGIA_INSECURE_HTTP
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
# Letters are files in DATA_DIR/mail until a mail server is named: on a console they would stand in the log.
EMAIL_HOST = environment.text("LOGGIA_EMAIL_HOST")
EMAIL_PORT = environment.number("LOGGIA_EMAIL_PORT", 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = environment.text("LOGGIA_EMAIL_USER"), environment.text("LOGGIA_EMAIL_PASSWORD")
EMAIL_USE_TLS, EMAIL_TIMEOUT = environment.flag("LOGGIA_EMAIL_TLS", default=True), 10
EMAIL_BACKEND = environment.text(
    "LOGGIA_EMAIL_BACKEND", f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = environment.text("LOGGIA_FROM_EMAIL", "loggia@localhost")

# A city may keep things for a shorter time than privacy.retention says, never longer: "answers=90,jobs=7".
LOGGIA_KEEP_DAYS = environment.words("LOGGIA_KEEP_DAYS")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fi", "Suomi"), ("sv", "Svenska"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.text("LOGGIA_TIME_ZONE", "Europe/Helsinki")

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "build" / "static"] if (BASE_DIR / "build" / "static").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served from build/static directly: no collectstatic step between a build and a running site.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# allauth and the session need cookies only for people who sign in; residents get none but the language and a form token.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOGGIA_INSECURE_HTTP
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = not LOGGIA_INSECURE_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if LOGGIA_INSECURE_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOGGIA_INSECURE_HTTP
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("LOGGIA_BEHIND_PROXY", default=False) else None
)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "engagement.problems.exception_handler",
    "DEFAULT_THROTTLE_RATES": {"responses": "600/min", "pins": "60/min", "receipts": "60/min"},
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 100,
}
SPECTACULAR_SETTINGS = {"TITLE": "Loggia", "VERSION": "1", "OAS_VERSION": "3.1.0", "SERVE_INCLUDE_SCHEMA": False}

SILENCED_SYSTEM_CHECKS = [
    # Debian 12 ships GDAL 3.6.2, which Django 5.2 flags for a GeoJSON bug that no code of ours meets.
    "gis.W001",
    # HSTS, secure cookies and the https redirect follow LOGGIA_BASE_URL; settings refuse an http:// address above.
    *(["security.W004", "security.W008", "security.W012", "security.W016"] if LOGGIA_INSECURE_HTTP else []),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "engagement.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": environment.text("LOGGIA_LOG_LEVEL", "WARNING")},
    "loggers": {
        # Django logs paths of failed requests; ours carry no secrets, but a poster or device secret may stand in one.
        "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
        "loggia": {"level": "INFO"},
    },
}
os.environ.setdefault("OGR_SQLITE_SYNCHRONOUS", "FULL")
