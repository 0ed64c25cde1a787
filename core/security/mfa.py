"""Second factors: codes of an authenticator app, each time step once, and backup codes, each once."""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Final

import pyotp

ISSUER: Final = "Limitless"
STEP_S: Final = 30
WINDOW: Final = 1
"""Time steps before and after the present one that count, for clocks that are a little off."""
BACKUP_CODES: Final = 10


def new_secret() -> str:
    """A shared secret in base32, 160 bits."""
    return pyotp.random_base32()


def otpauth_link(secret: str, email: str) -> str:
    """The link that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def matching_step(secret: str, code: str, last_step: int, now: float | None = None) -> int | None:
    """The time step that ``code`` belongs to; None when it is wrong, or of ``last_step`` or before."""
    totp = pyotp.TOTP(secret)
    present = int(time.time() if now is None else now) // STEP_S
    matching = None
    for step in range(present - WINDOW, present + WINDOW + 1):
        fits = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if fits and step > last_step:
            matching = step
    return matching


def new_backup_codes() -> list[str]:
    """Ten codes such as ``k3vq7-2mzfa``, 50 bits each."""
    return [_backup_code() for _ in range(BACKUP_CODES)]


def backup_code_hash(key: bytes, user_id: str, code: str) -> bytes:
    """What is stored of a backup code: case, spaces and dashes do not count."""
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return hmac.digest(key, f"{user_id}:{plain}".encode(), hashlib.sha256)


def _backup_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return f"{letters[:5]}-{letters[5:10]}"
