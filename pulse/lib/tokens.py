"""Secrets that are handed out: 256 random bits, of which only the SHA-256 is ever stored."""

import hashlib
import secrets


def new_token() -> str:
    """A fresh secret of 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What stands in the database for ``token``. No salt and no stretching: 256 random bits can't be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
