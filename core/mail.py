"""Sending mail: by SMTP where it is set, otherwise into a folder where a person can read it.

SMTP_URL is ``smtp://user:password@host:587`` (with STARTTLS; ``?starttls=no`` for a relay on this
machine) or ``smtps://user:password@host:465``.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import structlog

from core.clock import utc_now
from core.errors import OutsideError, TerminalOutsideError, TransientOutsideError
from core.identifiers import new_id
from core.settings import Settings

TIMEOUT_S = 15.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mail:
    """A message in plain text to one person."""

    to: str
    subject: str
    text: str
    message_id: str | None = None
    """The same one again is the same mail: it takes the first one's place, or a mailbox shows it once."""


class Mailer(Protocol):
    """Sends mail."""

    @property
    def name(self) -> str:
        """What is in use, for `doctor` and the start-up lines; no secret is in it."""

    async def send(self, mail: Mail) -> None:
        """Hand the mail over.

        Raises `TransientOutsideError` when it is worth another try, otherwise `TerminalOutsideError`.
        """

    async def forget(self, addresses: Collection[str]) -> int:
        """Delete what is kept of mails to ``addresses``; returns how many there were."""


def open_mailer(settings: Settings) -> Mailer:
    """The mailer that the settings ask for."""
    if settings.smtp_url is None:
        return FolderMailer(settings.data_dir / "mail", settings.mail_from)
    return SmtpMailer(settings.smtp_url.get_secret_value(), settings.mail_from)


class FolderMailer:
    """Writes each mail as an ``.eml`` file that only its owner may read, and says so in the log."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    @property
    def name(self) -> str:
        """Where to look."""
        return f"written to {self._folder}"

    async def send(self, mail: Mail) -> None:
        """Write the file whole."""
        name = mail.message_id or f"{utc_now():%Y%m%dT%H%M%S}-{new_id('mail')}"
        path = self._folder / f"{name}.eml"
        await asyncio.to_thread(self._write, path, _message(self._sender, mail).as_bytes())
        log.info("mail_written", subject=mail.subject, file=str(path))

    async def forget(self, addresses: Collection[str]) -> int:
        """Delete the files."""
        return await asyncio.to_thread(self._delete, set(addresses)) if addresses else 0

    def _delete(self, addresses: set[str]) -> int:
        found = [
            path
            for path in self._folder.glob("*.eml")
            if message_from_bytes(path.read_bytes())["To"] in addresses
        ]
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_bytes(content)
        draft.rename(path)


class SmtpMailer:
    """Speaks to a mail server."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        if self._url.scheme not in ("smtp", "smtps") or not self._url.hostname:
            raise ValueError("SMTP_URL must look like smtp://user:password@host:587")

    @property
    def name(self) -> str:
        """The server."""
        return f"by {self._url.hostname}"

    async def send(self, mail: Mail) -> None:
        """One connection for one mail."""
        try:
            await asyncio.to_thread(_deliver, self._url, _message(self._sender, mail))
        except smtplib.SMTPResponseException as fault:
            raise _refusal(fault.smtp_code) from fault
        except smtplib.SMTPRecipientsRefused as fault:
            raise _refusal(max(code for code, _ in fault.recipients.values())) from fault
        except (OSError, smtplib.SMTPException) as fault:
            raise TransientOutsideError(f"The mail server failed: {type(fault).__name__}") from fault

    async def forget(self, addresses: Collection[str]) -> int:
        """Nothing: what was sent is with whom it was sent to."""
        return 0


def _refusal(code: int) -> OutsideError:
    kind = TransientOutsideError if 400 <= code < 500 else TerminalOutsideError
    return kind(f"The mail server refused with {code}")


def _deliver(url: SplitResult, message: EmailMessage) -> None:
    host = url.hostname or ""
    if url.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 587, timeout=TIMEOUT_S)
    with server:
        if url.scheme == "smtp" and parse_qs(url.query).get("starttls") != ["no"]:
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


def _message(sender: str, mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    known = mail.message_id and f"<{mail.message_id}@limitless.invalid>"
    message["Message-ID"] = known or make_msgid(domain="limitless.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message
