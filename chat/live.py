"""What chat tells the realtime runtime, and the one runtime of this process."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import orjson
from django.utils import timezone

from accounts import sessions
from accounts.models import User
from chat import queries
from chat.rendering import message_html
from pulse.lib.encoding import dumps
from pulse.realtime.runtime import Knowledge, Runtime

_runtime: Runtime | None = None


def draw_html(text: str) -> str:
    """A message event with ``html``, the message as the pages draw it."""
    html = message_html(orjson.loads(text)["message"])
    return f'{text[:-1]},"html":{dumps(html).decode()}}}'


def note_seen(user_ids: Collection[UUID]) -> None:
    """Keep when people were last here: one statement for all who have a socket open."""
    User.objects.active().filter(id__in=user_ids).update(last_seen=timezone.now())


def ensure_runtime() -> Runtime:
    """This process's runtime, started with the first socket where no server's lifespan started it. On the loop."""
    global _runtime  # noqa: PLW0603  # one runtime a process
    if _runtime is None:
        _runtime = Runtime(
            Knowledge(
                listeners=queries.listeners,
                memberships=queries.memberships,
                membership=queries.membership,
                versions=queries.versions,
                still_signed_in=sessions.still_signed_in,
                seen=note_seen,
                draw_html=draw_html,
            )
        )
    return _runtime


async def stop_runtime() -> None:
    global _runtime  # see above
    if _runtime is not None:
        runtime, _runtime = _runtime, None
        await runtime.stop()
