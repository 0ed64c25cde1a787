"""What is written to people about their accounts.

Nothing that somebody typed goes to an address that was not proven: registering would send anybody's
words to anybody.
"""

from core.mail import Mail


def confirm_registration(email: str, link: str) -> Mail:
    """To somebody whose address has no account yet."""
    return Mail(
        email,
        "Confirm your account",
        "Hello,\n\n"
        "somebody, presumably you, registered with this address. This link makes the account,"
        " within a day:\n\n"
        f"{link}\n\n"
        "If it was not you, do nothing: without the link there is no account.\n",
    )


def address_in_use(email: str, link: str) -> Mail:
    """To somebody who registers a second time."""
    return Mail(
        email,
        "You have an account already",
        "Hello,\n\n"
        "somebody, presumably you, registered with this address, which has an account. Sign in with it here; "
        f"if you forgot the password, ask for a new one there:\n\n{link}\n\n"
        "If it was not you, there is nothing to do.\n",
    )


def reset_password(email: str, link: str) -> Mail:
    """To somebody who forgot their password."""
    return Mail(
        email,
        "Set a new password",
        "Hello,\n\n"
        "somebody, presumably you, forgot your password. This link sets a new one, once and"
        " within an hour:\n\n"
        f"{link}\n\n"
        "If it was not you, do nothing: the old password stays.\n",
    )


def invitation(email: str, organization: str, role: str, link: str) -> Mail:
    """To somebody who is asked into an organization."""
    return Mail(
        email,
        f"You are invited to {organization}",
        f"Hello,\n\n{organization} invites you to work with them, as {role}. "
        f"This link accepts, within seven days:\n\n{link}\n\n"
        "If you do not know them, do nothing.\n",
    )
