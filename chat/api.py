"""The chat door for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from chat import actions, queries
from chat.actions.blocks import block, unblock
from chat.limits import SEND
from chat.models import Message
from pulse.lib.errors import BadInput, NotThere
from pulse.lib.pagination import asked_limit, page
from pulse.lib.rest import (
    EmptyBody,
    IdField,
    SeqField,
    StrictSerializer,
    TextField,
    asked_flag,
    asked_number,
    checked_body,
)


class OpenBody(StrictSerializer):
    user_id = IdField()


class SendBody(StrictSerializer):
    id = IdField(required=False)
    content = TextField(allow_blank=True)
    reply_to = IdField(required=False, allow_null=True)


class SeqBody(StrictSerializer):
    seq = SeqField()


class ChatView(APIView):
    """A door for signed-in people, whose ``user`` is a User."""

    request: Request

    @property
    def user(self) -> User:
        user = self.request.user
        assert isinstance(user, User)  # for mypy: IsAuthenticated has seen to it
        return user


class Conversations(ChatView):
    def get(self, request: Request) -> Response:
        chats = queries.chat_list(
            self.user.id, unread=asked_flag(request, "unread"), archived=asked_flag(request, "archived")
        )
        return Response(page(request._request, chats, order=queries.CHAT_LIST_ORDER, draw=queries.conversation_of))

    def post(self, request: Request) -> Response:
        fields = checked_body(OpenBody, request)
        conversation, new = actions.open_direct(actor=self.user, peer_id=fields["user_id"])
        return Response(queries.conversation_json(self.user.id, conversation.id), status=201 if new else 200)


class OneConversation(ChatView):
    def get(self, request: Request, conversation_id: UUID) -> Response:
        return Response(queries.conversation_json(self.user.id, conversation_id))


class Participants(ChatView):
    def get(self, request: Request, conversation_id: UUID) -> Response:
        seats = queries.seats_of(self.user.id, conversation_id)
        return Response(page(request._request, seats, order=["id"], draw=queries.participant_json))


class Messages(ChatView):
    def get(self, request: Request, conversation_id: UUID) -> Response:
        asked = {name: asked_number(request, name) for name in ("before", "after", "around")}
        if sum(value is not None for value in asked.values()) > 1:
            raise BadInput("Ask for before, after or around, not for several at once.")
        limit = asked_limit(request._request)
        found = queries.history_page(self.user.id, conversation_id, limit=limit, **asked)
        return Response(
            {
                "results": found.messages,
                "starred": found.starred,
                "next": _beside(request, "after", found.messages[-1]["seq"], limit) if found.has_after else None,
                "previous": _beside(request, "before", found.messages[0]["seq"], limit) if found.has_before else None,
            }
        )

    def post(self, request: Request, conversation_id: UUID) -> Response:
        fields = checked_body(SendBody, request)
        SEND.count(str(self.user.id))
        sent = actions.send_message(actor=self.user, conversation_id=conversation_id, **fields)
        return Response(sent.encoded, status=201 if sent.created else 200)


def _beside(request: Request, direction: str, seq: int, limit: int) -> str:
    return f"{request.path}?{direction}={seq}&limit={limit}"


class Changes(ChatView):
    def get(self, request: Request, conversation_id: UUID) -> Response:
        since = asked_number(request, "since")
        if since is None:
            raise BadInput(errors={"since": ["Say which version you know; 0 for none."]})
        found = queries.changes(self.user.id, conversation_id, since=since, limit=asked_limit(request._request))
        return Response(
            {
                "messages": found.messages,
                "starred": found.starred,
                "hidden": found.hidden,
                "version": found.version,
                "more": found.more,
            }
        )


class Read(ChatView):
    def post(self, request: Request, conversation_id: UUID) -> Response:
        fields = checked_body(SeqBody, request)
        actions.mark_read(user_id=self.user.id, conversation_id=conversation_id, seq=fields["seq"])
        return Response(status=204)


class Delivered(ChatView):
    def post(self, request: Request, conversation_id: UUID) -> Response:
        fields = checked_body(SeqBody, request)
        actions.mark_delivered(user_id=self.user.id, conversation_id=conversation_id, seq=fields["seq"])
        return Response(status=204)


class OneMessage(ChatView):
    def get(self, request: Request, message_id: UUID) -> Response:
        found: list[dict[str, Any]] = queries.message_rows(
            Message.objects.visible_to(self.user.id).filter(id=message_id)
        )
        if not found:
            raise NotThere
        return Response(found[0])


class Blocks(ChatView):
    """Whom the caller has blocked, the latest first: a list of Users, with what the caller may still see of them."""

    def get(self, request: Request) -> Response:
        blocks = self.user.blocks_made.select_related("blocked")
        return Response(page(request._request, blocks, order=["-created_at", "-id"], draw=queries.blocked_json))


class OneBlock(ChatView):
    def put(self, request: Request, user_id: UUID) -> Response:
        checked_body(EmptyBody, request)
        block(actor=self.user, user_id=user_id)
        return Response(status=204)

    def delete(self, request: Request, user_id: UUID) -> Response:
        unblock(actor=self.user, user_id=user_id)
        return Response(status=204)
