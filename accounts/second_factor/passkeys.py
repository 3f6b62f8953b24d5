"""Passkeys (WebAuthn level 3): what a browser is asked, and whether what it answers is true."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.models import Passkey, User
from pulse.lib.addresses import parsed
from pulse.lib.errors import Conflict

T = TypeVar("T")
Json = dict[str, Any]

TIMEOUT_MILLISECONDS = 5 * 60 * 1000
CREDENTIAL_ID_MAX_CHARACTERS = 1400
_TRANSPORTS = {transport.value for transport in AuthenticatorTransport}


class NoPasskeysHere(Conflict):
    code = "passkeys_unavailable"
    title = "No passkeys here"
    default_detail = "Passkeys need Pulse to be reached by a name over HTTPS. Whoever runs it can set that up."


@dataclass(frozen=True, slots=True)
class Site:
    """What passkeys belong to: ``id`` is a host's name, ``origin`` the only one they may be shown to."""

    id: str
    origin: str


def site() -> Site | None:
    """The site by PUBLIC_URL; None where browsers have no passkeys: behind a bare address, or without HTTPS.

    An address can't own passkeys. On the machine itself there is a name for it, localhost, which needs no HTTPS either.
    """
    url = urlsplit(settings.PUBLIC_URL)
    host, address = url.hostname or "", parsed(url.hostname or "")
    if address is not None and address.is_loopback:
        host = "localhost"
    elif address is not None:
        return None
    if url.scheme != "https" and host != "localhost":
        return None
    port = "" if url.port in {None, 443 if url.scheme == "https" else 80} else f":{url.port}"
    return Site(host, f"{url.scheme}://{host}{port}")


def required_site() -> Site:
    """Raises NoPasskeysHere."""
    found = site()
    if found is None:
        raise NoPasskeysHere
    return found


def creation_options(user: User, challenge: bytes, existing: Iterable[Passkey]) -> Json:
    """For ``navigator.credentials.create``: a passkey that is found without a name and asks for its owner."""
    options = webauthn.generate_registration_options(
        rp_id=required_site().id,
        rp_name="Pulse",
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_descriptor(passkey) for passkey in existing],
    )
    return _as_json(options)


def request_options(challenge: bytes, allowed: Iterable[Passkey] = ()) -> Json:
    """For ``navigator.credentials.get``: one of ``allowed``, or whichever its owner picks."""
    options = webauthn.generate_authentication_options(
        rp_id=required_site().id,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        allow_credentials=[_descriptor(passkey) for passkey in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in passkey.transports if name in _TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id), transports=transports or None)


def _as_json(options: Any) -> Json:
    shown: Json = json.loads(webauthn.options_to_json(options))
    return shown


def challenge_of(credential: Json) -> str | None:
    """The challenge, in base64url, that ``credential`` says it answers; None where it can't be read."""
    data = _or_none(lambda: parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])))
    return None if data is None else bytes_to_base64url(data.challenge)


def id_of(credential: Json) -> str | None:
    """The credential's id as it is stored; None where it can't be one."""
    raw = credential.get("rawId")
    found = _or_none(lambda: bytes_to_base64url(base64url_to_bytes(raw))) if isinstance(raw, str) else None
    return found if found and len(found) <= CREDENTIAL_ID_MAX_CHARACTERS else None


def owner_of(credential: Json) -> bytes | None:
    """The handle under which a discoverable passkey keeps its owner: a user's id."""
    response = credential.get("response")
    handle = response.get("userHandle") if isinstance(response, dict) else None
    return _or_none(lambda: base64url_to_bytes(handle)) if isinstance(handle, str) else None


def verified_registration(credential: Json, challenge: str) -> Passkey | None:
    """The passkey, unsaved and nobody's yet, whose owner was there when ``credential`` was made; None for a bad one."""
    here = required_site()
    proved = _or_none(
        lambda: webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=here.id,
            expected_origin=here.origin,
            require_user_verification=True,
        )
    )
    if proved is None:
        return None
    credential_id = bytes_to_base64url(proved.credential_id)
    if len(credential_id) > CREDENTIAL_ID_MAX_CHARACTERS:
        return None
    return Passkey(
        credential_id=credential_id,
        public_key=bytes_to_base64url(proved.credential_public_key),
        sign_count=proved.sign_count,
        backed_up=proved.credential_backed_up,
        transports=_transports(credential),
    )


def _transports(credential: Json) -> list[str]:
    said = credential["response"].get("transports")
    return sorted({name for name in said if isinstance(name, str)} & _TRANSPORTS) if isinstance(said, list) else []


def verified_use(credential: Json, challenge: str, passkey: Passkey) -> tuple[int, bool] | None:
    """The new sign count, and whether the passkey is backed up; None unless ``passkey``'s owner is there and signed."""
    here = required_site()
    proved = _or_none(
        lambda: webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=here.id,
            expected_origin=here.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            # A count that does not rise means a copy; that passkeys which count nothing say 0, the library knows.
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    )
    return None if proved is None else (proved.new_sign_count, proved.credential_backed_up)


def _or_none(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Exception:  # noqa: BLE001  # a stranger's bytes, in four formats, each parser with errors of its own
        return None
