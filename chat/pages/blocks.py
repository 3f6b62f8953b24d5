"""Blocking somebody, after a page that says what it does, and taking it back."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from chat import queries
from chat.actions.blocks import block, unblock
from chat.pages.answers import person, see_other
from pulse.lib.errors import NotThere, TooMany
from pulse.lib.pages import next_page, say_when_to_return

PRIVACY = "/settings/privacy"


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def block_person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """The page asks; its button blocks."""
    user, other = person(request), known(request, user_id)
    back = where(request)
    if request.method == "GET":
        return render(request, "chat/block.html", {"other": other, "next": back})
    try:
        block(actor=user, user_id=other.id)
    except TooMany as error:
        context = {"other": other, "next": back, "error": error.detail}
        response = render(request, "chat/block.html", context, status=error.status)
        say_when_to_return(response, error)
        return response
    # Their own page isn't there any more.
    return done(request, PRIVACY if back.startswith("/people/") else back, f"You blocked {other.name}.")


@login_required
@require_POST
def unblock_person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    other = known(request, user_id)
    try:
        unblock(actor=person(request), user_id=other.id)
    except TooMany as error:
        # The list of who is blocked says it: a chat shows no more than what became of it.
        messages.error(request, error.detail)
        return see_other(PRIVACY)
    return done(request, where(request), f"You unblocked {other.name}.")


def known(request: HttpRequest, user_id: UUID) -> User:
    user = person(request)
    if user.id == user_id:
        raise Http404
    try:
        return queries.acquaintance(user, user_id)
    except NotThere as error:
        raise Http404 from error


def done(request: HttpRequest, back: str, said: str) -> HttpResponse:
    """Back to where one came from. A chat shows by itself what has become of it."""
    if not back.startswith("/chats/"):
        messages.success(request, said)
    return see_other(back)


def where(request: HttpRequest) -> str:
    """Where ``next`` leads, if that is the path of a page of ours; else the page that lists who is blocked."""
    return next_page(request, otherwise=PRIVACY)
