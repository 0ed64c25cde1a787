-- Identities of Supabase Auth find the accounts that wait for them; a right password forgives wrong ones.
set lock_timeout = '5s';
set statement_timeout = '60s';

create policy links on users for update to limitless_accounts using (true) with check (true);
grant update (supabase_id, email_verified_at) on users to limitless_accounts;

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

-- Whose password a mailed link may set, and one of their organizations; the link is not used up by it.
create function app.password_reset_owner(wanted_token_hash bytea)
returns table (user_id text, organization_id text)
language sql stable security definer set search_path = public as $$
    select r.user_id, m.organization_id
    from password_resets r
    join users u on u.id = r.user_id and u.is_active
    left join memberships m on m.user_id = u.id
    where r.token_hash = wanted_token_hash and r.used_at is null and r.expires_at > now()
    order by m.created_at
    limit 1
$$;

-- The organizations of the claims' user, by name.
create function app.own_organizations() returns table (id text, name text, role text)
language sql stable security definer set search_path = public as $$
    select o.id, o.name, m.role
    from memberships m join organizations o on o.id = m.organization_id
    where m.user_id = app.user_id() and m.is_active and o.is_active
    order by m.created_at, o.id
$$;

grant create on schema app to limitless_accounts;
alter function app.own_organizations() owner to limitless_accounts;
revoke all on function app.own_organizations() from public;
grant execute on function app.own_organizations() to limitless_app;
alter function app.password_reset_owner(bytea) owner to limitless_accounts;
revoke all on function app.password_reset_owner(bytea) from public;
grant execute on function app.password_reset_owner(bytea) to limitless_app;
alter function app.link_supabase_identity(text, text) owner to limitless_accounts;
revoke create on schema app from limitless_accounts;
revoke all on function app.link_supabase_identity(text, text) from public;
grant execute on function app.link_supabase_identity(text, text) to limitless_app;

create function app.uncount_requests(wanted text) returns void
language sql security definer set search_path = app as $$
    delete from rate_limits where key = wanted
$$;
revoke all on function app.uncount_requests(text) from public;
grant execute on function app.uncount_requests(text) to limitless_app;

reset lock_timeout;
reset statement_timeout;
