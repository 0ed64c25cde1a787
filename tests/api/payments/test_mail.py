"""The mail to who has paid."""

import email
import email.policy
from pathlib import Path

import aiohttp

from core.mail import FolderMailer
from ingestion_worker.payments.mails import send_onboarding
from tests.api.payments.conftest import Shop


def _mails(shop: Shop, payment_id: str) -> list[email.message.EmailMessage]:
    folder = Path(shop.api.parts.settings.data_dir) / "mail"
    found = folder.glob(f"onboarding-{payment_id}*.eml")
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in found]


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def _paid(shop: Shop) -> str:
    chosen = await shop.chooses()
    await shop.deliver(shop.stripe.paid(await chosen.session_id()))
    await shop.work()
    payment_id: str = (await shop.rows("select id from payments"))[0]["id"]
    return payment_id


class TestOnboardingMail:
    async def test_goes_out_once_though_its_job_runs_twice(self, shop: Shop, tmp_path: Path) -> None:
        payment_id = await _paid(shop)
        mails = _mails(shop, payment_id)
        assert len(mails) == 1
        assert mails[0]["To"] == "mike@example.com"
        assert mails[0]["Subject"] == "Welcome to Client Engine Program"
        assert "Hello Mike Miller" in mails[0].get_content()
        assert "$497" in mails[0].get_content()
        again = FolderMailer(tmp_path, "x@example.com")
        await send_onboarding(shop.database, again, shop.organization.id, payment_id)
        assert not _files(tmp_path)

    async def test_uses_the_owner_s_words(self, shop: Shop) -> None:
        words = {"subject": "You are in, {name}", "body": "{offer} for {amount} from {business}. {other}"}
        async with aiohttp.ClientSession(shop.api.url, headers=shop.organization.bearer) as owner:
            async with owner.put("/api/onboarding-mail", json=words) as answer:
                assert answer.status == 200
            payment_id = await _paid(shop)
            mail = _mails(shop, payment_id)[0]
            assert mail["Subject"] == "You are in, Mike Miller"
            assert (
                mail.get_content().strip() == "Client Engine Program for $497 from An organization. {other}"
            )
            async with owner.delete("/api/onboarding-mail") as answer:
                assert answer.status == 204
            async with owner.get("/api/onboarding-mail") as answer:
                assert (await answer.json())["subject"] is None

    async def test_a_subject_of_two_lines_is_refused(self, shop: Shop) -> None:
        words = {"subject": "Hi\nBcc: everybody@example.com", "body": "x"}
        async with (
            aiohttp.ClientSession(shop.api.url, headers=shop.organization.bearer) as owner,
            owner.put("/api/onboarding-mail", json=words) as answer,
        ):
            assert answer.status == 400

    async def test_a_name_of_two_lines_makes_no_header(self, shop: Shop) -> None:
        async with aiohttp.ClientSession(shop.api.url, headers=shop.organization.bearer) as owner:
            await owner.put("/api/onboarding-mail", json={"subject": "Hi {name}", "body": "x"})
        chosen = await shop.chooses()
        session_id = await chosen.session_id()
        details = {"email": "mike@example.com", "name": "Mike\r\nBcc: everybody@example.com\x00"}
        await shop.deliver(shop.stripe.paid(session_id, customer_details=details))
        await shop.work()
        payment_id = (await shop.rows("select id from payments"))[0]["id"]
        mail = _mails(shop, payment_id)[0]
        assert mail["Bcc"] is None
        assert mail["Subject"] == "Hi Mike Bcc: everybody@example.com"
