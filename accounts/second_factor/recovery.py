"""Recovery codes: 100 random bits each, written so that a person can copy them from paper."""

import secrets

from pulse.lib.tokens import token_hash

HOW_MANY = 10
# Crockford's base 32: no letter that looks like a digit or like another letter.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
GROUPS, GROUP_CHARACTERS = 4, 5
_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})


def new_codes() -> list[str]:
    """Ten codes like ``7k2mq-x0c4d-9w5hz-p3rta``."""
    return [_new_code() for _ in range(HOW_MANY)]


def _new_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARACTERS)) for _ in range(GROUPS))
    return "-".join(groups)


def code_hash(code: str) -> str | None:
    """What stands in the database for ``code`` as somebody typed it; None for what can be no recovery code.

    Case, spaces and dashes don't matter, nor does an O for a zero.
    """
    bare = "".join(letter for letter in code.lower() if letter.isalnum()).translate(_MISREAD)
    is_one = len(bare) == GROUPS * GROUP_CHARACTERS and set(bare) <= set(ALPHABET)
    return token_hash(bare) if is_one else None
