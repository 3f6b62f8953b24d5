"""Middleware that knows HTTP and nothing of Pulse's models."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import is_valid_path

from pulse.lib.addresses import disbelieve_strangers
from pulse.lib.errors import NotThere
from pulse.lib.problems import is_api, problem

Handler = Callable[[HttpRequest], HttpResponse]


def believe_only_proxies(get_response: Handler) -> Handler:
    """Drop what a stranger says of the scheme and host: SECURE_PROXY_SSL_HEADER would believe it of anybody."""

    def middleware(request: HttpRequest) -> HttpResponse:
        disbelieve_strangers(request)
        return get_response(request)

    return middleware


def keep_out_of_caches(get_response: Handler) -> Handler:
    """Let nobody between keep what was made for one person. Below WhiteNoise: files that all may have are its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_personal = settings.SESSION_COOKIE_NAME in request.COOKIES or "HTTP_AUTHORIZATION" in request.META
        if (is_personal or is_api(request)) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    return middleware


def require_length(get_response: Handler) -> Handler:
    """Answer 411 to a body that doesn't state its length: WSGI would read nothing of it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            return problem(411, "length_required", "Length required", "Send Content-Length with the body.")
        return get_response(request)

    return middleware


def without_trailing_slash(get_response: Handler) -> Handler:
    """Redirect a page's address with a slash behind it to the one without: people type it, and links carry it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        path = request.path_info
        if (
            response.status_code == 404
            and request.method in {"GET", "HEAD"}
            and path.endswith("/")
            and not is_api(request)
            and is_valid_path(path.rstrip("/"))
        ):
            query = request.META.get("QUERY_STRING", "")
            # One slash in front: two would make it another site's address.
            to = "/" + path.strip("/") + (f"?{query}" if query else "")
            return HttpResponsePermanentRedirect(to)
        return response

    return middleware


def problems_for_api(get_response: Handler) -> Handler:
    """Give what Django answers by itself under /api/ (no such path) the shape of every other API error."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 404 and is_api(request) and response["Content-Type"].startswith("text/html"):
            error = NotThere()
            return problem(error.status, error.code, error.title, error.detail)
        return response

    return middleware
