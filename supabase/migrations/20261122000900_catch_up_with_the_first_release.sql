-- From the first release to this one: what its tables, functions and policies have become since. A database that
-- is past it has all of this already, and newer forms of some: there nothing is done.
set lock_timeout = '5s';
set statement_timeout = 0;

do $catch_up$
begin
if to_regprocedure('app.abandoned_turns(integer, text, text[])') is not null then
    return;
end if;
execute $body$
-- Turns -------------------------------------------------------------------------------------------

drop function if exists app.abandoned_turns(integer);
-- Turns that nobody runs: their runner is gone, or it is the one that asks and knows nothing of them
-- (the connection broke before it heard that the turn was written).
create or replace function app.abandoned_turns(silent_seconds integer, asking text, held text[])
returns table (organization_id text, conversation_id text, turn_id text, attempt integer)
language sql stable security definer set search_path = public as $$
    select t.organization_id, t.conversation_id, t.id, t.attempt
    from turns t
    where t.status = 'running' and case
        when t.runner_id = asking
        then t.id <> all(held) and t.started_at < now() - interval '2 seconds'
        else not exists (
            select from app.runners r
            where r.id = t.runner_id and r.seen_at > now() - make_interval(secs => silent_seconds))
        end
    order by t.created_at
    limit 100
$$;

grant create on schema app to limitless_lookup;
alter function app.abandoned_turns(integer, text, text[]) owner to limitless_lookup;
revoke create on schema app from limitless_lookup;
revoke all on function app.abandoned_turns(integer, text, text[]) from public;
grant execute on function app.abandoned_turns(integer, text, text[]) to limitless_app;

-- Documents: half precision loses no neighbour that matters, and a search touches half of the pages ---

drop index if exists chunk_embeddings_near_wordllama;
create index chunk_embeddings_near_wordllama on chunk_embeddings
    using hnsw ((embedding::extensions.halfvec(256)) extensions.halfvec_cosine_ops)
    with (m = 16, ef_construction = 100)
    where model = 'wordllama-l2-256' and dimensions = 256;
drop index if exists chunk_embeddings_near_openai_small;
create index chunk_embeddings_near_openai_small on chunk_embeddings
    using hnsw ((embedding::extensions.halfvec(1536)) extensions.halfvec_cosine_ops)
    with (m = 16, ef_construction = 100)
    where model = 'text-embedding-3-small' and dimensions = 1536;

comment on column conversations.checkout_at is
    'When the link to pay was first given; checkout_opened_at is when it was last followed.';

-- Audit: every change to the chain of its row's organization -----------------------------------------

-- Appends to an organization's chain. Who did it and from where stand in the claims.
create or replace function app.append_event(
    organization text, kind text, resource text, resource_id text, before jsonb, after jsonb
) returns void
language plpgsql set search_path = public as $$
declare
    origin jsonb := coalesce(app.claims() -> 'origin', '{}');
    head app.audit_chains;
    event audit_events;
begin
    insert into app.audit_chains as c (chain) values (coalesce(organization, 'installation'))
    on conflict (chain) do update set seq = c.seq
    returning * into head;
    event.chain := head.chain;
    event.seq := head.seq + 1;
    event.id := 'audit_' || replace(gen_random_uuid()::text, '-', '');
    event.organization_id := organization;
    event.occurred_at := clock_timestamp();
    event.event_type := kind;
    event.actor_id := app.user_id();
    event.address := origin ->> 'address';
    event.user_agent := origin ->> 'user_agent';
    event.request_id := origin ->> 'request_id';
    event.resource := append_event.resource;
    event.resource_id := append_event.resource_id;
    event.before := append_event.before;
    event.after := append_event.after;
    event.hash := app.audit_digest(event, head.hash);
    insert into audit_events select event.*;
    update app.audit_chains c set seq = event.seq, hash = event.hash where c.chain = event.chain;
end
$$;

-- What no table's change says: to the chain of the claims' organization.
create or replace function app.record_event(
    kind text, resource text default null, resource_id text default null,
    before jsonb default null, after jsonb default null
) returns void
language sql security definer set search_path = public as $$
    select app.append_event(app.organization_id(), kind, resource, resource_id, before, after)
