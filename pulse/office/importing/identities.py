"""The ids of what is imported. They follow from the archive's own names, so that importing twice is importing once.

Never change how they are made: what was imported before would not be recognised.
"""

import uuid
from functools import lru_cache

IMPORTED = uuid.UUID("b3b5b1ce-7a3f-5c4e-8f0e-4d9a2f6c1e07")


# The parts are single lines, so a line break between them can't be mistaken for a part of one.


@lru_cache(maxsize=65_536)
def person_id(source: str, sender: str) -> uuid.UUID:
    return uuid.uuid5(IMPORTED, f"person\n{source}\n{sender}")


@lru_cache(maxsize=65_536)
def group_id(source: str, conversation: str) -> uuid.UUID:
    return uuid.uuid5(IMPORTED, f"group\n{source}\n{conversation}")


def message_id(source: str, line_id: str) -> uuid.UUID:
    return uuid.uuid5(IMPORTED, f"message\n{source}\n{line_id}")
