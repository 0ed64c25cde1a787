-- What owners look at, counted by the database in the transaction of the change that it counts.
--
-- A row of `campaign_days` is one of several for its campaign and day; their sum is the figure. A change
-- takes whichever of them nobody holds, or adds one, so that turns of one busy campaign wait for nobody
-- and there are never more rows than there were changes at the same moment.
--
-- Events (a click, a beginning, a qualification, a payment, a refund) count on their own day, in the
-- organization's time zone. What a conversation has come to (its messages and its `marks`) counts on the
-- day on which it began.
set lock_timeout = '5s';
set statement_timeout = '60s';

do $$
begin
    if not exists (select from pg_roles where rolname = 'limitless_figures') then
        create role limitless_figures nologin;
    end if;
    execute format('grant limitless_figures to %I', current_user);
end
$$;
grant usage on schema public, app to limitless_figures;

-- A conversation that is deleted leaves the figures, and still was one of the campaign's uses.
alter table campaigns add column uses bigint not null default 0;
update campaigns set uses = total_conversations;

create table campaign_days (
    id bigint generated always as identity primary key,
    organization_id text not null references organizations on delete cascade,
    campaign_id text not null references campaigns on delete cascade,
    day date not null,
    clicks bigint not null default 0,
    conversations bigint not null default 0,
    messages bigint not null default 0,
    qualified bigint not null default 0,
    qualification_s bigint not null default 0,
    conversions bigint not null default 0,
    marks jsonb not null default '{}'
) with (fillfactor = 50);
create index campaign_days_by_campaign on campaign_days (campaign_id, day);
create index campaign_days_by_organization on campaign_days (organization_id, day);
comment on column campaign_days.marks is
    'How many conversations bear each mark: s: where they stand, a: what they answered, r: how far they came, o: doubts met, oa: doubts answered.';

-- The same by where it came from, what was bought and which doubts were met. `total` has the money.
create table campaign_parts (
    id bigint generated always as identity primary key,
    organization_id text not null references organizations on delete cascade,
    campaign_id text not null references campaigns on delete cascade,
    day date not null,
    dimension text not null check (dimension in ('total', 'source', 'offer', 'objection')),
    key text not null,
    currency text not null default '',
    clicks bigint not null default 0,
    conversations bigint not null default 0,
    qualified bigint not null default 0,
    conversions bigint not null default 0,
    payments bigint not null default 0,
    revenue bigint not null default 0,
    refunded bigint not null default 0
) with (fillfactor = 70);
create index campaign_parts_by_campaign on campaign_parts (campaign_id, day, dimension);
create index campaign_parts_by_organization on campaign_parts (organization_id, day, dimension);

do $$
declare
    t text;
begin
    foreach t in array array['campaign_days', 'campaign_parts'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format(
            'create policy staff on %I for select'
            ' using (organization_id = (select app.organization_id()) and (select app.thread_id()) is null)', t);
        execute format('create policy figures on %I to limitless_figures using (true) with check (true)', t);
        execute format('grant select on %I to limitless_app', t);
        execute format('grant select, insert, update, delete on %I to limitless_figures', t);
    end loop;
    foreach t in array array['organizations', 'campaigns', 'visits', 'conversations', 'payments',
                             'payment_adjustments'] loop
        execute format('create policy figures on %I for select to limitless_figures using (true)', t);
        execute format('grant select on %I to limitless_figures', t);
    end loop;
end
$$;
create policy figures_count on campaigns for update to limitless_figures using (true) with check (true);
grant update (total_clicks, total_conversations, total_qualified, total_conversions) on campaigns
    to limitless_figures;

-- What is counted of a row ------------------------------------------------------------------------

create function app.local_day(organization text, moment timestamptz) returns date
language sql stable set search_path = public as $$
    select (moment at time zone o.time_zone)::date from organizations o where o.id = organization
$$;

-- Where a visit came from, as far as it tells campaigns apart: a click id names the network alone.
create function app.source_key(parameters jsonb) returns text language sql immutable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'source', left(parameters ->> 'utm_source', 80),
        'medium', left(parameters ->> 'utm_medium', 80),
        'campaign', left(parameters ->> 'utm_campaign', 80),
        'content', left(parameters ->> 'utm_content', 80),
        'ref', left(parameters ->> 'ref', 80),
        'network', case
            when parameters ? 'fbclid' then 'meta'
            when parameters ?| array['gclid', 'gbraid', 'wbraid'] then 'google'
            when parameters ? 'ttclid' then 'tiktok'
            when parameters ? 'msclkid' then 'microsoft'
            when parameters ? 'twclid' then 'x'
            when parameters ? 'li_fat_id' then 'linkedin'
        end
    ))::text
