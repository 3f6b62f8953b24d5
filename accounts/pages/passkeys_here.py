"""Whether the page that is asked for may use passkeys: they belong to one origin."""

from typing import Any

from django.http import HttpRequest

from accounts.second_factor.passkeys import site


def passkeys_here(request: HttpRequest) -> dict[str, Any]:
    """For a template: whether passkeys work at this address, and else at which one; None where they can't at all."""
    found = site()
    here = f"{request.scheme}://{request.get_host()}"
    return {"passkeys_here": found is not None and found.origin == here, "passkeys_at": found.origin if found else None}
