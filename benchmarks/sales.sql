-- A year of one organization: twenty campaigns of uneven size, clicks from a dozen sources, ten messages a
-- conversation, doubts, offers, checkouts, payments, some of which go back, and questions that no document
-- answered. The settings `bench.organization`, `bench.playbook` and `bench.conversations` say whose and how
-- many. For a superuser: no trigger counts meanwhile, all is counted in one go at the end.
set search_path = public, extensions;
set session_replication_role = replica;
set synchronous_commit = off;
set maintenance_work_mem = '512MB';
alter table messages set unlogged;
select setseed(0.7);

create function pg_temp.organization() returns text language sql immutable as
    $$ select current_setting('bench.organization') $$;
create function pg_temp.size() returns integer language sql immutable as
    $$ select current_setting('bench.conversations')::integer $$;
create function pg_temp.thread(n integer) returns text language sql immutable as
    $$ select 'lead-x-' || lpad(to_hex(n), 8, '0') $$;
-- By the square the first one has a fifth of everything.
create function pg_temp.campaign() returns text language sql volatile as
    $$ select 'camp_' || 1 + floor(pow(random(), 2) * 20)::integer $$;
create function pg_temp.source() returns jsonb language sql volatile as $$
    select (array[
        '{}', '{"utm_source": "ig", "utm_campaign": "spring", "utm_content": "ad1"}',
        '{"utm_source": "ig", "utm_campaign": "spring", "utm_content": "ad2"}',
        '{"utm_source": "ig", "fbclid": "x"}', '{"fbclid": "y"}', '{"gclid": "z"}', '{"ttclid": "t"}',
        '{"utm_source": "newsletter", "utm_medium": "mail"}', '{"utm_source": "podcast"}',
        '{"ref": "partner"}', '{"utm_source": "yt", "utm_medium": "video"}',
        '{"utm_source": "li", "li_fat_id": "l"}'])[1 + floor(random() * 12)::integer]::jsonb
$$;

update organizations set time_zone = 'Europe/Berlin' where id = pg_temp.organization();

insert into campaigns (id, organization_id, code, name)
select 'camp_' || n, pg_temp.organization(), 'BENCH' || n, 'Campaign ' || n from generate_series(1, 20) n;

insert into visits (organization_id, campaign_id, day, visitor, parameters, created_at)
select pg_temp.organization(), campaign, moment::date, int4send(n), source, moment
from (
    select n, pg_temp.campaign() as campaign, pg_temp.source() as source,
        now() - random() * interval '364 days' as moment
    from generate_series(1, 2 * pg_temp.size()) n
) v;

insert into conversations (id, organization_id, campaign_id, playbook_id, handle, stage, qualified,
    qualification_score, fields, objections, questions_asked, offer_shown, open_field, language,
    total_messages, total_turns, created_at, last_message_at, qualified_at, source, checkout_at,
    checkout_opened_at, converted_at)
select pg_temp.thread(n), pg_temp.organization(), campaign, current_setting('bench.playbook'), 'lead' || n,
    case when far > 0.97 then 'converted' when far > 0.75 then 'closing' when far > 0.6 then 'objection_handling'
         when far < 0.1 then 'disqualified' else 'qualification' end,
    far > 0.6, far,
    (array[
        '{}', '{"coaching_area": "fitness"}', '{"coaching_area": "yoga", "business_type": "online"}',
        '{"coaching_area": "diet", "business_type": "gym", "monthly_revenue": "5k"}'
    ])[1 + floor(far * 3.99)::integer]::jsonb,
    (array[
        '[]', '[]', '[{"type": "price", "words": "", "answered": true}]',
        '[{"type": "price", "words": "", "answered": false}, {"type": "time", "words": "", "answered": true}]',
        '[{"type": "trust", "words": "", "answered": true}]'
    ])[1 + floor(doubt * 5)::integer]::jsonb,
    (far * 4)::integer,
    case when far > 0.7 then 'option' || 1 + (n % 2) end,
    case when far between 0.1 and 0.6
        then (array['coaching_area', 'business_type', 'monthly_revenue'])[1 + n % 3] end,
    'en', 10, 5, moment, moment + interval '9 minutes',
    case when far > 0.6 then moment + far * interval '8 minutes' end, source,
    case when far > 0.8 then moment + interval '8 minutes' end,
    case when far > 0.9 then moment + interval '9 minutes' end,
    case when far > 0.97 then moment + interval '1 hour' end
from (
    select n, random() as far, random() as doubt, pg_temp.campaign() as campaign, pg_temp.source() as source,
        now() - interval '1 hour' - random() * interval '364 days' as moment
    from generate_series(1, pg_temp.size()) n
) c;

insert into messages (id, organization_id, conversation_id, seq, role, content, turn_id)
select 'm' || lpad(to_hex(n), 7, '0') || seq, pg_temp.organization(), pg_temp.thread(n), seq,
    case seq % 2 when 0 then 'human' else 'ai' end, repeat('words ', 8 + seq), 'turn'
from generate_series(1, pg_temp.size()) n, generate_series(1, 10) seq;

insert into payments (id, organization_id, campaign_id, conversation_id, kind, converts, offer_id, offer_name,
    amount, currency, source, objections, test, paid_at)
select 'pay_' || id, organization_id, campaign_id, id, 'purchase', true, offer_shown, offer_shown,
    case offer_shown when 'option1' then 19700 else 49700 end, 'USD', source,
    coalesce((select jsonb_object_agg(o ->> 'type', o -> 'answered') from jsonb_array_elements(objections) o),
        '{}'),
    false, converted_at
from conversations where converted_at is not null;

insert into payment_adjustments (id, organization_id, payment_id, kind, amount, status, counted, occurred_at,
    told_at, rank)
select 're_' || id, organization_id, id, 'refund', amount, 'succeeded', true, paid_at + interval '1 day',
    paid_at, 2
from payments where random() < 0.05;

insert into knowledge_gaps (id, organization_id, campaign_id, conversation_id, question, created_at)
select 'gap_' || id, organization_id, campaign_id, id,
    'Does it work for number ' || floor(random() * 500)::integer, created_at + interval '5 minutes'
from conversations where random() < 0.05;

select app.recount_figures(pg_temp.organization());
delete from campaign_totals;
insert into campaign_totals (organization_id, campaign_id, clicks, conversations, qualified, conversions)
select organization_id, campaign_id, sum(clicks), sum(conversations), sum(qualified), sum(conversions)
from campaign_days group by organization_id, campaign_id;
