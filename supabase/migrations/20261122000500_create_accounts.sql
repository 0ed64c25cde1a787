-- Sessions, second factors, registrations, invitations and API keys.
set lock_timeout = '5s';
set statement_timeout = '60s';

-- Owns the functions that must act before anybody is known: signing in, confirming a mailed link.
do $$
begin
    if not exists (select from pg_roles where rolname = 'limitless_accounts') then
        create role limitless_accounts nologin;
    end if;
    execute format('grant limitless_accounts to %I', current_user);
end
$$;
grant usage on schema public, app to limitless_accounts;

create function app.user_id() returns text language sql stable parallel safe as $$
    select app.claims() ->> 'sub'
$$;

-- The organization, for those who work in it: a lead's claims name one too, and see none of this.
create function app.staff_organization_id() returns text language sql stable parallel safe as $$
    select case when app.thread_id() is null then app.organization_id() end
$$;

alter table organizations
    add column slug text unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    add column plan text not null default 'free' check (plan ~ '^[a-z0-9_-]{1,40}$'),
    add column max_users integer check (max_users > 0),
    add column max_campaigns integer check (max_campaigns > 0),
    add column is_active boolean not null default true,
    add column updated_at timestamptz not null default now();

alter table users
    add column email_verified_at timestamptz,
    add column supabase_id text unique,
    add column updated_at timestamptz not null default now();

alter table memberships
    add column is_active boolean not null default true,
    add column updated_at timestamptz not null default now();

create table sessions (
    id text primary key,
    user_id text not null references users on delete cascade,
    organization_id text not null references organizations on delete cascade,
    generation integer not null default 0,
    address text,
    user_agent text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    end_reason text check (end_reason in ('logout', 'reuse', 'password', 'mfa', 'everywhere')),
    check ((ended_at is null) = (end_reason is null))
);
create index sessions_by_user on sessions (user_id);
create index sessions_by_expiry on sessions (expires_at);
comment on column sessions.generation is
    'Counts the refreshes; a refresh token of an earlier generation was stolen or replayed.';

create table mfa_enrollments (
    user_id text primary key references users on delete cascade,
    sealed_secret bytea not null,
    confirmed_at timestamptz,
    last_step bigint not null default 0,
    failures integer not null default 0,
    locked_until timestamptz,
    created_at timestamptz not null default now()
);
comment on column mfa_enrollments.last_step is 'The newest time step whose code was used; no code of it or before counts again.';

create table mfa_backup_codes (
    user_id text not null references mfa_enrollments on delete cascade,
    code_hash bytea not null,
    used_at timestamptz,
    primary key (user_id, code_hash)
);

-- What belongs to nobody yet, and only the functions below may touch.
-- A registration becomes an account when its mailed link is opened. Each attempt stands for itself, so
-- that a link confirms the password it was made with and no other.
create table app.registrations (
    id text primary key,
    email text not null check (email = lower(email)),
    full_name text not null,
    password_hash text not null,
    token_hash bytea unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
);
create index registrations_by_expiry on app.registrations (expires_at);

create table app.password_resets (
    id text primary key,
    email text not null check (email = lower(email)),
    user_id text references users on delete cascade,
    token_hash bytea unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
);
create index password_resets_by_expiry on app.password_resets (expires_at);

create table invitations (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    email text not null check (email = lower(email)),
    role text not null check (role in ('viewer', 'analyst', 'manager', 'admin')),
    token_hash bytea unique,
    invited_by text references users on delete set null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    accepted_at timestamptz,
    revoked_at timestamptz
);
create unique index invitations_that_wait on invitations (organization_id, email)
    where accepted_at is null and revoked_at is null;
create index invitations_by_email on invitations (email);

