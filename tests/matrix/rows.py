"""A row of the matrix: one request, and what each of the cast is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.matrix.world import CAST


@dataclass(frozen=True)
class Row:
    """``route`` is a method and a path; ``{names}`` in it and in ``body`` are the world's.

    ``answers`` are statuses in the order of CAST; ``login`` is a redirect to the page where one signs in. One word
    stands for all seven. A body of a page is a form's.
    """

    route: str
    answers: str
    body: Any = None

    @property
    def method(self) -> str:
        return self.route.split()[0]

    @property
    def path(self) -> str:
        path = self.route.split()[1]
        return path if path.startswith("/") else f"/api/v1/{path}"

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def expected(self) -> dict[str, str]:
        answers = self.answers.split()
        assert len(answers) in {1, len(CAST)}, f"{self.route}: {len(answers)} answers"
        return dict(zip(CAST, answers * (len(CAST) if len(answers) == 1 else 1), strict=True))

    def __str__(self) -> str:
        return self.route


def filled(value: Any, names: dict[str, str]) -> Any:
    """``value`` with the world's names put in, however deep."""
    if isinstance(value, str):
        return value.format_map(names) if "{" in value else value
    if isinstance(value, dict):
        return {key: filled(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    return value
