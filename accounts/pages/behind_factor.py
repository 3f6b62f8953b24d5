"""Pages on which second factors are changed: whoever has one shows it first."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.actions.second_step import owes_second_factor
from accounts.entering import second_step_url
from accounts.pages.answers import signed_in


def behind_factor(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Below ``login_required``: lead whoever owes a second factor to the second step, and from there back."""

    @wraps(view)
    def led(request: HttpRequest, *arguments: object, **options: object) -> HttpResponse:
        if owes_second_factor(session=signed_in(request)[1]):
            return HttpResponseRedirect(second_step_url(request.path))
        return view(request, *arguments, **options)

    return led