$$;

create function app.marks(c conversations) returns text[] language plpgsql stable as $$
declare
    found text[] := array['s:' || c.stage || coalesce('/' || c.open_field, '')];
begin
    found := found || array(select 'a:' || field from jsonb_object_keys(c.fields) field);
    found := found || array_remove(array[
        case when c.qualified_at is not null then 'r:qualified' end,
        case when c.offer_shown is not null then 'r:offer' end,
        case when c.checkout_at is not null then 'r:checkout' end,
        case when c.checkout_opened_at is not null then 'r:opened' end,
        case when c.converted_at is not null then 'r:converted' end
    ], null);
    if c.objections <> '[]' then
        found := found || array(
            select unnest(array_remove(array[
                'o:' || (o ->> 'type'),
                case when bool_and((o ->> 'answered')::boolean) then 'oa:' || (o ->> 'type') end
            ], null))
            from jsonb_array_elements(c.objections) o group by o ->> 'type');
    end if;
    return found;
end
$$;

create function app.payment_parts(p payments) returns table (dimension text, key text)
language sql stable as $$
    values ('total', ''), ('offer', p.offer_id), ('source', app.source_key(p.source))
    union all
    select 'objection', type || case when answered = 'true' then '/answered' else '/open' end
    from jsonb_each_text(p.objections) as met (type, answered)
    union all
    select 'objection', 'none' where p.objections = '{}'
$$;

-- Counting ------------------------------------------------------------------------------------------

create function app.moved(counts jsonb, entering text[], leaving text[]) returns jsonb
language plpgsql immutable as $$
declare
    mark text;
    n bigint;
begin
    foreach mark in array leaving loop
        n := coalesce((counts ->> mark)::bigint, 0) - 1;
        counts := case when n = 0 then counts - mark else counts || jsonb_build_object(mark, n) end;
    end loop;
    foreach mark in array entering loop
        n := coalesce((counts ->> mark)::bigint, 0) + 1;
        counts := case when n = 0 then counts - mark else counts || jsonb_build_object(mark, n) end;
    end loop;
    return counts;
end
$$;

-- A campaign that is gone has no figures, and gets none while its rows follow it.
create function app.add_to_day(
    organization text, campaign text, on_day date,
    clicks integer default 0, conversations integer default 0, messages integer default 0,
    qualified integer default 0, qualification_s bigint default 0, conversions integer default 0,
    entering text[] default '{}', leaving text[] default '{}'
) returns void
language plpgsql set search_path = public as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('figures ' || organization, 0));
    update campaign_days d set
        clicks = d.clicks + add_to_day.clicks,
        conversations = d.conversations + add_to_day.conversations,
        messages = d.messages + add_to_day.messages,
        qualified = d.qualified + add_to_day.qualified,
        qualification_s = d.qualification_s + add_to_day.qualification_s,
        conversions = d.conversions + add_to_day.conversions,
        marks = app.moved(d.marks, entering, leaving)
    where d.id = (
        select f.id from campaign_days f where f.campaign_id = campaign and f.day = on_day
        limit 1 for update skip locked
    );
    if not found then
        insert into campaign_days (organization_id, campaign_id, day, clicks, conversations, messages,
            qualified, qualification_s, conversions, marks)
        select c.organization_id, c.id, on_day, add_to_day.clicks, add_to_day.conversations,
            add_to_day.messages, add_to_day.qualified, add_to_day.qualification_s, add_to_day.conversions,
            app.moved('{}', entering, leaving)
        from campaigns c where c.id = campaign;
    end if;
end
$$;

