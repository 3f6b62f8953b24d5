"""Who somebody is, by address and password, a second factor or a passkey; and the device session that this opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from accounts.actions.devices import end_session, start_browser_session, start_session
from accounts.actions.notices import send_notice
from accounts.actions.passkeys import check_passkey
from accounts.actions.second_step import check_code, note_second_factor, wants_second_factor
from accounts.actions.trust import Device, is_trusted, known_device, remember_device
from accounts.errors import AccountSuspended, EmailNotVerified, SecondFactorRequired, WrongCredentials
from accounts.limits import count_sign_in, forgive_sign_in
from accounts.models import DeviceSession, TakenRegistration, User, normalize_email
from accounts.rules import PASSWORD_MAX_CHARACTERS, checked_device_id
from pulse.lib.text import checked_name, text_problem

NOWHERE = Device()


@dataclass(frozen=True, slots=True)
class Opened:
    """What a program is given that signed in. Both secrets are stored nowhere.

    ``trust_token`` is for the next time, in place of a second factor; empty unless it was asked for.
    """

    session: DeviceSession
    token: str
    trust_token: str = ""


def check_credentials(*, email: str, password: str, address: str, device: Device = NOWHERE) -> User:
    """The person with this address and password. API, pages and admin all ask here; a second factor they ask for next.

    Raises WrongCredentials, EmailNotVerified, AccountSuspended and TooMany.
    """
    strange = text_problem(normalize_email(email)) is not None
    # Longer than any password may be, and so wrong: what is hashed is bounded, and as long as can be.
    password = password[: PASSWORD_MAX_CHARACTERS + 1]
    known = "" if strange else known_device(email=email, device=device)
    count_sign_in(email=email, address=address, device=known)
    user: User | None = None if strange else User.objects.filter(email=normalize_email(email)).first()
    is_right = False
    if user is not None and user.is_active:
        is_right = user.check_password(password)
    else:
        _work(password)
    if user is not None and is_right and user.verified:
        forgive_sign_in(email=email, address=address, device=known)
        if user.is_suspended:
            raise AccountSuspended
        return user
    # From here on nobody gets in, and everybody waits for a second hash: else the clock would tell which addresses
    # have an account.
    taken = None if strange else TakenRegistration.objects.filter(email=normalize_email(email)).first()
    if taken is None or is_right:
        _work(password)
    else:
        is_right = check_password(password, taken.password)
    if not is_right:
        raise WrongCredentials
    forgive_sign_in(email=email, address=address, device=known)
    raise EmailNotVerified


def _work(password: str) -> None:
    """As much as looking whether a password is right."""
    make_password(password)


def needs_second_step(*, user: User, trust_token: str) -> bool:
    """Whether ``user``, who has shown the password on this device, must show something else as well."""
    return wants_second_factor(user=user) and not is_trusted(user=user, trust_token=trust_token)


def sign_in(
    *,
    email: str,
    password: str,
    device_id: str,
    platform: str,
    name: str = "",
    code: str = "",
    trust_token: str = "",
    remember: bool = False,
    address: str,
) -> Opened:
    """Sign a program's device in. Signing in again with a device's id replaces its session.

    Raises what :func:`check_credentials` and :func:`check_code` raise, SecondFactorRequired, and BadInput.
    """
    # Before a code is used up: a recovery code is good once.
    checked_device_id(device_id)
    if name.strip():
        checked_name(name)
    device = Device(device_id=device_id, trust_token=trust_token)
    user = check_credentials(email=email, password=password, address=address, device=device)
    shown = bool(code) and wants_second_factor(user=user)
    if shown:
        check_code(user=user, code=code, address=address)
    elif needs_second_step(user=user, trust_token=trust_token):
        raise SecondFactorRequired
    with transaction.atomic():
        is_new = _is_new_device(user, device_id)
        session, token = start_session(user=user, device_id=device_id, platform=platform, name=name, address=address)
        _note_opening(session, is_new=is_new, second_factor=shown)
        trust = remember_device(user=user, name=_name_of(session)) if shown and remember else ""
    return Opened(session, token, trust)


def sign_in_with_passkey(
    *, credential: dict[str, Any], device_id: str, platform: str, name: str = "", address: str
) -> Opened:
    """Sign a program's device in by a passkey alone: it is had, and opens only to its owner, so it is two factors.

    Raises what :func:`check_passkey` raises, and BadInput.
    """
    user = check_passkey(credential=credential, address=address)
    with transaction.atomic():
        is_new = _is_new_device(user, device_id)
        session, token = start_session(user=user, device_id=device_id, platform=platform, name=name, address=address)
        _note_opening(session, is_new=is_new, second_factor=True)
    return Opened(session, token)


def open_browser_session(
    *, user: User, device: Device, name: str, address: str, key: str, first_time: bool, second_factor: bool
) -> DeviceSession:
    """The session of a browser, once ``user`` has shown who they are.

    ``first_time`` says that the account never signed in anywhere before.
    """
    with transaction.atomic():
        known = known_device(email=user.email, device=device)
        is_new = not known and not first_time
        session = start_browser_session(user=user, device_id=device.device_id, name=name, address=address, key=key)
        _note_opening(session, is_new=is_new, second_factor=second_factor)
    return session


def never_signed_in(*, user: User) -> bool:
    return user.last_login is None and not user.device_sessions.exists()


def _is_new_device(user: User, device_id: str) -> bool:
    """Whether this isn't one of the account's devices; of its first one ever there is nobody to tell."""
    ids = set(user.device_sessions.values_list("device_id", flat=True))
    return device_id not in ids and (bool(ids) or user.last_login is not None)


def _note_opening(session: DeviceSession, *, is_new: bool, second_factor: bool) -> None:
    User.objects.filter(pk=session.user_id).update(last_login=timezone.now())
    if second_factor:
        note_second_factor(session=session)
    if is_new:
        send_notice(user=session.user, notice="new_device", device=_name_of(session))


def _name_of(session: DeviceSession) -> str:
    return session.name or session.get_platform_display()


def sign_out(*, session: DeviceSession) -> None:
    end_session(session=session, reason="signed_out")
