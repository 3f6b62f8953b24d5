"""A message as the pages draw it, for the socket: the same partial as at first paint, without a reader."""

from typing import Any

from django.template import Context, Template, engines

_loaded: list[Template] = []


def message_html(message: dict[str, Any]) -> str:
    """The ``<article>`` of a message's JSON shape. Asks no database, so it may run in an event loop. Times are in UTC.

    What depends on the reader (own, the first of a run, ticks, the reader's clock) is added in the browser.
    """
    if not _loaded:
        _loaded.append(engines["django"].engine.get_template("chat/_message.html"))  # type: ignore[attr-defined]
    # Without l10n a number is str(): numbers here are identities, and formatting them is what takes longest.
    context = Context(
        {"message": message, "own": False, "head": False, "tick": "", "names": None}, use_l10n=False, use_tz=False
    )
    return _loaded[0].render(context).strip()
