"""What a person shows of themselves to others."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.pages.answers import signed_in
from accounts.serializers import user_json


@login_required
@require_GET
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    viewer, _ = signed_in(request)
    found = User.objects.visible_to(viewer).filter(pk=user_id).first()
    if found is None:
        raise Http404
    context = {"person": user_json(found, viewer=viewer), "is_me": found == viewer}
    return render(request, "accounts/person.html", context)
