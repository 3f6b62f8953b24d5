"""The pages people chat on. They read queries, call actions and draw; every one works without JavaScript."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions.people import find_by_name
from accounts.models import User
from chat import actions, queries
from chat.drawing import blank_message, drawn, is_notes, quoted
from chat.limits import SEND
from chat.pages.answers import person, see_other
from chat.serializers import Json
from pulse.lib.errors import BadInput, DomainError, NotThere, TooMany
from pulse.lib.ids import uuid7
from pulse.lib.pagination import page
from pulse.lib.text import text_problem

MOST_ROWS = 50
MOST_FOUND = 20
# Unread messages up to here are on the newest page; beyond, the page opens where reading stopped.
UNREAD_ON_NEWEST_PAGE = 40
TICKS = ("sending", "sent", "delivered", "read")
LARGEST_SEQ = 2**63 - 1


@require_GET
def chats(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        context = {"host": request.get_host(), "empty": not User.objects.exists()}
        return render(request, "chat/welcome.html", context)
    return render(request, "chat/chats.html", chat_list(request))


@login_required
@require_http_methods(["GET", "POST"])
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return send(request, conversation_id)
    return draw_conversation(request, conversation_id)


def send(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """A message sent without JavaScript. What went wrong is shown above what was written."""
    content = request.POST.get("content", "").replace("\r\n", "\n")
    try:
        SEND.count(str(person(request).id))
        actions.send_message(
            actor=person(request),
            conversation_id=conversation_id,
            content=content,
            id=uuid_or_none(request.POST.get("id", "")),
            reply_to=uuid_or_none(request.POST.get("reply_to", "")),
        )
    except NotThere as error:
        raise Http404 from error
    except DomainError as error:
        return draw_conversation(request, conversation_id, draft=content, send_error=error)
    return see_other(f"/chats/{conversation_id}#composer")


@login_required
@require_POST
def read(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The button that marks all as read, for readers without JavaScript."""
    try:
        actions.mark_read(
            user_id=person(request).id,
            conversation_id=conversation_id,
            seq=seq_or_none(request.POST.get("seq", "")) or 0,
        )
    except NotThere as error:
        raise Http404 from error
    return see_other(f"/chats/{conversation_id}")


