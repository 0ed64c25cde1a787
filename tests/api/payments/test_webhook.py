"""The webhook: what it lets in, and that it lets it in once."""

import asyncio
import io
import time

import aiohttp
import orjson
import psycopg
import pytest
from pydantic import SecretStr

from core.settings import Settings
from tests.api.conftest import Api, ServeApi
from tests.api.payments.conftest import PATH, Shop
from tests.standins.stripe import SECRET, Stripe, signed

BOTH = pytest.mark.parametrize("path", [PATH, "/api/v1/stripe/webhook"])


async def _post(
    api: Api, body: bytes, headers: dict[str, str], path: str = PATH
) -> tuple[int, dict[str, str]]:
    async with (
        aiohttp.ClientSession(api.url) as session,
        session.post(path, data=io.BytesIO(body), headers=headers) as answer,
    ):
        found = await answer.json()
        return answer.status, found.get("error", found)


@pytest.fixture
def event(stripe: Stripe) -> dict[str, object]:
    """An event of a kind that means nothing to us."""
    return stripe.event("payout.paid", {"id": "po_1", "object": "payout"})


class TestWhatComesIn:
    @BOTH
    async def test_a_signed_event_is_acknowledged(
        self, shop: Shop, event: dict[str, object], path: str
    ) -> None:
        assert await shop.deliver(event, path=path) == (200, {"received": True})

    @BOTH
    @pytest.mark.parametrize("apart_s", [-301, 301, 86_400, -86_400, 10**10])
    async def test_another_time_is_refused(
        self, shop: Shop, event: dict[str, object], path: str, apart_s: int
    ) -> None:
        status, answer = await shop.deliver(event, at=time.time() + apart_s, path=path)
        assert (status, answer["error"]["code"]) == (400, "INVALID_INPUT")

    @pytest.mark.parametrize("apart_s", [-295, 295])
    async def test_a_clock_that_is_minutes_off_is_fine(
        self, shop: Shop, event: dict[str, object], apart_s: int
    ) -> None:
        assert (await shop.deliver(event, at=time.time() + apart_s))[0] == 200

    @BOTH
    async def test_another_secret_is_refused(self, shop: Shop, event: dict[str, object], path: str) -> None:
        assert (await shop.deliver(event, secret="whsec_other", path=path))[0] == 400

    async def test_a_body_written_anew_is_refused(self, shop: Shop, event: dict[str, object]) -> None:
        body, headers = signed(event)
        assert (await _post(shop.api, orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2), headers))[
            0
        ] == 400

    @BOTH
    @pytest.mark.parametrize(
        "content",
        [
            b"[]",
            b"null",
            b"{}",
            b"",
            b"1e400",
            b'"evt_1"',
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b'{"id":"evt_1","type":"a","created":1,"data":{"object":[]}}',
            b'{"id":"evt_1","type":"a","created":"now","data":{"object":{}}}',
            b'{"id":"evt_1","type":"a","created":1e300,"data":{"object":{}}}',
            b'{"id":"evt_1","type":"a","created":true,"data":{"object":{}}}',
            b'{"id":"evt_\\u0000","type":"a","created":1,"data":{"object":{}}}',
            b'{"id":"evt_\\ud800","type":"a","created":1,"data":{"object":{}}}',
            b'{"id":["evt_1"],"type":"a","created":1,"data":{"object":{}}}',
            b'{"id":"evt_1","type":"a","created":1,"data":null}',
        ],
        ids=lambda content: content[:24].decode("latin-1"),
    )
    async def test_what_is_signed_and_no_event_is_refused(
        self, shop: Shop, path: str, content: bytes
    ) -> None:
        body, headers = signed(content)
        status, error = await _post(shop.api, body, headers, path)
        assert (status, error["code"]) == (400, "INVALID_INPUT")

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "t=1",
            "v1=00",
            "t=,v1=",
            "t=abc,v1=00",
            "t=١٢٣,v1=ä",
            "t=1,t=2,v1=00",
            "=,=,=",
            "t" * 5000,
            "v1=" + ",v1=".join(["0" * 64] * 100),
        ],
    )
    async def test_an_odd_signature_is_refused(
        self, shop: Shop, event: dict[str, object], header: str
    ) -> None:
        body, _ = signed(event)
        raw = header.encode().decode("latin-1")
        assert (await _post(shop.api, body, {"Stripe-Signature": raw}))[0] == 400

    async def test_no_signature_is_refused(self, shop: Shop, event: dict[str, object]) -> None:
        assert (await _post(shop.api, signed(event)[0], {}))[0] == 400

    async def test_a_non_ascii_signature_beside_a_good_time_is_refused(
        self, shop: Shop, event: dict[str, object]
    ) -> None:
        body, _ = signed(event)
        header = f"t={int(time.time())},v1=é".encode().decode("latin-1")
        assert (await _post(shop.api, body, {"Stripe-Signature": header}))[0] == 400

    async def test_a_body_beyond_a_megabyte_is_not_read(self, shop: Shop) -> None:
        body, headers = signed(b"[" * (1024 * 1024 + 1))
        assert (await _post(shop.api, body, headers))[0] == 413

    async def test_an_event_of_half_a_megabyte_is_taken(self, shop: Shop, stripe: Stripe) -> None:
        assert (await shop.deliver(stripe.event("payout.paid", {"id": "po_1", "text": "x" * 500_000})))[
            0
        ] == 200


