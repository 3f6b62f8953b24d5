"""Device sessions: one for each signed-in program or browser, and the tickets that let them open sockets."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.errors import WrongCredentials
from accounts.limits import TICKETS
from accounts.models import DeviceSession, SocketTicket, User
from accounts.push import checked_subscription
from accounts.rules import checked_device_id
from pulse.lib.errors import NotThere
from pulse.lib.text import checked_name
from pulse.lib.tokens import new_token, token_hash
from pulse.realtime.events import session_ended
from pulse.realtime.outbox import publish_on_commit

TICKET_LIFETIME = timedelta(seconds=30)
TOUCH_EVERY = timedelta(minutes=1)
# A storm of sockets that come back must not become a storm of writes.
NOTE_CONNECTIONS_EVERY = timedelta(days=1)
MOST_SESSIONS = 50


def start_session(*, user: User, device_id: str, platform: str, name: str, address: str) -> tuple[DeviceSession, str]:
    """Open a program's session; its bearer token is handed out here and never again. Raises BadInput."""
    device_id = checked_device_id(device_id)
    name = checked_name(name) if name.strip() else ""
    token = new_token()
    known = platform if platform in DeviceSession.Platform.values else DeviceSession.Platform.OTHER
    return _start(user, device_id, known, name, address, hashed=token_hash(token)), token


def start_browser_session(*, user: User, device_id: str, name: str, address: str, key: str) -> DeviceSession:
    """Open a browser's session, which the Django session ``key`` stands for. The same key, the same session."""
    return _start(user, device_id, DeviceSession.Platform.WEB, name, address, hashed=cookie_hash(key))


def cookie_hash(key: str) -> str:
    """The ``token`` of a browser's device session. No bearer token has a colon, so neither passes for the other."""
    return token_hash(f"cookie:{key}")


@transaction.atomic
def _start(user: User, device_id: str, platform: str, name: str, address: str, *, hashed: str) -> DeviceSession:
    # The person's row is the lock, so that a device signing in twice at once ends up with one session.
    # With the password that ``user`` was read with: one that was changed since opens nothing any more.
    if not User.objects.select_for_update().filter(pk=user.pk, is_active=True, password=user.password).exists():
        raise WrongCredentials
    before = DeviceSession.objects.filter(user=user, device_id=device_id).first()
    if before is not None and before.token == hashed:
        return before
    if before is not None:
        # A new session, not a new token for the old one: what the old token opened, sockets too, ends with it.
        end_session(session=before, reason="signed_in_again")
    _make_room(user)
    return DeviceSession.objects.create(
        user=user,
        device_id=device_id,
        platform=platform,
        # A browser has no name of its own: one that its person gave it stays.
        name=before.name if before and platform == DeviceSession.Platform.WEB else name,
        token=hashed,
        last_address=address or None,
        push=before.push if before else None,
    )


def _make_room(user: User) -> None:
    """Room for one more session: those that were away the longest end. A list of more nobody could look through."""
    for session in user.device_sessions.order_by("-last_active", "-id")[MOST_SESSIONS - 1 :]:
        end_session(session=session, reason="too_many_sessions")


def end_session(*, session: DeviceSession, reason: str = "ended") -> None:
    """End one session: its token is refused from now on and its sockets close."""
    with transaction.atomic():
        ended, _ = DeviceSession.objects.filter(pk=session.pk).delete()
        if ended:
            publish_on_commit(session_ended(session.user_id, session_id=session.pk, reason=reason))


def end_other_sessions(*, session: DeviceSession, reason: str = "ended") -> None:
    """End all the person's sessions but this one."""
    with transaction.atomic():
        DeviceSession.objects.filter(user=session.user_id).exclude(pk=session.pk).delete()
        publish_on_commit(session_ended(session.user_id, session_id=None, spare=session.pk, reason=reason))


def end_all_sessions(*, user: User, reason: str) -> None:
    """End every session of ``user``'s: all tokens are refused from now on and all sockets close."""
    with transaction.atomic():
        DeviceSession.objects.filter(user=user).delete()
        publish_on_commit(session_ended(user.pk, session_id=None, reason=reason))


def rename_session(*, session: DeviceSession, name: str) -> DeviceSession:
    """Call a device what its person calls it. Raises BadInput, and NotThere where the session has just ended."""
    session.name = checked_name(name)
    if not DeviceSession.objects.filter(pk=session.pk).update(name=session.name):
        raise NotThere
    return session


def subscribe_session(*, session: DeviceSession, endpoint: str, p256dh: str, auth: str) -> None:
    """Keep a device's Web Push subscription in place of the one before. Raises BadInput and NotThere."""
    push = checked_subscription(endpoint=endpoint, p256dh=p256dh, auth=auth)
    if not DeviceSession.objects.filter(pk=session.pk).update(push=push):
        raise NotThere


def unsubscribe_session(*, session: DeviceSession) -> None:
    DeviceSession.objects.filter(pk=session.pk).update(push=None)


def touch_session(*, session: DeviceSession, address: str) -> None:
    """Note that the device was just here; written at most once a minute."""
    now = timezone.now()
    if session.last_active > now - TOUCH_EVERY:
        return
    # Of many requests at once the first one writes.
    stale = DeviceSession.objects.filter(pk=session.pk, last_active__lte=now - TOUCH_EVERY)
    if stale.update(last_active=now, last_address=address or None):
        session.last_active = now


def note_connection(*, session: DeviceSession) -> None:
    """Note that the device just opened a socket: one that does nothing else isn't silent. Written once a day."""
    now = timezone.now()
    if session.last_active <= now - NOTE_CONNECTIONS_EVERY:
        DeviceSession.objects.filter(pk=session.pk, last_active=session.last_active).update(last_active=now)


def make_socket_ticket(*, session: DeviceSession) -> tuple[str, datetime]:
    """A secret that opens one socket for ``session``, and when it expires. Raises TooMany."""
    TICKETS.count(str(session.pk))
    ticket, now = new_token(), timezone.now()
    with transaction.atomic():
        SocketTicket.objects.filter(session=session, expires_at__lte=now).delete()
        made = SocketTicket.objects.create(session=session, token=token_hash(ticket), expires_at=now + TICKET_LIFETIME)
    return ticket, made.expires_at


def use_socket_ticket(*, ticket: str) -> UUID | None:
    """Use a ticket up; returns its session's id. The count of changed rows decides, however many try at once."""
    now = timezone.now()
    found = SocketTicket.objects.filter(token=token_hash(ticket), used_at=None, expires_at__gt=now)
    session_id = found.values_list("session_id", flat=True).first()
    return session_id if session_id and found.update(used_at=now) == 1 else None