$$;

-- Every change of a table, whoever makes it, to the chain of the row's organization. Arguments: the resource's name, its id's column, the
-- columns whose values are secret (shown as a mark), the columns that are no change worth a word.
create or replace function app.audit_change() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    secret text[] := string_to_array(tg_argv[2], ',');
    idle text[] := string_to_array(tg_argv[3], ',');
    before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - idle end;
    after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - idle end;
    found text := coalesce(after, before) ->> tg_argv[1];
    organization text := coalesce(
        coalesce(after, before) ->> case tg_table_name when 'organizations' then 'id' else 'organization_id' end,
        app.organization_id());
    verb text := case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end;
begin
    if tg_op = 'UPDATE' then
        select jsonb_object_agg(b.key, b.value), jsonb_object_agg(b.key, after -> b.key)
        into before, after
        from jsonb_each(before) b
        where b.value is distinct from after -> b.key;
        if before is null then
            return null;
        end if;
    end if;
    perform app.append_event(organization, tg_argv[0] || '_' || verb, tg_argv[0], found,
        app.masked(before, secret), app.masked(after, secret));
    return null;
end
$$;

drop trigger if exists audited on payments;
create trigger audited after insert or update or delete on payments
    for each row execute function app.audit_change(
        'payment', 'id', 'email,name,customer_id,conversation_id', 'mail_claimed_at,mailed_at');
drop trigger if exists audited on payment_adjustments;
create trigger audited after insert or update or delete on payment_adjustments
    for each row execute function app.audit_change('payment_adjustment', 'id', '', 'told_at,rank');

grant create on schema app to limitless_audit;
revoke execute on function app.record_event(text, text, text, jsonb, jsonb), app.audit_faults(), app.prune_audit()
    from limitless_accounts;
-- Nobody but the two above calls it: whose chain it is, is not the caller's to say.
alter function app.audit_change() owner to limitless_audit;
alter function app.append_event(text, text, text, text, jsonb, jsonb) owner to limitless_audit;
revoke all on function app.append_event(text, text, text, text, jsonb, jsonb) from public;
revoke create on schema app from limitless_audit;

-- Figures: a campaign's totals stand in rows of their own, for which nobody waits --------------------

create index if not exists conversations_by_beginning on conversations (organization_id, created_at, id);
drop policy if exists figures_count on campaigns;
alter table campaigns
    drop column if exists total_clicks,
    drop column if exists total_conversations,
    drop column if exists total_qualified,
    drop column if exists total_conversions;

create table if not exists campaign_totals (
    id bigint generated always as identity primary key,
    organization_id text not null references organizations on delete cascade,
    campaign_id text not null references campaigns on delete cascade,
    clicks bigint not null default 0,
    conversations bigint not null default 0,
    qualified bigint not null default 0,
    conversions bigint not null default 0
) with (fillfactor = 50);
create index if not exists campaign_totals_by_campaign on campaign_totals (campaign_id);
alter table campaign_totals enable row level security;
alter table campaign_totals force row level security;
drop policy if exists staff on campaign_totals;
create policy staff on campaign_totals for select
    using (organization_id = (select app.organization_id()) and (select app.thread_id()) is null);
drop policy if exists figures on campaign_totals;
create policy figures on campaign_totals to limitless_figures using (true) with check (true);
grant select on campaign_totals to limitless_app;
grant select, insert, update, delete on campaign_totals to limitless_figures;

drop function if exists app.add_to_day(
    text, text, date, integer, integer, integer, integer, bigint, integer, text[], text[]);
drop function if exists app.add_to_part(
    text, text, date, text, text, text, integer, integer, integer, integer, integer, bigint, bigint);
-- Before a day is asked for: from here to the end of the transaction the organization's days stay as they are.
create or replace function app.hold_days(organization text) returns void language sql as $$
    select pg_advisory_xact_lock_shared(hashtextextended('figures ' || organization, 0))
$$;

