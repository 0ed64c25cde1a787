-- Roles, claims, organizations and their people.
set lock_timeout = '5s';
set statement_timeout = '60s';

-- The role that every request and job runs as: no login, no bypass of row-level security.
-- The second one owns the few functions that must look across organizations, and sees nothing else.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['limitless_app', 'limitless_lookup'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I nologin', wanted);
        end if;
        execute format('grant %I to current_user', wanted);
    end loop;
end
$$;

create schema app;
create schema if not exists extensions;
create extension if not exists vector with schema extensions;

grant usage on schema public, app, extensions to limitless_app, limitless_lookup;
alter default privileges in schema public revoke all on tables from anon, authenticated;

create function app.claims() returns jsonb language sql stable parallel safe as $$
    select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
$$;

create function app.organization_id() returns text language sql stable parallel safe as $$
    select app.claims() -> 'app_metadata' ->> 'organization_id'
$$;

-- A lead's claims name one conversation; an owner's and a job's name none.
create function app.thread_id() returns text language sql stable parallel safe as $$
    select app.claims() -> 'app_metadata' ->> 'thread_id'
$$;

create table organizations (
    id text primary key,
    name text not null check (name <> ''),
    time_zone text not null default 'UTC',
    created_at timestamptz not null default now()
);

create table users (
    id text primary key,
    email text not null unique check (email = lower(email)),
    full_name text not null default '',
    password_hash text,
    is_active boolean not null default true,
    created_at timestamptz not null default now()
);

create table memberships (
    organization_id text not null references organizations on delete cascade,
    user_id text not null references users on delete cascade,
    role text not null check (role in ('viewer', 'analyst', 'manager', 'admin', 'superadmin')),
    created_at timestamptz not null default now(),
    primary key (organization_id, user_id)
);
create index memberships_by_user on memberships (user_id);

alter table organizations enable row level security;
alter table organizations force row level security;
create policy tenant on organizations
    using (id = (select app.organization_id()))
    with check (id = (select app.organization_id()));

alter table memberships enable row level security;
alter table memberships force row level security;
create policy tenant on memberships
    using (organization_id = (select app.organization_id()))
    with check (organization_id = (select app.organization_id()));
create policy lookup on memberships for select to limitless_lookup using (true);

-- A user belongs to organizations by membership alone.
alter table users enable row level security;
alter table users force row level security;
create policy tenant on users
    using (exists (
        select from memberships m
        where m.user_id = users.id and m.organization_id = (select app.organization_id())
    ))
    with check ((select app.organization_id()) is not null);
create policy lookup on users for select to limitless_lookup using (true);

grant select, insert, update, delete on organizations, users, memberships to limitless_app;
grant select on users, memberships to limitless_lookup;

-- Who may log in: the one look across organizations that a login needs.
create function app.account_by_email(wanted text)
returns table (
    user_id text, email text, full_name text, password_hash text, is_active boolean,
    organization_id text, role text
)
language sql stable security definer set search_path = public as $$
    select u.id, u.email, u.full_name, u.password_hash, u.is_active, m.organization_id, m.role
    from users u
    join memberships m on m.user_id = u.id
    where u.email = lower(wanted)
    order by m.created_at, m.organization_id
$$;

grant create on schema app to limitless_lookup;
alter function app.account_by_email(text) owner to limitless_lookup;
revoke create on schema app from limitless_lookup;
revoke all on function app.account_by_email(text) from public;
grant execute on function app.account_by_email(text) to limitless_app;

-- Counted requests. Unlogged: a crash forgets them, which is what one wants of a limit.
create unlogged table app.rate_limits (
    key text primary key,
    started_at timestamptz not null,
    window_seconds integer not null,
    hits integer not null
);

-- Counts one request against each limit, in order, and stops at the first that is used up.
-- Answers one row per limit looked at; `hits` over `allowed` means refused.
create function app.count_request(keys text[], allowed integer[], windows integer[])
returns table (key text, hits integer, resets_at timestamptz)
language plpgsql security definer set search_path = app as $$
begin
    for i in 1 .. cardinality(keys) loop
        insert into rate_limits as r values (keys[i], clock_timestamp(), windows[i], 1)
        on conflict on constraint rate_limits_pkey do update set
            hits = case when r.started_at + make_interval(secs => windows[i]) <= clock_timestamp()
                        then 1 else least(r.hits + 1, allowed[i] + 1) end,
            started_at = case when r.started_at + make_interval(secs => windows[i]) <= clock_timestamp()
                              then clock_timestamp() else r.started_at end,
            window_seconds = windows[i]
        returning r.key, r.hits, r.started_at + make_interval(secs => windows[i])
        into key, hits, resets_at;
        return next;
        exit when hits > allowed[i];
    end loop;
end
$$;

create function app.forget_old_requests() returns bigint
language sql security definer set search_path = app as $$
    with gone as (
        delete from rate_limits
        where started_at + make_interval(secs => window_seconds) < clock_timestamp()
        returning 1
    )
    select count(*) from gone
$$;

revoke all on function app.count_request(text[], integer[], integer[]) from public;
revoke all on function app.forget_old_requests() from public;
grant execute on function app.count_request(text[], integer[], integer[]) to limitless_app;
grant execute on function app.forget_old_requests() to limitless_app;

reset lock_timeout;
reset statement_timeout;
