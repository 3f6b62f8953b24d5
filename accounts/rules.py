"""What an address, a password and a line about oneself must be. Each rule is here once, for forms and API alike."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.models import User, normalize_email
from pulse.lib.errors import BadInput
from pulse.lib.text import checked_name, text_problem

EMAIL_MAX_CHARACTERS = 254
PASSWORD_MIN_CHARACTERS = 10
# A bound on the work of hashing, far beyond what anybody types.
PASSWORD_MAX_CHARACTERS = 1024
ABOUT_MAX_CHARACTERS = 500
DEVICE_ID_MAX_CHARACTERS = 200


def checked_email(email: str) -> str:
    """``email`` as it is stored, or BadInput."""
    email = normalize_email(email)
    problem = text_problem(email)
    if problem is None and len(email) > EMAIL_MAX_CHARACTERS:
        problem = f"An address is at most {EMAIL_MAX_CHARACTERS} characters long."
    if problem is None:
        try:
            validate_email(email)
        except ValidationError:
            problem = "Enter a whole address, like nora@example.org."
    if problem is not None:
        raise BadInput(errors={"email": [problem]})
    return email


def checked_password(password: str, *, user: User, field: str = "password") -> str:
    """``password`` as it came, or BadInput. ``user`` (saved or not) is whom it must not resemble."""
    problem = text_problem(password)
    if problem is None and len(password) > PASSWORD_MAX_CHARACTERS:
        problem = f"A password is at most {PASSWORD_MAX_CHARACTERS} characters long."
    if problem is not None:
        raise BadInput(errors={field: [problem]})
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(errors={field: error.messages}) from error
    return password


def checked_about(about: str) -> str:
    about = about.strip()
    problem = text_problem(about)
    if problem is None and len(about) > ABOUT_MAX_CHARACTERS:
        problem = f"At most {ABOUT_MAX_CHARACTERS} characters."
    if problem is not None:
        raise BadInput(errors={"about": [problem]})
    return about


def checked_registration(*, name: str, email: str, password: str) -> tuple[str, str]:
    """The name and the address as they are stored; BadInput names everything that is wrong at once."""
    errors: dict[str, list[str]] = {}
    try:
        name = checked_name(name)
    except BadInput as error:
        errors |= error.errors
    try:
        email = checked_email(email)
    except BadInput as error:
        errors |= error.errors
    try:
        checked_password(password, user=User(name=name[:200], email=email[:EMAIL_MAX_CHARACTERS]))
    except BadInput as error:
        errors |= error.errors
    if errors:
        raise BadInput(errors=errors)
    return name, email


def checked_device_id(device_id: str) -> str:
    problem = text_problem(device_id)
    if problem is None and not 1 <= len(device_id) <= DEVICE_ID_MAX_CHARACTERS:
        problem = f"From 1 to {DEVICE_ID_MAX_CHARACTERS} characters."
    if problem is not None:
        raise BadInput(errors={"device_id": [problem]})
    return device_id