-- In plpgsql, as Postgres 18 fails to plan a union with the same in SQL, which it would inline.
create or replace function app.payment_parts(p payments) returns table (dimension text, key text)
language plpgsql stable as $$
begin
    return query
        values ('total', ''), ('offer', p.offer_id), ('source', app.source_key(p.source))
        union all
        select 'objection', type || case when answered = 'true' then '/answered' else '/open' end
        from jsonb_each_text(p.objections) as met (type, answered)
        union all
        select 'objection', 'none' where p.objections = '{}';
end
$$;

-- A campaign that is gone has no figures, and gets none while its rows follow it.
create or replace function app.add_to_day(
    campaign text, on_day date,
    clicks integer default 0, conversations integer default 0, messages integer default 0,
    qualified integer default 0, qualification_s bigint default 0, conversions integer default 0,
    entering text[] default '{}', leaving text[] default '{}'
) returns void
language plpgsql set search_path = public as $$
begin
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

create or replace function app.add_to_part(
    campaign text, on_day date, of_dimension text, of_key text,
    of_currency text default '', clicks integer default 0, conversations integer default 0,
    qualified integer default 0, conversions integer default 0, payments integer default 0,
    revenue bigint default 0, refunded bigint default 0
) returns void
language plpgsql set search_path = public as $$
begin
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

create or replace function app.add_to_totals(
    campaign text, clicks integer default 0, conversations integer default 0, qualified integer default 0,
    conversions integer default 0
) returns void
language plpgsql set search_path = public as $$
begin
    update campaign_totals t set
        clicks = t.clicks + add_to_totals.clicks,
        conversations = t.conversations + add_to_totals.conversations,
        qualified = t.qualified + add_to_totals.qualified,
        conversions = t.conversions + add_to_totals.conversions
    where t.id = (
        select f.id from campaign_totals f where f.campaign_id = campaign limit 1 for update skip locked
    );
    if not found then
        insert into campaign_totals (organization_id, campaign_id, clicks, conversations, qualified, conversions)
        select c.organization_id, c.id, add_to_totals.clicks, add_to_totals.conversations,
            add_to_totals.qualified, add_to_totals.conversions
        from campaigns c where c.id = campaign;
    end if;
end
$$;

create or replace function app.count_visit() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    v visits := case when tg_op = 'DELETE' then old else new end;
    n integer := case when tg_op = 'DELETE' then -1 else 1 end;
    on_day date;
begin
    perform app.hold_days(v.organization_id);
    on_day := app.local_day(v.organization_id, v.created_at);
    if tg_op = 'UPDATE' then
        perform app.add_to_part(v.campaign_id, on_day, 'source',
            app.source_key(old.parameters), clicks => -1);
    else
        perform app.add_to_day(v.campaign_id, on_day, clicks => n);
        perform app.add_to_totals(v.campaign_id, clicks => n);
    end if;
    perform app.add_to_part(v.campaign_id, on_day, 'source',
        app.source_key(v.parameters), clicks => n);
    return null;
end
$$;

create or replace function app.count_qualification(c conversations, n integer) returns void
language plpgsql set search_path = public as $$
declare
    on_day date := app.local_day(c.organization_id, c.qualified_at);
    took bigint := extract(epoch from c.qualified_at - c.created_at)::bigint;
begin
    perform app.add_to_day(c.campaign_id, on_day, qualified => n, qualification_s => n * took);
    perform app.add_to_part(c.campaign_id, on_day, 'source', app.source_key(c.source),
        qualified => n);
    perform app.add_to_totals(c.campaign_id, qualified => n);
end
$$;

create or replace function app.count_conversation() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    c conversations := case when tg_op = 'DELETE' then old else new end;
    n integer := case tg_op when 'INSERT' then 1 when 'DELETE' then -1 else 0 end;
    before text[] := '{}';
    after text[] := '{}';
    on_day date;
