-- Who did what, from where: append-only for the app, each row chained to the one before by its hash.
set lock_timeout = '5s';
set statement_timeout = '60s';

do $$
begin
    if not exists (select from pg_roles where rolname = 'limitless_audit') then
        create role limitless_audit nologin;
    end if;
    execute format('grant limitless_audit to %I', current_user);
end
$$;
grant usage on schema public, app to limitless_audit;

-- For the jobs and commands that go through every organization; no request's claims say so.
create function app.is_maintenance() returns boolean language sql stable parallel safe as $$
    select coalesce((app.claims() -> 'app_metadata' ->> 'maintenance')::boolean, false)
$$;

create table audit_events (
    chain text not null,
    seq bigint not null,
    id text not null unique default 'audit_' || replace(gen_random_uuid()::text, '-', ''),
    organization_id text,
    occurred_at timestamptz not null default clock_timestamp(),
    event_type text not null,
    actor_id text,
    address text,
    user_agent text,
    request_id text,
    resource text,
    resource_id text,
    before jsonb,
    after jsonb,
    hash bytea not null,
    primary key (chain, seq)
);
comment on table audit_events is
    'One chain for each organization and one, named installation, for what belongs to none. Outlives both.';
create index audit_events_by_time on audit_events (organization_id, occurred_at desc, seq desc);

-- The end of each chain, so that a row cut off the end shows too; and where its kept part begins.
create table app.audit_chains (
    chain text primary key,
    seq bigint not null default 0,
    hash bytea not null default '',
    pruned_seq bigint not null default 0,
    pruned_hash bytea not null default ''
);

alter table audit_events enable row level security;
alter table audit_events force row level security;
alter table app.audit_chains enable row level security;
alter table app.audit_chains force row level security;
create policy staff on audit_events for select
    using (organization_id = (select app.staff_organization_id()));
create policy maintenance on audit_events for select using ((select app.is_maintenance()));
create policy keeper on audit_events to limitless_audit using (true) with check (true);
create policy keeper on app.audit_chains to limitless_audit using (true) with check (true);
grant select on audit_events to limitless_app;
grant select, insert, delete on audit_events to limitless_audit;
grant select, insert, update on app.audit_chains to limitless_audit;

create function app.audit_digest(e audit_events, previous bytea) returns bytea
language sql immutable set search_path = '' as $$
    select pg_catalog.sha256(previous || pg_catalog.convert_to(pg_catalog.jsonb_build_array(
        e.chain, e.seq, e.id, e.organization_id,
        pg_catalog.trunc(extract(epoch from e.occurred_at) * 1000000), e.event_type, e.actor_id,
        e.address, e.user_agent, e.request_id, e.resource, e.resource_id, e.before, e.after
    )::text, 'UTF8'))
$$;

-- Appends to the chain of the claims' organization. Who and from where stand in the claims.
create function app.record_event(
    kind text, resource text default null, resource_id text default null,
    before jsonb default null, after jsonb default null
) returns void
language plpgsql security definer set search_path = public as $$
declare
    origin jsonb := coalesce(app.claims() -> 'origin', '{}');
    head app.audit_chains;
    event audit_events;
begin
    insert into app.audit_chains as c (chain) values (coalesce(app.organization_id(), 'installation'))
    on conflict (chain) do update set seq = c.seq
    returning * into head;
    event.chain := head.chain;
    event.seq := head.seq + 1;
    event.id := 'audit_' || replace(gen_random_uuid()::text, '-', '');
    event.organization_id := app.organization_id();
    event.occurred_at := clock_timestamp();
    event.event_type := kind;
    event.actor_id := app.user_id();
    event.address := origin ->> 'address';
    event.user_agent := origin ->> 'user_agent';
    event.request_id := origin ->> 'request_id';
    event.resource := record_event.resource;
    event.resource_id := record_event.resource_id;
    event.before := record_event.before;
    event.after := record_event.after;
    event.hash := app.audit_digest(event, head.hash);
    insert into audit_events select event.*;
    update app.audit_chains c set seq = event.seq, hash = event.hash where c.chain = event.chain;
end
$$;

create function app.masked(image jsonb, secret text[]) returns jsonb language sql immutable as $$
    select jsonb_object_agg(key, case when key = any (secret) and value <> 'null' then '"***"' else value end)
    from jsonb_each(image)
$$;