class TestSecrets:
    async def test_none_is_no_webhook(
        self, serve_api: ServeApi, stripe_settings: Settings, stripe: Stripe
    ) -> None:
        without = stripe_settings.model_copy(update={"stripe_webhook_secret": None})
        async with serve_api(without) as api:
            body, headers = signed(stripe.event("payout.paid", {"id": "po_1"}))
            assert (await _post(api, body, headers))[0] == 404
            assert (await _post(api, body, headers, "/api/v1/stripe/webhook"))[0] == 404

    async def test_two_hold_during_a_rotation(
        self, serve_api: ServeApi, stripe_settings: Settings, stripe: Stripe
    ) -> None:
        rotating = stripe_settings.model_copy(
            update={
                "stripe_webhook_secret": SecretStr("whsec_new"),
                "stripe_webhook_secret_previous": SecretStr(SECRET),
            }
        )
        async with serve_api(rotating) as api:
            for secret in ("whsec_new", SECRET):
                body, headers = signed(stripe.event("payout.paid", {"id": "po_1"}), secret)
                assert (await _post(api, body, headers))[0] == 200


class TestOnce:
    async def test_fifty_copies_at_once_make_one_payment(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        paid = shop.stripe.paid(await chosen.session_id())
        answers = await asyncio.gather(*(shop.deliver(paid) for _ in range(50)))
        assert {status for status, _ in answers} == {200}
        queued = "select count(*) as n from jobs.procrastinate_jobs where args ->> 'event_id' = %s"
        assert await _as_superuser(shop, queued, paid["id"]) == 1
        await shop.work()
        assert (await shop.deliver(paid))[0] == 200
        await shop.work()
        assert len(await shop.rows("select from payments")) == 1
        thanks = [m for m in await chosen.history() if "payment is in" in m["content"]]
        assert len(thanks) == 1

    async def test_fifty_events_of_one_session_make_one_payment(self, shop: Shop) -> None:
        """Stripe may tell the same thing under several ids."""
        chosen = await shop.chooses()
        session_id = await chosen.session_id()
        events = [shop.stripe.paid(session_id) for _ in range(50)]
        await asyncio.gather(*(shop.deliver(event) for event in events))
        await shop.work()
        assert len(await shop.rows("select from payments")) == 1
        totals = await shop.rows("select sum(conversions)::int as n from campaign_totals")
        assert totals[0]["n"] == 1

    async def test_an_event_is_not_kept_without_the_job_that_handles_it(self, shop: Shop) -> None:
        """Whatever ends the process in between: Stripe sends it again, and it is as if it were the first."""
        chosen = await shop.chooses()
        paid = shop.stripe.paid(await chosen.session_id())
        with psycopg.connect(shop.database.conninfo, autocommit=True) as connection:
            connection.execute("alter table jobs.procrastinate_jobs rename to away")
            try:
                assert (await shop.deliver(paid))[0] == 500
            finally:
                connection.execute("alter table jobs.away rename to procrastinate_jobs")
        kept = "select count(*) from public.stripe_events where id = %s"
        assert await _as_superuser(shop, kept, paid["id"]) == 0
        assert (await shop.deliver(paid))[0] == 200
        await shop.work()
        assert len(await shop.rows("select from payments")) == 1


async def _as_superuser(shop: Shop, statement: str, *parameters: object) -> int:
    async with await psycopg.AsyncConnection.connect(shop.database.conninfo) as connection:
        row = await (await connection.execute(statement, parameters)).fetchone()
        assert row is not None
        return int(row[0])
