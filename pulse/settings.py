"""Pulse's settings. They come from the environment alone; each NAME may also be given as NAME_FILE.

Without DATABASE_URL Pulse runs embedded: one process, SQLite, everything it keeps under PULSE_DATA_DIR.
With a PostgreSQL DATABASE_URL it runs in production and wants to be told who it is.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from pulse.lib import caches, databases, storages
from pulse.lib.environment import Environment, kept_secret
from pulse.lib.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

DATA_DIR = Path(env.str("PULSE_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATABASE_URL = env.str("DATABASE_URL", default="")
EMBEDDED = not DATABASE_URL or DATABASE_URL.startswith("sqlite")

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
if EMBEDDED:
    SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret_key")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", HOST])
    # "All addresses" is no address to link to.
    reached_at = "localhost" if HOST in {"0.0.0.0", "::"} else HOST  # noqa: S104  # compared, not listened on
    PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://{reached_at}:{PORT}")
    EMAIL_URL = env.str("EMAIL_URL", default="mailbox://")
else:
    SECRET_KEY = env.required("SECRET_KEY")
    ALLOWED_HOSTS = env.required("ALLOWED_HOSTS").split(",")
    PUBLIC_URL = env.required("PUBLIC_URL")
    EMAIL_URL = env.required("EMAIL_URL")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
PUBLIC_URL = PUBLIC_URL.rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
DEBUG = env.bool("PULSE_DEBUG", default=False)

INSTALLED_APPS = [
    "daphne",
    "pulse.apps.PulseConfig",
    "pulse.apps.PulseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "channels",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "pulse.realtime",
    "media",
    "accounts",
    "chat",
    "groups",
    "pulse.office",
]

MIDDLEWARE = [
    "pulse.health.health",
    "pulse.lib.middleware.believe_only_proxies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pulse.lib.middleware.keep_out_of_caches",
    "pulse.lib.middleware.require_length",
    "pulse.lib.bodies.bounded_body",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "pulse.lib.middleware.without_trailing_slash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.asked_language",
    "accounts.middleware.device_session",
    "accounts.middleware.reader_time_zone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pulse.lib.middleware.problems_for_api",
]

ROOT_URLCONF = "pulse.urls"
ASGI_APPLICATION = "pulse.asgi.application"
WSGI_APPLICATION = "pulse.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- Database ---

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": databases.embedded(DATABASE_URL, DATA_DIR)
    if EMBEDDED
    else databases.production(env.db_url_config(DATABASE_URL), connections=env.int("PULSE_DB_POOL", default=20))
}

# --- Live updates ---

REDIS_URL = env.str("REDIS_URL", default="")
REDIS_PREFIX = env.str("PULSE_REDIS_PREFIX", default="pulse")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL], "prefix": REDIS_PREFIX},
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CACHES = {"default": caches.shared(REDIS_URL, prefix=REDIS_PREFIX) if REDIS_URL else caches.own()}

# --- Accounts ---

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login"
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
RATE_LIMITS = env.str("PULSE_RATE_LIMITS", default="on") != "off"
# Who may register: everybody, whoever was invited, or nobody.
REGISTRATION = env.choice("PULSE_REGISTRATION", ["open", "invitation", "closed"], default="open")
# Whether staff need a second factor before they may open the admin.
STAFF_SECOND_FACTOR = (
    env.choice("PULSE_STAFF_SECOND_FACTOR", ["optional", "required"], default="optional") == "required"
)

# --- Mail and jobs ---

DEFAULT_FROM_EMAIL = env.str("PULSE_MAIL_FROM", default=f"Pulse <pulse@{urlsplit(PUBLIC_URL).hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The development mailbox: mail is shown on the terminal and kept for /dev/mail.
DEVELOPMENT_MAILBOX = EMAIL_URL == "mailbox://"
MAILBOX_DIR = DATA_DIR / "mail"
if DEVELOPMENT_MAILBOX:
    EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
else:
    vars().update(env.email_url_config(EMAIL_URL))
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# --- Storage ---

MEDIA_ROOT = DATA_DIR / "uploads"
STATIC_URL = "/static/"
STATIC_ROOT = env.str("PULSE_STATIC_ROOT", default="") or None
# Files are served from where they lie until collectstatic has gathered and hashed them.
GATHERED = "collectstatic" in sys.argv or (STATIC_ROOT is not None and Path(STATIC_ROOT, "staticfiles.json").exists())
WHITENOISE_USE_FINDERS = not GATHERED
WHITENOISE_ALLOW_ALL_ORIGINS = False
bucket = storages.bucket(env)
STORAGES = {
    "default": bucket.storage() if bucket else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "pulse.lib.static.GatheredStorage"
        if GATHERED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- API ---

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "accounts.authentication.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["pulse.lib.rest.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["pulse.lib.rest.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "pulse.lib.rest.AlwaysJSON",
    "EXCEPTION_HANDLER": "pulse.lib.problems.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
# Who takes more than that, and how much: (method, beginning of the path, bytes). A form's parts need some room besides.
AVATAR_BYTES = (8 * 1024 + 64) * 1024
UPLOADS = [("PUT", "/api/v1/me/avatar", AVATAR_BYTES), ("POST", "/settings/profile/avatar", AVATAR_BYTES)]

# --- Language and time ---

LANGUAGE_CODE = "en"
# Each by its own name.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("ja", "日本語"),
    ("ar", "العربية"),
]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Security ---

CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Two installations on one machine differ by port only, and cookies know no ports.
cookie_suffix = "" if urlsplit(PUBLIC_URL).port in {None, 8000} else f"_{urlsplit(PUBLIC_URL).port}"
SESSION_COOKIE_NAME = f"pulse_session{cookie_suffix}"
CSRF_COOKIE_NAME = f"pulse_csrf{cookie_suffix}"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 90
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "accounts.pages.signing_in.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *([bucket.origin] if bucket else [])],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

LOGGING_CONFIG = None
logging_config(json_lines=not EMBEDDED, level=env.str("PULSE_LOG_LEVEL", default="INFO"))
