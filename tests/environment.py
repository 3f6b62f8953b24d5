"""The suite's environment. pytest loads this before Django, whose settings come from the environment alone."""

import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
DATA_DIR = Path(tempfile.mkdtemp(prefix=f"pulse-{WORKER}-"))
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")

# What a developer's shell may hold and would change what is tested.
for name in list(os.environ):
    if name.startswith(("PULSE_", "AWS_")) and name not in {"PULSE_TALLY", "AWS_CA_BUNDLE"}:
        del os.environ[name]
for name in ("HOST", "PORT", "TRUSTED_PROXIES"):
    os.environ.pop(name, None)

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "pulse.settings",
    "PULSE_DATA_DIR": str(DATA_DIR),
    "PULSE_RATE_LIMITS": "off",
    "PULSE_REDIS_PREFIX": f"pulse-{WORKER}",
    "SECRET_KEY": "a-secret-key-for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "EMAIL_URL": "mailbox://",
}

# Workers share one Redis; each has a database of it, so that one may empty its cache.
if WORKER.startswith("gw") and "REDIS_URL" in os.environ:
    os.environ["REDIS_URL"] = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{int(WORKER[2:]) % 16}"))


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA_DIR, ignore_errors=True)