begin
    perform app.hold_days(c.organization_id);
    on_day := app.local_day(c.organization_id, c.created_at);
    if tg_op <> 'INSERT' then
        before := app.marks(old);
    end if;
    if tg_op <> 'DELETE' then
        after := app.marks(new);
    end if;
    perform app.add_to_day(c.campaign_id, on_day,
        conversations => n,
        messages => case tg_op when 'INSERT' then new.total_messages when 'DELETE' then -old.total_messages
                    else new.total_messages - old.total_messages end,
        entering => array(select unnest(after) except all select unnest(before)),
        leaving => array(select unnest(before) except all select unnest(after)));
    if n <> 0 then
        perform app.add_to_part(c.campaign_id, on_day, 'source', app.source_key(c.source),
            conversations => n);
        perform app.add_to_totals(c.campaign_id, conversations => n);
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

create or replace function app.add_payment(p payments, n integer) returns void
language plpgsql set search_path = public as $$
declare
    on_day date;
    converted integer := n * p.converts::integer;
begin
    perform app.hold_days(p.organization_id);
    on_day := app.local_day(p.organization_id, p.paid_at);
    perform app.add_to_part(p.campaign_id, on_day, part.dimension, part.key, p.currency,
        conversions => converted, payments => n, revenue => n * p.amount)
    from app.payment_parts(p) part;
    if p.converts then
        perform app.add_to_day(p.campaign_id, on_day, conversions => n);
        perform app.add_to_totals(p.campaign_id, conversions => n);
    end if;
end
$$;

create or replace function app.add_adjustment(a payment_adjustments, n integer) returns void
language plpgsql set search_path = public as $$
declare
    p payments;
    on_day date;
begin
    perform app.hold_days(a.organization_id);
    on_day := app.local_day(a.organization_id, a.occurred_at);
    select * into p from payments where id = a.payment_id;
    if not a.counted or p.id is null then
        return;
    end if;
    perform app.add_to_part(p.campaign_id, on_day, part.dimension, part.key, p.currency,
        refunded => n * a.amount)
    from app.payment_parts(p) part;
end
$$;

-- All days of an organization from its rows: for rows older than the figures, and when its days become
-- others. Nothing of the organization is counted meanwhile. The totals know no days.
create or replace function app.recount_figures(organization text) returns void
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
end
$$;

insert into campaign_totals (organization_id, campaign_id, clicks, conversations, qualified, conversions)
select organization_id, campaign_id, sum(clicks), sum(conversations), sum(qualified), sum(conversions)
from campaign_days where not exists (select from campaign_totals) group by organization_id, campaign_id;

-- Vault -----------------------------------------------------------------------------------------------

drop policy if exists sealing on app.vault_masters;
drop index if exists app.vault_masters_current;
alter table app.vault_masters drop column if exists is_current,
    drop constraint if exists vault_masters_key_id_key,
    add constraint vault_masters_key_id_key unique (key_id);
alter table vault_secrets
    alter column wrapped_key drop not null,
    alter column ciphertext drop not null,
    add column if not exists warned_at timestamptz,
    drop constraint if exists vault_secrets_check,
    add constraint vault_secrets_check check (status <> 'active' or (wrapped_key is not null and ciphertext is not null));
create index if not exists vault_secrets_due on vault_secrets (next_rotation) where status = 'active';
comment on column vault_secrets.ciphertext is 'Gone once the secret is no longer active.';
drop trigger if exists audited on vault_secrets;
create trigger audited after update of status or delete on vault_secrets
    for each row execute function app.audit_change(
        'vault_key', 'id', 'wrapped_key,ciphertext,metadata', 'usage_count,last_used,updated_at,warned_at');

-- Privacy: a request may be about several conversations ------------------------------------------------

drop policy if exists lead on privacy_archives;
drop policy if exists lead on privacy_requests;
drop index if exists privacy_requests_that_wait;
drop trigger if exists audited on privacy_requests;
alter table privacy_requests add column if not exists subject_ids text[];
do $$
begin
    if exists (select from pg_attribute where attrelid = 'privacy_requests'::regclass and attname = 'subject_id'
               and not attisdropped) then
        update privacy_requests set subject_ids = array[subject_id] where subject_ids is null;
    end if;
end
$$;
alter table privacy_requests
    alter column subject_ids set not null,
    drop constraint if exists privacy_requests_subject_ids_check,
    add constraint privacy_requests_subject_ids_check check (cardinality(subject_ids) > 0),
    drop column if exists subject_id;
