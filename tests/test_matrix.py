"""Who is answered what: every route, as every kind of person. A route without a row fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from accounts.models import User
from tests.matrix import accounts, chat, office, second_factor, settings
from tests.matrix.rows import Row, filled
from tests.matrix.world import CAST, World, build

ROWS = [*accounts.ROWS, *chat.ROWS, *office.ROWS, *second_factor.ROWS, *settings.ROWS]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Django's own, behind one rule for all of it: tests/office/test_admin.py holds that.
BEHIND_THE_ADMIN = "admin/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def ask(world: World, who: str, row: Row) -> HttpResponse:
    """``row``'s request, by a program's token or a browser's cookie; whatever it changes is undone."""
    names = world.names(who)
    options: dict[str, Any] = {} if row.body is None else {"data": filled(row.body, names)}
    client = Client()
    if row.is_api:
        options["content_type"] = "application/json"
        if who in world.tokens:
            options["headers"] = {"authorization": f"Bearer {world.tokens[who]}"}
    with transaction.atomic():
        if not row.is_api and who in world.tokens:
            client.force_login(User.objects.get(id=names["me"]))
        answer: HttpResponse = getattr(client, row.method.lower())(row.path.format_map(names), **options)
        if hasattr(answer, "streaming_content"):
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return answer


def said(answer: HttpResponse) -> str:
    leads_to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/login?next=")
    return "login" if leads_to_sign_in else str(answer.status_code)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_is_answered_what_the_matrix_says(world: World, row: Row) -> None:
    assert {who: said(ask(world, who, row)) for who in CAST} == row.expected


def test_no_route_is_without_a_row(world: World) -> None:
    """What a row's route also answers to besides, as its owner, is missing too."""
    assert without_row(world, ROWS, routes(get_resolver())) == []


def test_the_matrix_names_no_route_that_is_gone(world: World) -> None:
    assert set(by_route(world, ROWS)) <= set(routes(get_resolver()))


def test_a_route_that_nobody_wrote_down_is_found(world: World) -> None:
    fewer = [row for row in ROWS if row.route != "PATCH me" and not row.route.endswith("/delivered")]
    some = [route for route in routes(get_resolver()) if route.endswith(("/me", "/delivered"))]
    assert sorted(without_row(world, fewer, some)) == [
        "PATCH api/v1/me",
        "api/v1/conversations/<uuid:conversation_id>/delivered",
    ]


def without_row(world: World, rows: Sequence[Row], routes: Iterable[str]) -> list[str]:
    known = by_route(world, rows)
    without = []
    for route in routes:
        if route not in known:
            without.append(route)
            continue
        path, written = known[route][0].path, {row.method for row in known[route]}
        others = (Row(f"{method} {path}", "200") for method in METHODS if method not in written)
        without += [f"{row.method} {route}" for row in others if ask(world, "alice", row).status_code != 405]
    return without


def by_route(world: World, rows: Sequence[Row]) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        path = row.path.format_map(world.names("alice")).partition("?")[0]
        found[resolve(path).route].append(row)
    return found


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        here = before + str(one.pattern)
        if here.startswith(BEHIND_THE_ADMIN):
            continue
        if isinstance(one, URLResolver):
            yield from routes(one, here)
        elif isinstance(one, URLPattern):
            yield here