create table api_keys (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    created_by text not null references users on delete cascade,
    name text not null check (name <> ''),
    prefix text not null,
    key_hash bytea not null unique,
    scopes text[] not null check (cardinality(scopes) > 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index api_keys_by_organization on api_keys (organization_id, created_at desc, id);

do $$
declare
    t text;
begin
    foreach t in array array['sessions', 'mfa_enrollments', 'mfa_backup_codes', 'invitations', 'api_keys',
                             'app.registrations', 'app.password_resets'] loop
        execute format('alter table %s enable row level security', t);
        execute format('alter table %s force row level security', t);
    end loop;
    foreach t in array array['sessions', 'mfa_enrollments', 'mfa_backup_codes'] loop
        execute format('create policy own on %s using (user_id = (select app.user_id()))'
                       ' with check (user_id = (select app.user_id()))', t);
        execute format('grant select, insert, update, delete on %s to limitless_app', t);
    end loop;
    foreach t in array array['invitations', 'api_keys'] loop
        execute format('create policy staff on %s using (organization_id = (select app.staff_organization_id()))'
                       ' with check (organization_id = (select app.staff_organization_id()))', t);
        execute format('grant select, insert, update, delete on %s to limitless_app', t);
    end loop;
    foreach t in array array['app.registrations', 'app.password_resets', 'invitations', 'api_keys'] loop
        execute format('create policy accounts on %s to limitless_accounts using (true) with check (true)', t);
        execute format('grant select, insert, update, delete on %s to limitless_accounts', t);
    end loop;
    foreach t in array array['users', 'memberships', 'organizations', 'mfa_enrollments', 'sessions'] loop
        execute format('create policy accounts on %s for select to limitless_accounts using (true)', t);
        execute format('grant select on %s to limitless_accounts', t);
    end loop;
end
$$;

create policy links on users for update to limitless_accounts using (true) with check (true);
grant update (supabase_id, email_verified_at) on users to limitless_accounts;

-- People are seen by themselves and by their organizations. A person of several organizations is
-- changed by nobody else; a password's hash leaves the table through the sign-in functions alone.
create function app.belongs_elsewhere(person text) returns boolean
language sql stable security definer set search_path = public as $$
    select exists (
        select from memberships m
        where m.user_id = person and m.organization_id is distinct from app.staff_organization_id()
    )
$$;

create function app.belongs_here(person text) returns boolean
language sql stable as $$
    select exists (
        select from public.memberships m
        where m.user_id = person and m.organization_id = app.staff_organization_id()
    )
$$;

drop policy tenant on memberships;
create policy staff on memberships
    using (organization_id = (select app.staff_organization_id()))
    with check (organization_id = (select app.staff_organization_id()));
create policy own on memberships for select using (user_id = (select app.user_id()));

drop policy tenant on users;
create policy seen on users for select
    using (id = (select app.user_id()) or app.belongs_here(id));
create policy joins on users for insert
    with check ((select app.staff_organization_id()) is not null);
create policy changes on users for update
    using (id = (select app.user_id()) or (app.belongs_here(id) and not app.belongs_elsewhere(id)));
create policy leaves on users for delete
    using (id = (select app.user_id()) or (app.belongs_here(id) and not app.belongs_elsewhere(id)));

revoke select on users from limitless_app;
grant select (id, email, full_name, is_active, created_at, updated_at, email_verified_at, supabase_id)
    on users to limitless_app;

-- Signing in ---------------------------------------------------------------------------------------

drop function app.account_by_email(text);
create function app.account_by_email(wanted text)
returns table (
    user_id text, email text, full_name text, password_hash text, is_active boolean,
    organization_id text, role text, mfa boolean
)
language sql stable security definer set search_path = public as $$
    select u.id, u.email, u.full_name, u.password_hash, u.is_active and m.is_active and o.is_active,
           m.organization_id, m.role, coalesce(f.confirmed_at is not null, false)
    from users u
    join memberships m on m.user_id = u.id
    join organizations o on o.id = m.organization_id
    left join mfa_enrollments f on f.user_id = u.id
    where u.email = wanted
    order by (m.is_active and o.is_active) desc, m.created_at, m.organization_id
$$;

-- What an identity of Supabase Auth may do here.
create function app.account_by_supabase_id(wanted text)
returns table (user_id text, email text, is_active boolean, organization_id text, role text)
language sql stable security definer set search_path = public as $$
    select u.id, u.email, u.is_active and m.is_active and o.is_active, m.organization_id, m.role
    from users u
    join memberships m on m.user_id = u.id
    join organizations o on o.id = m.organization_id
    where u.supabase_id = wanted
    order by m.created_at, m.organization_id
$$;

-- The account with this address belongs to the identity from now on. False when none does.
create function app.link_supabase_identity(identity text, wanted text) returns boolean
language sql security definer set search_path = public as $$
    with linked as (
        update users u
        set supabase_id = identity, email_verified_at = coalesce(u.email_verified_at, now())
        where u.email = wanted and coalesce(u.supabase_id, identity) = identity
        returning 1
    )
    select exists (select from linked)
$$;

-- The organizations of the claims' user, by name.
create function app.own_organizations() returns table (id text, name text, role text)
language sql stable security definer set search_path = public as $$
    select o.id, o.name, m.role
    from memberships m join organizations o on o.id = m.organization_id
    where m.user_id = app.user_id() and m.is_active and o.is_active
    order by m.created_at, o.id
$$;

-- Every organization, for a superadmin.
create function app.list_organizations(most integer, skipped bigint)
returns table (
    id text, name text, slug text, plan text, max_users integer, max_campaigns integer, is_active boolean,
    created_at timestamptz, updated_at timestamptz, users bigint, total bigint
)
language sql stable security definer set search_path = public as $$
    select o.id, o.name, o.slug, o.plan, o.max_users, o.max_campaigns, o.is_active, o.created_at,
           o.updated_at, (select count(*) from memberships m where m.organization_id = o.id and m.is_active),
           count(*) over ()
    from organizations o
    where exists (
        select from memberships m join users u on u.id = m.user_id
        where m.user_id = app.user_id() and m.role = 'superadmin' and m.is_active and u.is_active
    )
    order by o.created_at desc, o.id desc
    limit most offset skipped
$$;

-- Registering and resetting ------------------------------------------------------------------------

create function app.begin_registration(
    new_id text, new_email text, new_name text, new_hash text, lasts interval
) returns void
language sql security definer set search_path = public as $$
    insert into app.registrations (id, email, full_name, password_hash, expires_at)
    values (new_id, new_email, new_name, new_hash, now() + lasts)
$$;

-- Gives the registration its link; says whom to write to, and whether they have an account already.
create function app.arm_registration(wanted text, new_token_hash bytea)
returns table (email text, full_name text, known boolean)
language sql security definer set search_path = public as $$
    update app.registrations r set token_hash = new_token_hash
    where r.id = wanted and r.used_at is null and r.expires_at > now()
    returning r.email, r.full_name, exists (select from users u where u.email = r.email)
$$;

create function app.use_registration(wanted_token_hash bytea)
returns table (email text, full_name text, password_hash text)
language sql security definer set search_path = public as $$
    update app.registrations r set used_at = now()
    where r.token_hash = wanted_token_hash and r.used_at is null and r.expires_at > now()
      and not exists (select from users u where u.email = r.email)
    returning r.email, r.full_name, r.password_hash
$$;

create function app.begin_password_reset(new_id text, new_email text, lasts interval) returns void
language sql security definer set search_path = public as $$
    insert into app.password_resets (id, email, expires_at) values (new_id, new_email, now() + lasts)
$$;

-- Nothing to write to anybody when the address has no account with a password.
create function app.arm_password_reset(wanted text, new_token_hash bytea)
returns table (email text, full_name text)
language sql security definer set search_path = public as $$
    update app.password_resets r set token_hash = new_token_hash, user_id = u.id
    from users u
    where r.id = wanted and r.used_at is null and r.expires_at > now()
      and u.email = r.email and u.is_active and u.password_hash is not null
    returning u.email, u.full_name
$$;

-- Whose password a mailed link may set, and one of their organizations; the link is not used up by it.
create function app.password_reset_owner(wanted_token_hash bytea)
returns table (user_id text, organization_id text)
language sql stable security definer set search_path = public as $$
    select r.user_id, m.organization_id
    from app.password_resets r
    join users u on u.id = r.user_id and u.is_active
    left join memberships m on m.user_id = u.id
    where r.token_hash = wanted_token_hash and r.used_at is null and r.expires_at > now()
    order by m.created_at
    limit 1
$$;

create function app.use_password_reset(wanted_token_hash bytea) returns table (user_id text)
language sql security definer set search_path = public as $$
    with used as (
        update app.password_resets r set used_at = now()
        where r.token_hash = wanted_token_hash and r.used_at is null and r.expires_at > now()
        returning r.user_id
    ), others as (
        -- The other links that were asked for meanwhile are of no use any more.
        update app.password_resets r set used_at = now()
        from used where r.user_id = used.user_id and r.token_hash <> wanted_token_hash and r.used_at is null
    )
    select used.user_id from used
$$;

-- Invitations --------------------------------------------------------------------------------------

create function app.invitation_by_token(wanted_token_hash bytea)
returns table (id text, organization_id text, email text, role text, user_id text, verified boolean)
language sql stable security definer set search_path = public as $$
    select i.id, i.organization_id, i.email, i.role, u.id, u.email_verified_at is not null
    from invitations i
    left join users u on u.email = i.email
    where i.token_hash = wanted_token_hash and i.accepted_at is null and i.revoked_at is null
      and i.expires_at > now()
$$;

create function app.invitations_by_email(wanted text)
returns table (id text, organization_id text, role text, user_id text)
language sql stable security definer set search_path = public as $$
    select i.id, i.organization_id, i.role, u.id
    from invitations i
    left join users u on u.email = i.email
    where i.email = wanted and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
    order by i.created_at
$$;

-- API keys -----------------------------------------------------------------------------------------

-- The key behind a hash; its last use is noted to the minute.
create function app.use_api_key(wanted_key_hash bytea)
returns table (
    id text, organization_id text, scopes text[], expires_at timestamptz,
    user_id text, email text, role text
)
language sql security definer set search_path = public as $$
    with noted as (
        update api_keys k set last_used_at = now()
        where k.key_hash = wanted_key_hash
          and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute')
    )
    select k.id, k.organization_id, k.scopes, k.expires_at, u.id, u.email, m.role
    from api_keys k
    join users u on u.id = k.created_by
    join memberships m on m.user_id = u.id and m.organization_id = k.organization_id
    join organizations o on o.id = k.organization_id
    where k.key_hash = wanted_key_hash and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > now())
      and u.is_active and m.is_active and o.is_active
$$;

-- What can no longer be used, and nobody asks about any more.
create function app.forget_spent_links() returns bigint
language sql security definer set search_path = public as $$
    with r as (delete from app.registrations where expires_at < now() or used_at is not null returning 1),
         p as (delete from app.password_resets where expires_at < now() or used_at is not null returning 1)
    select (select count(*) from r) + (select count(*) from p)
$$;

-- A right password forgives the wrong ones before it.
create function app.uncount_requests(wanted text) returns void
language sql security definer set search_path = app as $$
    delete from rate_limits where key = wanted
$$;
revoke all on function app.uncount_requests(text) from public;
grant execute on function app.uncount_requests(text) to limitless_app;

grant create on schema app to limitless_accounts;
do $$
declare
    f regprocedure;
begin
    foreach f in array array[
        'app.belongs_elsewhere(text)', 'app.account_by_email(text)', 'app.account_by_supabase_id(text)',
        'app.begin_registration(text, text, text, text, interval)', 'app.arm_registration(text, bytea)',
        'app.use_registration(bytea)', 'app.begin_password_reset(text, text, interval)',
        'app.arm_password_reset(text, bytea)', 'app.use_password_reset(bytea)',
        'app.invitation_by_token(bytea)', 'app.invitations_by_email(text)',
        'app.use_api_key(bytea)', 'app.forget_spent_links()', 'app.link_supabase_identity(text, text)',
        'app.own_organizations()', 'app.password_reset_owner(bytea)', 'app.list_organizations(integer, bigint)'
    ]::regprocedure[] loop
        execute format('alter function %s owner to limitless_accounts', f);
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to limitless_app', f);
    end loop;
end
$$;
revoke create on schema app from limitless_accounts;

reset lock_timeout;
reset statement_timeout;
