"""What DRF is told to do differently: JSON by orjson, strict bodies, no surprises."""

from typing import Any

import orjson
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from pulse.lib.encoding import dumps
from pulse.lib.errors import BadInput
from pulse.lib.text import text_problem


class JSONParser(BaseParser):
    """JSON bodies. orjson refuses NaN, lone surrogates, broken UTF-8 and nesting deeper than it can take."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return orjson.loads(stream.read() or b"{}")
        except orjson.JSONDecodeError as error:
            raise ParseError("The body isn’t valid JSON.") from error


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        # What was encoded already (a page of messages) goes out as it is.
        return data if isinstance(data, bytes) else dumps(data)


class AlwaysJSON(DefaultContentNegotiation):
    """Answers are JSON whatever a client says it accepts: an address in a browser's bar is answered too."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class StrictSerializer(serializers.Serializer[Any]):
    """A body in which every field is declared: an unknown one is an error that names it."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - {name for name, field in self.fields.items() if not field.read_only})
            if unknown:
                raise serializers.ValidationError(
                    {str(name): ["This field isn’t known or can’t be set."] for name in unknown}
                )
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """Text as it came: not trimmed, and free of what cannot be stored. Only strings: 5 is not "5"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False} | options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        problem = text_problem(data)
        if problem is not None:
            raise serializers.ValidationError(problem)
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """true or false: DRF's own field would also take "yes" and 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class IdField(serializers.UUIDField):
    """A UUID in its usual form: DRF's own field would also take 5."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or len(data) != 36:
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class SeqField(serializers.IntegerField):
    """A message number or version: a JSON integer that fits a BIGINT, never a string or a float."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 2**63 - 1} | options)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class EmptyBody(StrictSerializer):
    """For what takes no body: one that holds anything is refused like any other unknown field."""


def checked_body(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The fields of the body that ``serializer`` declares; anything else in it is refused."""
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    fields: dict[str, Any] = body.validated_data
    return fields


def asked_number(request: Request, name: str, *, maximum: int = 2**63 - 1) -> int | None:
    """A whole number of the query string, 0 to ``maximum``; None where it isn't asked. Raises :class:`BadInput`."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 19) or int(text) > maximum:
        raise BadInput(errors={name: [f"A whole number from 0 to {maximum}."]})
    return int(text)


def asked_flag(request: Request, name: str) -> bool:
    """``?name=true`` or ``false``; false where it isn't asked. Raises :class:`BadInput`."""
    text = request.query_params.get(name, "false").lower()
    if text not in {"true", "false", "1", "0"}:
        raise BadInput(errors={name: ["true or false."]})
    return text in {"true", "1"}
