"""Secrets that Pulse itself must read again, and that a copy of the database alone must not give away."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Binds the derived key to this use: nothing else that is made of SECRET_KEY opens what is sealed here.
PURPOSE = b"pulse: secrets of authenticators"


def seal(secret: str) -> str:
    return _key().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str | None:
    """What was sealed under SECRET_KEY or one of SECRET_KEY_FALLBACKS; None where neither opens it."""
    try:
        return _key().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _key() -> MultiFernet:
    return MultiFernet([_derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@lru_cache(maxsize=8)
def _derived(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