@login_required
@require_GET
def history(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """A stretch of messages, for the scroller: a fragment, with what lies beyond it in its headers.

    ``Pulse-Version`` is a version of the conversation that the stretch holds at least: whoever starts over from the
    newest page knows all up to it, and asks for the changes after it.
    """
    user_id = person(request).id
    before, after, around = (seq_or_none(request.GET.get(name, "")) for name in ("before", "after", "around"))
    try:
        # Before the messages: what changes between the two has a later version, and is asked for again.
        version = queries.seat(user_id, conversation_id).conversation.version
        found = queries.history_page(user_id, conversation_id, before=before, after=after, around=around)
        context = drawn(user_id, conversation_id, found.messages)
    except NotThere as error:
        raise Http404 from error
    response = render(request, "chat/_messages.html", context)
    response["Pulse-Earlier"] = str(int(found.has_before))
    response["Pulse-Later"] = str(int(found.has_after))
    response["Pulse-Version"] = str(version)
    return response


@login_required
@require_GET
def changes(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What changed after ``?since=VERSION``, drawn. 409 where the reader should start over."""
    since = seq_or_none(request.GET.get("since", ""))
    try:
        found = queries.changes(person(request).id, conversation_id, since=since or 0)
    except NotThere as error:
        raise Http404 from error
    except DomainError as error:
        return HttpResponse(error.detail, status=error.status, content_type="text/plain")
    messages = sorted(found.messages, key=lambda message: message["seq"])
    context = drawn(person(request).id, conversation_id, messages) | {"hidden": found.hidden}
    response = render(request, "chat/_changes.html", context)
    response["Pulse-Version"] = str(found.version)
    response["Pulse-More"] = str(int(found.more))
    return response


@login_required
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """Rows of the chat list, ``?id=`` for each, for those that changed."""
    ids = [id for value in request.GET.getlist("id")[:MOST_ROWS] if (id := uuid_or_none(value))]
    context = {
        "conversations": queries.conversation_jsons(person(request).id, ids),
        "current": request.GET.get("current", ""),
    }
    return render(request, "chat/_rows.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Find a person by the start of a name's words; choosing one opens the chat."""
    error = None
    if request.method == "POST":
        try:
            peer_id = uuid_or_none(request.POST.get("user_id", ""))
            if peer_id is None:
                raise NotThere
            found, _ = actions.open_direct(actor=person(request), peer_id=peer_id)
            return see_other(f"/chats/{found.id}")
        except NotThere as missing:
            raise Http404 from missing
        except DomainError as refused:
            error = refused
    q = drawable(request.GET.get("q", "").strip()[:100])
    found_people: list[User] = []
    try:
        found_people = people_named(request, q)
    except TooMany as refused:
        error = refused
    context = {"q": q, "found": found_people, "error": error and error.detail}
    return render(request, "chat/new.html", context, status=error.status if error else 200)


# What they share


def chat_list(request: HttpRequest, *, current: str = "") -> dict[str, Any]:
    user_id = person(request).id
    show = next((name for name in ("archived", "unread") if request.GET.get(name) == "true"), "all")
    chats = queries.chat_list(user_id, unread=show == "unread", archived=show == "archived")
    try:
        listed = page(request, chats, order=queries.CHAT_LIST_ORDER, draw=queries.conversation_of)
    except BadInput as error:
        raise Http404 from error
    return {
        "conversations": listed["results"],
        "more": listed["next"],
        "show": show,
        "current": current,
        "unread_total": queries.unread_total(user_id),
    }


def draw_conversation(
    request: HttpRequest, conversation_id: UUID, *, draft: str = "", send_error: DomainError | None = None
) -> HttpResponse:
    user, reply_to = person(request), request.GET.get("reply_to", "")
    at, before, after = (seq_or_none(request.GET.get(name, "")) for name in ("at", "before", "after"))
    try:
        # The conversation first: what changes between the two has a later version, and live updates bring it.
        shown = queries.conversation_json(user.id, conversation_id)
        unread, read_seq = shown["unread_count"], shown["my"]["last_read_seq"]
        where: dict[str, int] = {}
        if at is not None:
            where["around"] = at
        elif before is not None:
            where["before"] = before
        elif after is not None:
            where["after"] = after
        elif unread > UNREAD_ON_NEWEST_PAGE:
            where["around"] = read_seq + 1
        found = queries.history_page(user.id, conversation_id, **where)
        context = drawn(user.id, conversation_id, found.messages, new_after=read_seq if unread else None)
    except NotThere as error:
        raise Http404 from error
    notes = is_notes(shown, user)
    context |= chat_list(request, current=str(conversation_id)) | {
        "conversation": shown,
        "notes": notes,
        "title": "Notes to self" if notes else shown["title"],
        "at": at,
        "earlier": found.messages[0]["seq"] if found.messages and found.has_before else None,
        "later": found.messages[-1]["seq"] if found.messages and found.has_after else None,
        "new_count": unread,
        "quoted": quoted(user.id, conversation_id, uuid_or_none(request.POST.get("reply_to") or reply_to)),
        "message_id": request.POST.get("id") if send_error and send_error.code != "id_conflict" else uuid7(),
        "draft": drawable(draft),
        "send_error": send_error and send_error.detail,
        "has_blocked": not notes and not shown["my"]["can_post"] and has_blocked(user, shown),
        "blank": blank_message(user, conversation_id),
        "ticks": TICKS,
        "people": [
            {"id": seat["user"]["id"], "name": seat["user"]["name"]}
            | {mark: seat[mark] for mark in ("last_read_seq", "last_delivered_seq")}
            for seat in context["seats"]
        ],
        "member_count": queries.seats_of(user.id, conversation_id).count(),
    }
    return render(request, "chat/conversation.html", context, status=send_error.status if send_error else 200)


def has_blocked(user: User, shown: Json) -> bool:
    """Whether the reader is the one who has blocked the other of a direct conversation."""
    return shown["kind"] == "DIRECT" and queries.has_blocked(user.id, shown["peer"]["id"])


def people_named(request: HttpRequest, q: str) -> list[User]:
    user = person(request)
    return list(find_by_name(user=user, beginning=q).exclude(id=user.id)[:MOST_FOUND]) if q else []


def drawable(text: str) -> str:
    """``text`` with a mark in place of what no page can show and no database compare: nothing is found by it."""
    return "".join("\ufffd" if text_problem(character) else character for character in text)


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def seq_or_none(text: str) -> int | None:
    """A message number from a query string; anything else is ignored."""
    return min(int(text), LARGEST_SEQ) if text.isascii() and text.isdigit() and len(text) < 30 else None
