"""Logging: readable lines on a terminal, JSON lines in production. No secret, token or message text goes in."""

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# Paths that end in a secret, which is as good as a password.
_SECRET_PATH = re.compile(r"(/(?:verify|password-reset|join|invites)/)[^\s'\"]+")


def without_secrets(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: no secret of a path gets into a line, whether in its text, in an argument or in a traceback."""
    for name, value in event.items():
        shown = value if isinstance(value, str) else repr(value)
        hidden = _SECRET_PATH.sub(r"\1…", shown)
        if hidden != shown:
            event[name] = hidden
    return event


def logging_config(*, json_lines: bool, level: str) -> None:
    """Send every logger, the standard library's and structlog's, through one renderer to standard error."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    # A JSON string and repr() both escape newlines, so nobody can forge a line.
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "pulse": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        # Last, so that it sees all there is.
                        without_secrets,
                        renderer,
                    ],
                    "foreign_pre_chain": shared,
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "pulse"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "uvicorn.access": {"level": "WARNING"},
                "uvicorn.error": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
                # One for each request that names another host, which anybody can send.
                "django.security.DisallowedHost": {"level": "CRITICAL"},
                "websockets": {"level": "WARNING"},
                # Two lines for each job, and some are done every few seconds; one that failed is still said.
                "django_tasks": {"level": "WARNING"},
                # A traceback each second while Redis is away; the bus says it once.
                "channels_redis": {"level": "CRITICAL"},
            },
        }
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
