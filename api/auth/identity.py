"""The services behind accounts, put together."""

from dataclasses import dataclass
from datetime import timedelta

from api.auth.attempts import Attempts
from api.auth.passwords import PasswordChanges
from api.auth.registration import Registrations
from api.auth.service import Accounts
from api.auth.sessions import Sessions
from api.gdpr.service import Privacy
from api.invitations.service import Invitations
from api.mfa.service import SecondFactors
from api.tenants.service import Tenants
from api.users.service import Users
from core.database import Database
from core.limits import Limits
from core.security.keys import SecretKey
from core.security.passwords import Passwords
from core.security.tokens import OwnerTokens
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Identities:
    """Everything about who people are."""

    accounts: Accounts
    sessions: Sessions
    registrations: Registrations
    passwords: PasswordChanges
    second_factors: SecondFactors
    invitations: Invitations
    users: Users
    tenants: Tenants
    privacy: Privacy


def open_identities(
    settings: Settings,
    database: Database,
    limits: Limits,
    key: SecretKey,
    tokens: OwnerTokens,
    passwords: Passwords,
) -> Identities:
    """The services of one process."""
    attempts = Attempts(database, limits, settings)
    sessions = Sessions(database, key, tokens, timedelta(hours=settings.session_hours))
    second_factors = SecondFactors(database, key)
    invitations = Invitations(database, passwords)
    return Identities(
        accounts=Accounts(database, key, passwords, sessions, second_factors, attempts),
        sessions=sessions,
        registrations=Registrations(database, passwords, attempts),
        passwords=PasswordChanges(database, passwords, attempts),
        second_factors=second_factors,
        invitations=invitations,
        users=Users(database, passwords),
        tenants=Tenants(database, invitations),
        privacy=Privacy(database, key, settings.base_url),
    )
