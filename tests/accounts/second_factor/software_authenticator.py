"""A passkey provider in Python, for tests at the API: ES256, "none" attestation, as WebAuthn level 3 has them."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40

Json = dict[str, Any]


@dataclass
class Key:
    """One passkey: ``counts`` is what it states about how often it was used; some never count."""

    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    owner: str = ""
    counts: bool = True
    count: int = 0

    def create(self, options: Json, *, origin: str = ORIGIN, flags: int = PRESENT | VERIFIED, **said: Any) -> Json:
        """What ``navigator.credentials.create`` answers; ``said`` overrides what the client says it was asked."""
        self.owner = options["user"]["id"]
        numbers = self.private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = b"\0" * 16 + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        data = self._data(options["rp"]["id"], flags | ATTESTED) + attested
        response = {
            "clientDataJSON": _client_data("webauthn.create", options["challenge"], origin, said),
            "attestationObject": bytes_to_base64url(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "hybrid", "telepathy"],
        }
        return self._credential(response)

    def get(self, options: Json, *, origin: str = ORIGIN, flags: int = PRESENT | VERIFIED, **said: Any) -> Json:
        """What ``navigator.credentials.get`` answers."""
        self.count += self.counts
        client_data = _client_data("webauthn.get", options["challenge"], origin, said)
        data = self._data(options["rpId"], flags)
        signed = data + hashlib.sha256(base64url_to_bytes(client_data)).digest()
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(self.private.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": self.owner,
        }
        return self._credential(response)

    def _data(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _credential(self, response: Json) -> Json:
        id = bytes_to_base64url(self.id)
        return {"id": id, "rawId": id, "type": "public-key", "response": response}


def _client_data(type: str, challenge: str, origin: str, said: Json) -> str:
    data = {"type": type, "challenge": challenge, "origin": origin, "crossOrigin": False} | said
    return bytes_to_base64url(json.dumps(data).encode())