create function app.add_to_part(
    organization text, campaign text, on_day date, of_dimension text, of_key text,
    of_currency text default '', clicks integer default 0, conversations integer default 0,
    qualified integer default 0, conversions integer default 0, payments integer default 0,
    revenue bigint default 0, refunded bigint default 0
) returns void
language plpgsql set search_path = public as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('figures ' || organization, 0));
    update campaign_parts p set
        clicks = p.clicks + add_to_part.clicks,
        conversations = p.conversations + add_to_part.conversations,
        qualified = p.qualified + add_to_part.qualified,
        conversions = p.conversions + add_to_part.conversions,
        payments = p.payments + add_to_part.payments,
        revenue = p.revenue + add_to_part.revenue,
        refunded = p.refunded + add_to_part.refunded
    where p.id = (
        select f.id from campaign_parts f
        where f.campaign_id = campaign and f.day = on_day and f.dimension = of_dimension
          and f.key = of_key and f.currency = of_currency
        limit 1 for update skip locked
    );
    if not found then
        insert into campaign_parts (organization_id, campaign_id, day, dimension, key, currency, clicks,
            conversations, qualified, conversions, payments, revenue, refunded)
        select c.organization_id, c.id, on_day, of_dimension, of_key, of_currency, add_to_part.clicks,
            add_to_part.conversations, add_to_part.qualified, add_to_part.conversions,
            add_to_part.payments, add_to_part.revenue, add_to_part.refunded
        from campaigns c where c.id = campaign;
    end if;
end
$$;

create function app.count_visit() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    v visits := case when tg_op = 'DELETE' then old else new end;
    n integer := case when tg_op = 'DELETE' then -1 else 1 end;
    on_day date := app.local_day(v.organization_id, v.created_at);
begin
    if tg_op = 'UPDATE' then
        perform app.add_to_part(v.organization_id, v.campaign_id, on_day, 'source',
            app.source_key(old.parameters), clicks => -1);
    else
        perform app.add_to_day(v.organization_id, v.campaign_id, on_day, clicks => n);
        update campaigns c set total_clicks = c.total_clicks + n where c.id = v.campaign_id;
    end if;
    perform app.add_to_part(v.organization_id, v.campaign_id, on_day, 'source',
        app.source_key(v.parameters), clicks => n);
    return null;
end
$$;

create function app.count_qualification(c conversations, n integer) returns void
language plpgsql set search_path = public as $$
declare
    on_day date := app.local_day(c.organization_id, c.qualified_at);
    took bigint := extract(epoch from c.qualified_at - c.created_at)::bigint;
begin
    perform app.add_to_day(c.organization_id, c.campaign_id, on_day, qualified => n, qualification_s => n * took);
    perform app.add_to_part(c.organization_id, c.campaign_id, on_day, 'source', app.source_key(c.source),
        qualified => n);
    update campaigns k set total_qualified = k.total_qualified + n where k.id = c.campaign_id;
end
$$;

create function app.count_conversation() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    c conversations := case when tg_op = 'DELETE' then old else new end;
    n integer := case tg_op when 'INSERT' then 1 when 'DELETE' then -1 else 0 end;
    before text[] := '{}';
    after text[] := '{}';
    on_day date := app.local_day(c.organization_id, c.created_at);
begin
    if tg_op <> 'INSERT' then
        before := app.marks(old);
    end if;
    if tg_op <> 'DELETE' then
        after := app.marks(new);
    end if;
    perform app.add_to_day(c.organization_id, c.campaign_id, on_day,
        conversations => n,
        messages => case tg_op when 'INSERT' then new.total_messages when 'DELETE' then -old.total_messages
                    else new.total_messages - old.total_messages end,
        entering => array(select unnest(after) except all select unnest(before)),
        leaving => array(select unnest(before) except all select unnest(after)));
    if n <> 0 then
        perform app.add_to_part(c.organization_id, c.campaign_id, on_day, 'source', app.source_key(c.source),
            conversations => n);
        update campaigns k set total_conversations = k.total_conversations + n where k.id = c.campaign_id;
    end if;
    if tg_op <> 'INSERT' and old.qualified_at is not null
        and (tg_op = 'DELETE' or new.qualified_at is distinct from old.qualified_at) then
        perform app.count_qualification(old, -1);
    end if;
    if tg_op <> 'DELETE' and new.qualified_at is not null
        and (tg_op = 'INSERT' or new.qualified_at is distinct from old.qualified_at) then
        perform app.count_qualification(new, 1);
    end if;
    return null;
end
$$;

create function app.add_payment(p payments, n integer) returns void
language plpgsql set search_path = public as $$
declare
    on_day date := app.local_day(p.organization_id, p.paid_at);
    converted integer := n * p.converts::integer;
