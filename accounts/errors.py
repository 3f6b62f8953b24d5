"""What can go wrong when somebody wants in."""

from pulse.lib.errors import BadInput, NotAllowed, NotSignedIn


class WrongCredentials(NotSignedIn):
    """No such account, or another password: the two look alike."""

    code = "invalid_credentials"
    title = "Wrong address or password"
    default_detail = "That address and password don’t match."


class SecondFactorRequired(NotSignedIn):
    """The password was right; only so does anybody learn that there is more to show."""

    code = "second_factor_required"
    title = "One more step"
    default_detail = "Enter the code from your authenticator app, or a recovery code."


class InvalidCode(NotSignedIn):
    """A wrong code, an old one, or one that was taken before: all alike."""

    code = "invalid_code"
    title = "Wrong code"
    default_detail = "That code isn’t right, or was used before. Wait for the next one."


class FactorNotShown(NotAllowed):
    """Signed in, and no second factor shown since: a password alone changes no factor of an account that has one."""

    code = "second_factor_not_shown"
    title = "Show your second factor first"
    default_detail = "Sign in again with a code or a passkey: only then can your second factors be changed."


class InvalidPasskey(NotSignedIn):
    """A passkey nobody has here, or one that didn’t prove itself: the two look alike."""

    code = "invalid_passkey"
    title = "Passkey not accepted"
    default_detail = "That passkey can’t be used here. Try another one, or sign in with your password."


class EmailNotVerified(NotAllowed):
    code = "email_not_verified"
    title = "Address not confirmed"
    default_detail = "Confirm your address first: open the link we mailed you."


class AccountSuspended(NotAllowed):
    code = "account_suspended"
    title = "Account suspended"
    default_detail = "This account is suspended for now."


class BadToken(BadInput):
    """A mailed link that was used, has expired, was replaced by a newer one or never was: all alike."""

    code = "invalid_token"
    default_detail = "This link has been used or has expired. Ask for a new one."

    def __init__(self) -> None:
        super().__init__(self.default_detail)


class RegistrationClosed(NotAllowed):
    code = "registration_closed"
    title = "Registration is closed"
    default_detail = "Nobody can create an account here at the moment. Turn to whoever runs this server."


class InvitationRequired(NotAllowed):
    """No invitation, one that has ended, or one for another address: all alike."""

    code = "invitation_required"
    title = "By invitation only"
    default_detail = "An account needs an invitation that works for this address. Ask somebody here for a new link."


class InvitationUsedUp(BadInput):
    """The invitation ended between registering and confirming the address."""

    code = "invitation_used_up"
    default_detail = "The invitation you registered by has ended. Ask for another one and create your account again."

    def __init__(self) -> None:
        super().__init__(self.default_detail)
