"""What the chats' pages share: who asks, and where an answer leads."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.models import User


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # for mypy: login_required has seen to it
    return request.user


def see_other(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
