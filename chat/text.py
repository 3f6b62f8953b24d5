"""Message text as HTML: paragraphs, links, code and mentions. Everything else is escaped."""

import re
from collections.abc import Mapping
from html import escape

from django.utils.safestring import SafeString, mark_safe

_FENCE = re.compile(r"```(?:[\w+#.-]{0,20}\n)?(.*?)```", re.DOTALL)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
# White space, quotes and marks that turn text around end a link: what is shown is what is opened.
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<@(?P<mention>all|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})>"
    r"|(?<!\w)(?P<link>(?:https?://|mailto:)[^\s<>\"`\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+)",
    re.IGNORECASE,
)
_SPECIAL = re.compile(r"[`\n]|<@|https?://|mailto:", re.IGNORECASE)
_OPENING = {")": "(", "]": "[", "}": "{"}


def text_html(content: str, names: Mapping[str, str] | None = None) -> SafeString:
    """``content`` drawn. ``names``: user id to name, for mentions; the live module fills in the others."""
    if _SPECIAL.search(content) is None:
        return mark_safe(f"<p>{escape(content)}</p>")  # noqa: S308
    parts: list[str] = []
    end = 0
    for fence in _FENCE.finditer(content):
        parts += _prose(content[end : fence.start()], names)
        code = fence[1].strip("\n")
        parts.append(f'<pre class="code" tabindex="0" role="group" aria-label="Code"><code>{escape(code)}</code></pre>')
        end = fence.end()
    parts += _prose(content[end:], names)
    return mark_safe("".join(parts))  # noqa: S308  # every part above is escaped


def _prose(text: str, names: Mapping[str, str] | None) -> list[str]:
    text = text.strip("\n")
    if not text:
        return []
    return [f"<p>{_line(paragraph, names)}</p>" for paragraph in _PARAGRAPHS.split(text)]


def _line(text: str, names: Mapping[str, str] | None) -> str:
    parts: list[str] = []
    end = 0
    for found in _INLINE.finditer(text):
        if found.start() < end:
            continue
        stop = found.end()
        if found["code"] is not None:
            drawn = f"<code>{escape(found['code'])}</code>"
        elif found["mention"] is not None:
            drawn = _mention(found["mention"].lower(), names)
        else:
            url = _without_punctuation(found["link"])
            stop = found.start() + len(url)
            if url.lower() in {"http://", "https://", "mailto:"}:
                continue
            drawn = f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer nofollow">{escape(url)}</a>'
        parts.append(_plain(text[end : found.start()]))
        parts.append(drawn)
        end = stop
    parts.append(_plain(text[end:]))
    return "".join(parts)


def _plain(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _mention(user_id: str, names: Mapping[str, str] | None) -> str:
    if user_id == "all":
        return '<span class="mention">@all</span>'
    name = (names or {}).get(user_id)
    if name is None:
        return f'<span class="mention" data-person="{user_id}">@<bdi>someone</bdi></span>'
    return f'<span class="mention">@<bdi>{escape(name)}</bdi></span>'


def _without_punctuation(url: str) -> str:
    """A link less what belongs to the sentence around it: "(see https://a.b/c)." is about https://a.b/c."""
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _OPENING.items()}
    end = len(url)
    while end:
        last = url[end - 1]
        if last in surplus:
            if surplus[last] <= 0:
                break
            surplus[last] -= 1
        elif last not in ".,:;!?'*_~…。、，！？":
            break
        end -= 1
    return url[:end]
