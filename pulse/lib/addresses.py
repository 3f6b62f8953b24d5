"""Where a request comes from, believing nobody but the proxies that the operator named."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address

# Any of these says that a proxy stands between, and its clients may be anywhere.
_FORWARDING = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)
# In META, where no header can be called that.
_WAS_FORWARDED = "pulse.was_forwarded"


def client_address(request: HttpRequest) -> str:
    """The address of whoever sent ``request``; empty where there is none (a Unix socket)."""
    meta = request.META
    return address_behind_proxies(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""))


def address_behind_proxies(peer: str, forwarded_for: str) -> str:
    """``peer``, or where that is a trusted proxy, the last address in ``forwarded_for`` that isn't one.

    Only the right end of X-Forwarded-For was written by a proxy of ours; what stands left of it is the client's word.
    """
    believed = parsed(peer)
    hops = [parsed(hop) for hop in forwarded_for.split(",")] if forwarded_for else []
    while believed is not None and hops and is_trusted_proxy(believed):
        hop = hops.pop()
        if hop is None:
            break
        believed = hop
    return "" if believed is None else str(believed)


def parsed(text: str) -> Address | None:
    """An address as proxies write it: with or without brackets, port and zone. IPv4 in IPv6 is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_trusted_proxy(address: Address) -> bool:
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@lru_cache(maxsize=8)
def _networks(names: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(name.strip(), strict=False) for name in names)


def disbelieve_strangers(request: HttpRequest) -> None:
    """Forget which scheme and host were forwarded, unless a trusted proxy says so."""
    peer = parsed(request.META.get("REMOTE_ADDR", ""))
    if peer is None or not is_trusted_proxy(peer):
        request.META[_WAS_FORWARDED] = was_forwarded(request)
        for header in ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"):
            request.META.pop(header, None)


def was_forwarded(request: HttpRequest) -> bool:
    """Whether a proxy stands between, trusted or not."""
    return bool(request.META.get(_WAS_FORWARDED)) or any(header in request.META for header in _FORWARDING)


def is_loopback(text: str) -> bool:
    address = parsed(text)
    return address is not None and address.is_loopback


def neighbourhood(address: str) -> str:
    """What is counted as one sender: an IPv4 address, or the /64 that one IPv6 subscriber has to himself."""
    found = parsed(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, 64), strict=False))
    return address
