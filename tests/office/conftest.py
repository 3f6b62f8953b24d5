import itertools
import json
from collections.abc import Callable, Iterable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from chat.models import Conversation, Message
from tests.office.archives import Say


@pytest.fixture
def say() -> Say:
    """One line of an archive, with the next id."""
    ids = itertools.count(1)

    def line(sender: str, content: str, conversation: str = "#garden/2026", **more: object) -> dict[str, object]:
        usual = {"id": next(ids), "timestamp": "2026-05-01T09:30:00Z", "source": "irc"}
        return usual | {"conversation": conversation, "sender": sender, "content": content} | more

    return line


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., str]:
    """Imports lines; returns what the command said on both streams."""

    def run(lines: Iterable[object], *options: str) -> str:
        path = tmp_path / "archive.jsonl"
        texts = (line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines)
        path.write_bytes(b"".join(text + b"\n" for text in texts))
        out = StringIO()
        try:
            call_command("import_conversations", str(path), *options, stdout=out, stderr=out)
        except CommandError as error:
            pytest.fail(f"{error}\n{out.getvalue()}")
        return out.getvalue()

    return run


@pytest.fixture
def refused(bring: Callable[..., str]) -> Callable[..., str]:
    """Imports lines that must not come in; returns what the command said."""

    def run(lines: Iterable[object], *options: str) -> str:
        with pytest.raises(pytest.fail.Exception) as failure:
            bring(lines, *options)
        assert not User.objects.exists()
        assert not Message.objects.exists()
        assert not Conversation.objects.exists()
        return str(failure.value)

    return run
