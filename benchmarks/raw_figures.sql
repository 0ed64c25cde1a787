-- What the routes answer, counted from the raw rows: of `bench.campaign`, or of all where it is empty, on
-- the days since `bench.since`.
select (created_at at time zone 'Europe/Berlin')::date, app.source_key(parameters), count(*)
from visits
where created_at >= current_setting('bench.since')::timestamptz
    and current_setting('bench.campaign') in ('', campaign_id)
group by 1, 2;

select (created_at at time zone 'Europe/Berlin')::date, app.source_key(source), count(*), count(qualified_at),
    sum(qualified_at - created_at)
from conversations
where created_at >= current_setting('bench.since')::timestamptz
    and current_setting('bench.campaign') in ('', campaign_id)
group by 1, 2;

select count(*)
from messages m join conversations c on c.id = m.conversation_id
where c.created_at >= current_setting('bench.since')::timestamptz
    and current_setting('bench.campaign') in ('', c.campaign_id);

select mark, count(*)
from conversations c cross join unnest(app.marks(c)) mark
where created_at >= current_setting('bench.since')::timestamptz
    and current_setting('bench.campaign') in ('', campaign_id)
group by 1;

select (paid_at at time zone 'Europe/Berlin')::date, part.dimension, part.key, p.currency, count(*),
    sum(p.amount), sum((select sum(a.amount) from payment_adjustments a where a.payment_id = p.id and a.counted))
from payments p cross join app.payment_parts(p) part
where paid_at >= current_setting('bench.since')::timestamptz
    and current_setting('bench.campaign') in ('', campaign_id)
group by 1, 2, 3, 4;
