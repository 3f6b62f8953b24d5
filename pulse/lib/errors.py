"""What can go wrong in the domain, said once. Doors translate it to a problem document, a frame or a page."""


class DomainError(Exception):
    """A refusal with a stable ``code`` and a ``detail`` written for whoever sees it."""

    status = 400
    code = "invalid"
    title = "That can’t be done"
    default_detail = "That can’t be done."

    def __init__(self, detail: str = "", *, code: str = "") -> None:
        self.detail = detail or self.default_detail
        self.code = code or self.code
        super().__init__(self.detail)


class BadInput(DomainError):
    """Fields that break a rule; ``errors`` maps each to what is wrong with it."""

    title = "Bad input"
    default_detail = "Some of what was sent can’t be used."

    def __init__(self, detail: str = "", *, errors: dict[str, list[str]] | None = None, code: str = "") -> None:
        self.errors = errors or {}
        super().__init__(detail or " ".join(text for texts in self.errors.values() for text in texts), code=code)


class NotSignedIn(DomainError):
    status = 401
    code = "not_authenticated"
    title = "Not signed in"
    default_detail = "Sign in first."


class NotAllowed(DomainError):
    status = 403
    code = "not_allowed"
    title = "Not allowed"
    default_detail = "You may not do that."


class NotThere(DomainError):
    """It does not exist, or the caller may not know that it does: the two look alike."""

    status = 404
    code = "not_found"
    title = "Not found"
    default_detail = "There is nothing here that you can see."


class Conflict(DomainError):
    status = 409
    code = "conflict"
    title = "Conflict"
    default_detail = "That contradicts what is there."


class TooLarge(DomainError):
    status = 413
    code = "too_large"
    title = "Too large"
    default_detail = "That is larger than Pulse accepts."


class TooMany(DomainError):
    """Throttled; ``retry_after_seconds`` says when to try again."""

    status = 429
    code = "throttled"
    title = "Too many requests"
    default_detail = "That was too often. Wait a moment."

    def __init__(self, detail: str = "", *, retry_after_seconds: int = 1) -> None:
        self.retry_after_seconds = max(1, retry_after_seconds)
        super().__init__(detail)


class Unavailable(DomainError):
    status = 503
    code = "unavailable"
    title = "Not available"
    default_detail = "The database can’t be reached right now. Nothing was changed; try again."


# Of an Unavailable, where the disk is full.
NO_ROOM = "There is no room left for this on the server. Nothing was changed."
