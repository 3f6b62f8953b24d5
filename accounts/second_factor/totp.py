"""Six digits that an app computes from a shared secret and the time (TOTP, RFC 6238)."""

import io
from hmac import compare_digest
from urllib.parse import urlsplit

import pyotp
import segno
from django.conf import settings

STEP_SECONDS = 30
DIGITS = 6
# One step early or late: clocks differ, and people type.
DRIFT_STEPS = 1


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends for SHA-1."""
    return pyotp.random_base32()


def setup_uri(secret: str, *, email: str) -> str:
    """What an authenticator app reads from a QR code."""
    issuer = f"Pulse ({urlsplit(settings.PUBLIC_URL).hostname})"
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def qr_svg(text: str) -> str:
    """``text`` as a QR code: an SVG document, dark on white whatever the theme, since cameras want it so."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, dark="#000", light="#fff", xmldecl=False)
    return out.getvalue().decode()


def matching_step(secret: str, code: str, *, at: float) -> int | None:
    """The time step whose code this is, around the time ``at`` (seconds since 1970); None for a wrong one."""
    now = int(at) // STEP_SECONDS
    totp = pyotp.TOTP(secret, digits=DIGITS)
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None