begin
    perform app.add_to_part(p.organization_id, p.campaign_id, on_day, part.dimension, part.key, p.currency,
        conversions => converted, payments => n, revenue => n * p.amount)
    from app.payment_parts(p) part;
    if p.converts then
        perform app.add_to_day(p.organization_id, p.campaign_id, on_day, conversions => n);
        update campaigns c set total_conversions = c.total_conversions + n where c.id = p.campaign_id;
    end if;
end
$$;

create function app.count_payment() returns trigger
language plpgsql security definer set search_path = public as $$
begin
    if tg_op <> 'INSERT' then
        perform app.add_payment(old, -1);
    end if;
    if tg_op <> 'DELETE' then
        perform app.add_payment(new, 1);
    end if;
    return null;
end
$$;

create function app.add_adjustment(a payment_adjustments, n integer) returns void
language plpgsql set search_path = public as $$
declare
    p payments;
    on_day date := app.local_day(a.organization_id, a.occurred_at);
begin
    select * into p from payments where id = a.payment_id;
    if not a.counted or p.id is null then
        return;
    end if;
    perform app.add_to_part(p.organization_id, p.campaign_id, on_day, part.dimension, part.key, p.currency,
        refunded => n * a.amount)
    from app.payment_parts(p) part;
end
$$;

create function app.count_adjustment() returns trigger
language plpgsql security definer set search_path = public as $$
begin
    if tg_op <> 'INSERT' then
        perform app.add_adjustment(old, -1);
    end if;
    if tg_op <> 'DELETE' then
        perform app.add_adjustment(new, 1);
    end if;
    return null;
end
$$;

-- The adjustments go while their payment can still say where they were counted.
create function app.delete_adjustments() returns trigger language plpgsql set search_path = public as $$
begin
    delete from payment_adjustments where payment_id = old.id;
    return old;
end
$$;

create trigger counted after insert or delete on visits
    for each row execute function app.count_visit();
create trigger counted_again after update of parameters on visits
    for each row when (old.parameters is distinct from new.parameters) execute function app.count_visit();

create trigger counted after insert or delete on conversations
    for each row execute function app.count_conversation();
create trigger counted_again
    after update of total_messages, stage, open_field, fields, objections, offer_shown, qualified_at,
        checkout_at, checkout_opened_at, converted_at on conversations
    for each row execute function app.count_conversation();

create trigger counted after insert or delete on payments
    for each row execute function app.count_payment();
create trigger counted_again after update of campaign_id, paid_at, amount, currency, converts, offer_id,
        source, objections on payments
    for each row execute function app.count_payment();
create trigger adjustments_first before delete on payments
    for each row execute function app.delete_adjustments();

create trigger counted after insert or delete on payment_adjustments
    for each row execute function app.count_adjustment();
create trigger counted_again after update of amount, counted, occurred_at on payment_adjustments
    for each row execute function app.count_adjustment();

-- Counting anew -------------------------------------------------------------------------------------

