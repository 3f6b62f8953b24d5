"""Finding other people."""

from functools import partial
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.people import find_by_name
from accounts.api.views import caller
from accounts.limits import count_search_by_email
from accounts.models import User, normalize_email
from accounts.serializers import user_json
from pulse.lib.errors import BadInput, NotThere
from pulse.lib.pagination import page
from pulse.lib.text import is_blank, text_problem


class People(APIView):
    def get(self, request: Request) -> Response:
        user, _ = caller(request)
        asked = [name for name in ("q", "email") if name in request.query_params]
        if not asked:
            raise BadInput(errors={name: ["Say whom you look for, by q or by email."] for name in ("q", "email")})
        texts = {name: _query(request, name) for name in asked}
        if "email" in texts:
            count_search_by_email(user)
        people = User.objects.visible_to(user)
        if "q" in texts:
            people = find_by_name(user=user, beginning=texts["q"].strip())
        if "email" in texts:
            people = people.filter(email=normalize_email(texts["email"]))
        return Response(page(request._request, people, order=["name", "id"], draw=partial(user_json, viewer=user)))


def _query(request: Request, name: str) -> str:
    """What is asked for. Raises BadInput, for blank text too: it would list everybody."""
    text = request.query_params[name]
    problem = text_problem(text)
    if problem is None and is_blank(text):
        problem = "Say whom you look for."
    if problem is None and len(text) > 300:
        problem = "That is too long."
    if problem is not None:
        raise BadInput(errors={name: [problem]})
    return text


class Person(APIView):
    def get(self, request: Request, user_id: UUID) -> Response:
        user, _ = caller(request)
        found = User.objects.visible_to(user).filter(pk=user_id).first()
        if found is None:
            raise NotThere
        return Response(user_json(found, viewer=user))
