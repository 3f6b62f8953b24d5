"""Rules for text that people send."""

import re

from pulse.lib.errors import BadInput

MESSAGE_MAX_CHARACTERS = 10_000
MESSAGE_MAX_BYTES = 40_000
NAME_MAX_CHARACTERS = 100

_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK = re.compile(
    r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0]*"
)


def text_problem(text: str) -> str | None:
    """What makes ``text`` unstorable anywhere in Pulse, or None: NUL, which PostgreSQL refuses, and lone surrogates."""
    if "\x00" in text:
        return "A NUL character can’t be stored."
    if _SURROGATE.search(text):
        return "A lone surrogate isn’t a character."
    return None


def is_blank(text: str) -> bool:
    """Whether nothing of ``text`` can be seen: white space, zero-width and direction marks alone."""
    return _BLANK.fullmatch(text) is not None


def checked_message(content: str, *, field: str = "content") -> str:
    """``content`` as it came, or :class:`BadInput` saying what is wrong with it."""
    problem = text_problem(content)
    if problem is None and len(content) > MESSAGE_MAX_CHARACTERS:
        problem = f"A message is at most {MESSAGE_MAX_CHARACTERS} characters long."
    if problem is None and len(content.encode()) > MESSAGE_MAX_BYTES:
        problem = f"A message is at most {MESSAGE_MAX_BYTES} bytes long."
    if problem is None and is_blank(content):
        problem = "A message needs something to read."
    if problem is not None:
        raise BadInput(errors={field: [problem]})
    return content


def checked_name(name: str, *, field: str = "name") -> str:
    """``name`` without white space around it, or :class:`BadInput`."""
    name = name.strip()
    problem = text_problem(name)
    if problem is None and is_blank(name):
        problem = "A name needs something to read."
    if problem is None and len(name) > NAME_MAX_CHARACTERS:
        problem = f"A name is at most {NAME_MAX_CHARACTERS} characters long."
    if problem is None and any(ord(c) < 32 or ord(c) == 127 or c in "\u2028\u2029" for c in name):
        problem = "A name is a single line."
    if problem is not None:
        raise BadInput(errors={field: [problem]})
    return name