-- All figures of an organization from its rows: for rows older than the figures, and when its days
-- become others. Nothing of the organization is counted meanwhile.
create function app.recount_figures(organization text) returns void
language plpgsql security definer set search_path = public as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('figures ' || organization, 0));
    delete from campaign_days where organization_id = organization;
    delete from campaign_parts where organization_id = organization;

    with counted as (
        select v.campaign_id, app.local_day(organization, v.created_at) as day, count(*) as clicks,
            0::bigint as conversations, 0::bigint as messages, 0::bigint as qualified,
            0::bigint as qualification_s, 0::bigint as conversions
        from visits v where v.organization_id = organization group by 1, 2
        union all
        select c.campaign_id, app.local_day(organization, c.created_at), 0, count(*), sum(c.total_messages), 0, 0, 0
        from conversations c where c.organization_id = organization group by 1, 2
        union all
        select c.campaign_id, app.local_day(organization, c.qualified_at), 0, 0, 0, count(*),
            sum(extract(epoch from c.qualified_at - c.created_at)::bigint), 0
        from conversations c where c.organization_id = organization and c.qualified_at is not null group by 1, 2
        union all
        select p.campaign_id, app.local_day(organization, p.paid_at), 0, 0, 0, 0, 0, count(*)
        from payments p where p.organization_id = organization and p.converts group by 1, 2
    ), marked as (
        select m.campaign_id, m.day, jsonb_object_agg(m.mark, m.n) as marks
        from (
            select c.campaign_id, app.local_day(organization, c.created_at) as day, mark, count(*) as n
            from conversations c cross join unnest(app.marks(c)) mark
            where c.organization_id = organization group by 1, 2, 3
        ) m
        group by 1, 2
    )
    insert into campaign_days (organization_id, campaign_id, day, clicks, conversations, messages, qualified,
        qualification_s, conversions, marks)
    select organization, campaign_id, day, sum(c.clicks), sum(c.conversations), sum(c.messages),
        sum(c.qualified), sum(c.qualification_s), sum(c.conversions), coalesce(m.marks, '{}')
    from counted c left join marked m using (campaign_id, day)
    group by campaign_id, day, m.marks;

    insert into campaign_parts (organization_id, campaign_id, day, dimension, key, currency, clicks,
        conversations, qualified, conversions, payments, revenue, refunded)
    select organization, campaign_id, day, dimension, key, currency, sum(clicks), sum(conversations),
        sum(qualified), sum(conversions), sum(payments), sum(revenue), sum(refunded)
    from (
        select v.campaign_id, app.local_day(organization, v.created_at) as day, 'source' as dimension,
            app.source_key(v.parameters) as key, '' as currency, 1 as clicks, 0 as conversations,
            0 as qualified, 0 as conversions, 0 as payments, 0::bigint as revenue, 0::bigint as refunded
        from visits v where v.organization_id = organization
        union all
        select c.campaign_id, app.local_day(organization, c.created_at), 'source', app.source_key(c.source), '',
            0, 1, 0, 0, 0, 0, 0
        from conversations c where c.organization_id = organization
        union all
        select c.campaign_id, app.local_day(organization, c.qualified_at), 'source', app.source_key(c.source),
            '', 0, 0, 1, 0, 0, 0, 0
        from conversations c where c.organization_id = organization and c.qualified_at is not null
        union all
        select p.campaign_id, app.local_day(organization, p.paid_at), part.dimension, part.key, p.currency,
            0, 0, 0, p.converts::integer, 1, p.amount, 0
        from payments p cross join app.payment_parts(p) part where p.organization_id = organization
        union all
        select p.campaign_id, app.local_day(organization, a.occurred_at), part.dimension, part.key, p.currency,
            0, 0, 0, 0, 0, 0, a.amount
        from payment_adjustments a join payments p on p.id = a.payment_id
            cross join app.payment_parts(p) part
        where a.organization_id = organization and a.counted
    ) every
    group by campaign_id, day, dimension, key, currency;

    update campaigns k set
        total_clicks = coalesce(f.clicks, 0), total_conversations = coalesce(f.conversations, 0),
        total_qualified = coalesce(f.qualified, 0), total_conversions = coalesce(f.conversions, 0)
    from campaigns c
    left join (
        select campaign_id, sum(clicks) as clicks, sum(conversations) as conversations,
            sum(qualified) as qualified, sum(conversions) as conversions
        from campaign_days where organization_id = organization group by 1
    ) f on f.campaign_id = c.id
    where k.id = c.id and c.organization_id = organization;
end
$$;

create function app.check_time_zone() returns trigger language plpgsql as $$
begin
    perform now() at time zone new.time_zone;
    return new;
end
$$;

create function app.recount_after_change() returns trigger
language plpgsql security definer set search_path = public as $$
begin
    perform app.recount_figures(new.id);
    return null;
end
$$;

create trigger time_zone_exists before insert or update of time_zone on organizations
    for each row execute function app.check_time_zone();
create trigger days_are_others after update of time_zone on organizations
    for each row when (old.time_zone is distinct from new.time_zone) execute function app.recount_after_change();

grant create on schema app to limitless_figures;
do $$
declare
    f regprocedure;
begin
    foreach f in array array[
        'app.count_visit()', 'app.count_conversation()', 'app.count_payment()', 'app.count_adjustment()',
        'app.recount_figures(text)', 'app.recount_after_change()'
    ]::regprocedure[] loop
        execute format('alter function %s owner to limitless_figures', f);
        execute format('revoke all on function %s from public', f);
    end loop;
end
$$;
revoke create on schema app from limitless_figures;

do $$
declare
    organization text;
begin
    for organization in select id from organizations loop
        perform app.recount_figures(organization);
    end loop;
end
$$;

reset lock_timeout;
reset statement_timeout;
