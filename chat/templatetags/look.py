"""How pages show what messages and lists hold."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template.base import Parser, Token
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from chat.text import text_html

register = template.Library()
register.filter("text_html", text_html)

WORDS_OF_TYPES = {
    "TEXT": "Message",
    "IMAGE": "Photo",
    "VIDEO": "Video",
    "AUDIO": "Voice message",
    "FILE": "File",
    "LOCATION": "Place",
    "SYSTEM": "Group news",
}


class IconNode(template.Node):
    """An icon of the sprite. Its markup never changes while a process lives, and a message holds several: made once."""

    def __init__(self, name: str, classes: str) -> None:
        self.name, self.classes, self.markup = name, classes, SafeString("")

    def render(self, context: template.Context) -> SafeString:
        if not self.markup:
            href = f"{static('chat/icons.svg')}#{self.name}"
            self.markup = mark_safe(  # noqa: S308  # names and classes are the templates' own words
                f'<svg class="{f"icon {self.classes}".strip()}" aria-hidden="true"><use href="{href}"/></svg>'
            )
        return self.markup


@register.tag
def icon(parser: Parser, token: Token) -> IconNode:
    """``{% icon "reply" %}``, or with classes ``{% icon "reply" "flip small" %}``."""
    _, name, *classes = token.split_contents()
    return IconNode(name.strip("\"'"), " ".join(part.strip("\"'") for part in classes))


def local(moment: str) -> datetime:
    """A time of the JSON shapes, in the reader's zone."""
    return timezone.localtime(datetime.fromisoformat(moment))


@register.filter
def clock(moment: str) -> str:
    return local(moment).strftime("%H:%M")


@register.filter
def when(moment: str) -> str:
    """A time as short as a list wants it: 09:41, Sat, 3 May, 3 May 2024."""
    day, today = local(moment), timezone.localdate()
    if day.date() == today:
        return day.strftime("%H:%M")
    if timedelta(0) < today - day.date() < timedelta(days=7):
        return date_format(day, "D")
    return date_format(day, "j M" if day.year == today.year else "j M Y")


@register.filter
def words_of_type(text: str) -> str:
    """The word for a type of message; other text as it is."""
    return WORDS_OF_TYPES.get(text, text)


@register.filter
def of(names: Mapping[str, str] | None, user_id: str) -> str:
    return (names or {}).get(user_id, "")


@register.filter
def quote_href(quote: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """Where a quoted message is, in its conversation."""
    return f"/chats/{message['conversation_id']}?at={quote['seq']}#m{quote['seq']}"


@register.filter
def is_to_come(moment: str | None) -> bool:
    return moment is not None and datetime.fromisoformat(moment) > timezone.now()


@register.filter
def is_notes_of(conversation: Mapping[str, Any], user: Any) -> bool:
    """Whether a conversation is the person's notes to themselves."""
    peer = conversation["peer"]
    return conversation["kind"] == "DIRECT" and (peer is None or peer["id"] == str(user.id))