-- Every change of a table, whoever makes it. Arguments: the resource's name, its id's column, the
-- columns whose values are secret (shown as a mark), the columns that are no change worth a word.
create function app.audit_change() returns trigger language plpgsql as $$
declare
    secret text[] := string_to_array(tg_argv[2], ',');
    idle text[] := string_to_array(tg_argv[3], ',');
    before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - idle end;
    after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - idle end;
    found text := coalesce(after, before) ->> tg_argv[1];
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
    perform app.record_event(tg_argv[0] || '_' || verb, tg_argv[0], found,
        app.masked(before, secret), app.masked(after, secret));
    return null;
end
$$;

create trigger audited after insert or update or delete on organizations
    for each row execute function app.audit_change('organization', 'id', '', 'updated_at');
create trigger audited after insert or update or delete on users
    for each row execute function app.audit_change('user', 'id', 'password_hash,email,full_name', 'updated_at');
create trigger audited after insert or update or delete on memberships
    for each row execute function app.audit_change('membership', 'user_id', '', 'updated_at');
create trigger audited after insert or update or delete on invitations
    for each row execute function app.audit_change('invitation', 'id', 'token_hash,email', '');
create trigger audited after insert or update or delete on api_keys
    for each row execute function app.audit_change('api_key', 'id', 'key_hash', 'last_used_at');
create trigger audited after insert or update or delete on mfa_enrollments
    for each row execute function app.audit_change(
        'mfa', 'user_id', 'sealed_secret', 'last_step,failures,locked_until');
create trigger audited after insert or update or delete on playbooks
    for each row execute function app.audit_change('playbook', 'id', '', '');

-- Rows that do not follow from the one before them, and ends that are not where they were.
create function app.audit_faults() returns table (chain text, seq bigint, fault text)
language sql stable security definer set search_path = public as $$
    with linked as (
        select e.chain, e.seq, e.hash,
               app.audit_digest(e, coalesce(lag(e.hash) over w, c.pruned_hash, '')) as expected,
               coalesce(lag(e.seq) over w, c.pruned_seq, 0) + 1 as expected_seq
        from audit_events e left join app.audit_chains c on c.chain = e.chain
        window w as (partition by e.chain order by e.seq)
    ), last as (
        select distinct on (e.chain) e.chain, e.seq, e.hash from audit_events e order by e.chain, e.seq desc
    )
    select f.chain, f.seq, f.fault from (
        select l.chain, l.seq, 'rows before it are missing' as fault from linked l where l.seq <> l.expected_seq
        union all
        select l.chain, l.seq, 'changed, or chained to a changed row' from linked l
        where l.hash <> l.expected and l.seq = l.expected_seq
        union all
        select c.chain, c.seq, 'the end of the chain is missing or changed' from app.audit_chains c
        left join last on last.chain = c.chain
        where (coalesce(last.seq, c.pruned_seq), coalesce(last.hash, c.pruned_hash))
              is distinct from (c.seq, c.hash)
        union all
        select l.chain, l.seq, 'the chain is not on record' from last l
        where not exists (select from app.audit_chains c where c.chain = l.chain)
    ) f
    where app.is_maintenance()
    order by f.chain, f.seq
$$;

-- Seven years are kept; what is older goes, and the chain remembers where its kept part begins.
create function app.prune_audit() returns bigint
language plpgsql security definer set search_path = public as $$
declare
    head app.audit_chains;
    latest audit_events;
    gone bigint := 0;
    n bigint;
begin
    for head in select * from app.audit_chains for update loop
        select * into latest from audit_events e
        where e.chain = head.chain and e.occurred_at < now() - interval '7 years'
        order by e.seq desc limit 1;
        continue when not found;
        delete from audit_events e where e.chain = head.chain and e.seq <= latest.seq;
        get diagnostics n = row_count;
        gone := gone + n;
        update app.audit_chains c set pruned_seq = latest.seq, pruned_hash = latest.hash where c.chain = head.chain;
    end loop;
    return gone;
end
$$;

grant create on schema app to limitless_audit;
do $$
declare
    f regprocedure;
begin
    foreach f in array array[
        'app.record_event(text, text, text, jsonb, jsonb)', 'app.audit_faults()', 'app.prune_audit()'
    ]::regprocedure[] loop
        execute format('alter function %s owner to limitless_audit', f);
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to limitless_app, limitless_accounts', f);
    end loop;
end
$$;
revoke create on schema app from limitless_audit;

reset lock_timeout;
reset statement_timeout;
