"""Mail, into a folder or to a server that speaks SMTP."""

import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import TerminalOutsideError, TransientOutsideError
from core.mail import Mail, open_mailer
from core.settings import Settings
from tests.standins.smtp import MailServer, mail_server

MAIL = Mail("mike@example.com", "Grüße", "Hello,\n\nhere is a link.\n")


@asynccontextmanager
async def server_and_settings(on_recipient: str = "250 fine") -> AsyncIterator[tuple[MailServer, Settings]]:
    async with mail_server(on_recipient) as running:
        url = SecretStr(f"smtp://127.0.0.1:{running.port}?starttls=no")
        yield running, Settings(_env_file=None, smtp_url=url, mail_from="Limitless <we@example.com>")


async def test_without_a_server_it_goes_into_a_folder(tmp_path: Path) -> None:
    mailer = open_mailer(Settings(_env_file=None, data_dir=tmp_path))
    await mailer.send(MAIL)
    (file,) = (tmp_path / "mail").glob("*")
    assert file.stat().st_mode & 0o077 == 0
    read = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (read["To"], read["Subject"]) == ("mike@example.com", "Grüße")
    assert "here is a link" in read.get_content()


async def test_a_server_gets_it() -> None:
    async with server_and_settings() as (server, settings):
        await open_mailer(settings).send(MAIL)
    assert server.received[0]["From"] == "Limitless <we@example.com>"
    assert server.received[0]["To"] == "mike@example.com"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [("451 try again later", TransientOutsideError), ("550 no such mailbox", TerminalOutsideError)],
)
async def test_a_refusal_is_worth_another_try_or_not(answer: str, fault: type[Exception]) -> None:
    async with server_and_settings(on_recipient=answer) as (_, settings):
        with pytest.raises(fault):
            await open_mailer(settings).send(MAIL)


async def test_a_server_that_is_away_is_worth_another_try() -> None:
    async with server_and_settings() as (_, settings):
        pass
    with pytest.raises(TransientOutsideError):
        await open_mailer(settings).send(MAIL)


async def test_no_address_smuggles_a_header() -> None:
    async with server_and_settings() as (server, settings):
        with pytest.raises(ValueError, match="Header"):
            await open_mailer(settings).send(Mail("a@example.com\nBcc: b@example.com", "x", "y"))
    assert server.received == []


def test_the_password_of_the_server_is_not_in_its_name() -> None:
    url = SecretStr("smtps://user:hunter2@mail.example.com:465")
    assert "hunter2" not in open_mailer(Settings(_env_file=None, smtp_url=url)).name
