-- Requests for one's data or its end, the archives they make, and consents with their history.
set lock_timeout = '5s';
set statement_timeout = '60s';

create table privacy_requests (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    kind text not null check (kind in ('export', 'delete')),
    subject text not null check (subject in ('user', 'lead')),
    subject_ids text[] not null check (cardinality(subject_ids) > 0),
    requested_by text,
    status text not null default 'queued' check (status in ('queued', 'done', 'failed')),
    receipt jsonb,
    created_at timestamptz not null default now(),
    completed_at timestamptz,
    expires_at timestamptz
);
comment on column privacy_requests.subject_ids is
    'A user''s id, or those of conversations. Those hold a handle: once they are deleted, digests stand here.';
comment on column privacy_requests.requested_by is 'A user''s id; null when a lead asked with their session.';
create index privacy_requests_by_organization on privacy_requests (organization_id, created_at desc);
create unique index privacy_requests_that_wait on privacy_requests (organization_id, kind, subject_ids)
    where status = 'queued';

create table privacy_archives (
    request_id text primary key references privacy_requests on delete cascade,
    organization_id text not null references organizations on delete cascade,
    content bytea not null,
    expires_at timestamptz not null
);
create index privacy_archives_by_expiry on privacy_archives (expires_at);

create table consents (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    subject text not null check (subject in ('user', 'lead')),
    subject_id text not null,
    marketing boolean not null,
    analytics boolean not null,
    created_at timestamptz not null default now()
);
create index consents_by_subject on consents (organization_id, subject, subject_id, created_at desc);

do $$
declare
    t text;
begin
    foreach t in array array['privacy_requests', 'privacy_archives', 'consents'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy staff on %I using (organization_id = (select app.staff_organization_id()))'
                       ' with check (organization_id = (select app.staff_organization_id()))', t);
    end loop;
end
$$;
create function app.subject_digest(conversation text) returns text language sql immutable parallel safe as $$
    select 'gone_' || left(encode(sha256(convert_to(conversation, 'UTF8')), 'hex'), 32)
$$;

-- The requests of a lead's own conversation, also after it is gone.
create function app.asked_by_lead(subject text, subject_ids text[]) returns boolean
language sql stable as $$
    select subject = 'lead'
        and subject_ids in (array[app.thread_id()], array[app.subject_digest(app.thread_id())])
$$;

-- What the jobs that go through every organization may do across them.
create policy maintenance on privacy_archives for select using ((select app.is_maintenance()));
create policy maintenance_deletes on privacy_archives for delete using ((select app.is_maintenance()));
create policy maintenance on sessions for select using ((select app.is_maintenance()));
create policy maintenance_deletes on sessions for delete using ((select app.is_maintenance()));
create policy maintenance on organizations for select using ((select app.is_maintenance()));

create policy lead on privacy_requests
    using (organization_id = (select app.organization_id()) and app.asked_by_lead(subject, subject_ids))
    with check (organization_id = (select app.organization_id()) and app.asked_by_lead(subject, subject_ids));
create policy lead on privacy_archives for select
    using (organization_id = (select app.organization_id()) and exists (
        select from privacy_requests r
        where r.id = request_id and app.asked_by_lead(r.subject, r.subject_ids)));
create policy lead on consents
    using (organization_id = (select app.organization_id()) and subject = 'lead'
        and subject_id = (select app.thread_id()))
    with check (organization_id = (select app.organization_id()) and subject = 'lead'
        and subject_id = (select app.thread_id()));
grant select, insert, update, delete on privacy_requests, privacy_archives to limitless_app;
grant select, insert, delete on consents to limitless_app;

-- The organizations that would be left without an admin by the claims' user.
create function app.only_admin_of() returns table (id text)
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
create function app.redact_stripe_events(mentioned text[]) returns bigint
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

create trigger audited after insert or update of status or delete on privacy_requests
    for each row execute function app.audit_change('privacy_request', 'id', 'subject_ids', 'receipt');
create trigger audited after insert or delete on consents
    for each row execute function app.audit_change('consent', 'id', 'subject_id', '');

reset lock_timeout;
reset statement_timeout;
