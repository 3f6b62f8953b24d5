"""People, their devices, their secrets and whom they block."""

from accounts.models.devices import DeviceSession, SocketTicket, TrustedDevice
from accounts.models.people import HUES, Block, User, UserQuerySet, hue_of, initials_of, normalize_email
from accounts.models.proofs import Invitation, TakenRegistration, VerificationToken
from accounts.models.second_factors import Authenticator, Passkey, PasskeyChallenge, RecoveryCode

__all__ = [
    "HUES",
    "Authenticator",
    "Block",
    "DeviceSession",
    "Invitation",
    "Passkey",
    "PasskeyChallenge",
    "RecoveryCode",
    "SocketTicket",
    "TakenRegistration",
    "TrustedDevice",
    "User",
    "UserQuerySet",
    "VerificationToken",
    "hue_of",
    "initials_of",
    "normalize_email",
]