comment on column privacy_requests.subject_ids is
    'A user''s id, or those of conversations. Those hold a handle: once they are deleted, digests stand here.';
create unique index privacy_requests_that_wait on privacy_requests (organization_id, kind, subject_ids)
    where status = 'queued';

create or replace function app.subject_digest(conversation text) returns text language sql immutable parallel safe as $$
    select 'gone_' || left(encode(sha256(convert_to(conversation, 'UTF8')), 'hex'), 32)
$$;

-- The requests of a lead's own conversation, also after it is gone.
create or replace function app.asked_by_lead(subject text, subject_ids text[]) returns boolean
language sql stable as $$
    select subject = 'lead'
        and subject_ids in (array[app.thread_id()], array[app.subject_digest(app.thread_id())])
$$;

-- What the jobs that go through every organization may do across them.
drop policy if exists maintenance on privacy_archives;
create policy maintenance on privacy_archives for select using ((select app.is_maintenance()));
drop policy if exists maintenance_deletes on privacy_archives;
create policy maintenance_deletes on privacy_archives for delete using ((select app.is_maintenance()));
drop policy if exists maintenance on sessions;
create policy maintenance on sessions for select using ((select app.is_maintenance()));
drop policy if exists maintenance_deletes on sessions;
create policy maintenance_deletes on sessions for delete using ((select app.is_maintenance()));
drop policy if exists maintenance on organizations;
create policy maintenance on organizations for select using ((select app.is_maintenance()));

drop policy if exists lead on privacy_requests;
create policy lead on privacy_requests
    using (organization_id = (select app.organization_id()) and app.asked_by_lead(subject, subject_ids))
    with check (organization_id = (select app.organization_id()) and app.asked_by_lead(subject, subject_ids));
drop policy if exists lead on privacy_archives;
create policy lead on privacy_archives for select
    using (organization_id = (select app.organization_id()) and exists (
        select from privacy_requests r
        where r.id = request_id and app.asked_by_lead(r.subject, r.subject_ids)));

-- The organizations that would be left without an admin by the claims' user.
create or replace function app.only_admin_of() returns table (id text)
language sql stable security definer set search_path = public as $$
    select m.organization_id from memberships m
    where m.user_id = app.user_id() and m.role in ('admin', 'superadmin') and m.is_active
      and not exists (
        select from memberships o join users u on u.id = o.user_id
        where o.organization_id = m.organization_id and o.user_id <> m.user_id
          and o.role in ('admin', 'superadmin') and o.is_active and u.is_active)
    order by m.organization_id
$$;
grant create on schema app to limitless_accounts;
alter function app.only_admin_of() owner to limitless_accounts;
revoke create on schema app from limitless_accounts;
revoke all on function app.only_admin_of() from public;
grant execute on function app.only_admin_of() to limitless_app;

-- What Stripe told of somebody, once it was dealt with: the ids stay, so that nothing counts twice.
create or replace function app.redact_stripe_events(mentioned text[]) returns bigint
language sql security definer set search_path = public as $$
    with redacted as (
        update stripe_events set payload = '{}'
        where organization_id = app.staff_organization_id() and settled_at is not null and payload <> '{}'
          and exists (select from unnest(mentioned) m where m <> '' and position(m in payload) > 0)
        returning 1
    )
    select count(*) from redacted
$$;
grant create on schema app to limitless_payments;
alter function app.redact_stripe_events(text[]) owner to limitless_payments;
revoke create on schema app from limitless_payments;
revoke all on function app.redact_stripe_events(text[]) from public;
grant execute on function app.redact_stripe_events(text[]) to limitless_app;

drop trigger if exists audited on privacy_requests;
create trigger audited after insert or update of status or delete on privacy_requests
    for each row execute function app.audit_change('privacy_request', 'id', 'subject_ids', 'receipt');
drop trigger if exists audited on consents;
create trigger audited after insert or delete on consents
    for each row execute function app.audit_change('consent', 'id', 'subject_id', '');
$body$;
end
$catch_up$;

reset lock_timeout;
reset statement_timeout;
