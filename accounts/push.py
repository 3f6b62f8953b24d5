"""Web Push subscriptions: which ones a device may leave with us (RFC 8030, RFC 8291).

Pulse will send requests to their endpoints, so none may lead into somebody's network. What a name resolves to can
change, and is looked at again by whatever sends.
"""

import base64
import binascii
import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from pulse.lib.errors import BadInput

ENDPOINT_MAX_CHARACTERS = 2_000
# Names that mean something on a local network alone: RFC 6761, RFC 6762 and its appendix G, RFC 8375, ICANN's
# "internal", and what Linux and Kubernetes say of themselves.
_LOCAL_ENDINGS = (
    "localhost", "local", "internal", "home.arpa", "intranet", "private", "corp", "home", "lan", "localdomain", "svc",
    "test", "invalid", "onion",
)  # fmt: skip
# Of IPv6 only this is given out to the public. Beside it lie prefixes that carry an IPv4 address to a gateway.
_PUBLIC_IPV6 = ip_network("2000::/3")
# For protocols' own use (RFC 6890); Python counts a part of it as global.
_PROTOCOLS_IPV4 = ip_network("192.0.0.0/24")
_AUTH_BYTES = 16

Subscription = dict[str, Any]


def checked_subscription(*, endpoint: str, p256dh: str, auth: str) -> Subscription:
    """The subscription as it is stored and shown to a push library. Raises BadInput."""
    errors = {}
    if not _is_public_https(endpoint):
        errors["endpoint"] = ["The https address of a public push service, please."]
    if not _is_public_key(_decoded(p256dh)):
        errors["keys.p256dh"] = ["An uncompressed point of P-256 in base64url, please."]
    if len(_decoded(auth)) != _AUTH_BYTES:
        errors["keys.auth"] = [f"{_AUTH_BYTES} bytes in base64url, please."]
    if errors:
        raise BadInput(errors=errors)
    return {"endpoint": endpoint, "keys": {"p256dh": p256dh.rstrip("="), "auth": auth.rstrip("=")}}


def _is_public_https(endpoint: str) -> bool:
    # Printable ASCII alone, and none of what URL parsers disagree about.
    if len(endpoint) > ENDPOINT_MAX_CHARACTERS or not re.fullmatch(r"https://[!-~]+", endpoint) or "\\" in endpoint:
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or "#" in endpoint or port not in {None, 443}:
        return False
    return _is_public_host(parts.hostname or "")


def _is_public_host(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        # A name in full, whose last label is no number: "0x7f.1" and "2130706433" are addresses to some.
        label = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
        is_name = len(host) <= 253 and re.fullmatch(rf"({label}\.)+(?=[a-z-]){label}", host) is not None
        return is_name and not any(host == ending or host.endswith(f".{ending}") for ending in _LOCAL_ENDINGS)
    inside = address.sixtofour if isinstance(address, IPv6Address) else None
    return _is_public(address) and (inside is None or _is_public(inside))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast or address in _PROTOCOLS_IPV4:
        return False
    return address.version == 4 or address in _PUBLIC_IPV6


def _decoded(text: str) -> bytes:
    """What base64url text holds; nothing where it is none. Padding may be left out."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,200}={0,2}", text) is None:
        return b""
    stripped = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(stripped + "=" * (-len(stripped) % 4))
    except binascii.Error:
        return b""


def _is_public_key(key: bytes) -> bool:
    if len(key) != 65 or key[0] != 4:
        return False
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key)
    except ValueError:
        return False
    return True
