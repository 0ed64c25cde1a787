-- Requests for one's data or its end, the archives they make, and consents with their history.
set lock_timeout = '5s';
set statement_timeout = '60s';

create table privacy_requests (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    kind text not null check (kind in ('export', 'delete')),
    subject text not null check (subject in ('user', 'lead')),
    subject_id text not null,
    requested_by text,
    status text not null default 'queued' check (status in ('queued', 'done', 'failed')),
    receipt jsonb,
    created_at timestamptz not null default now(),
    completed_at timestamptz,
    expires_at timestamptz
);
comment on column privacy_requests.subject_id is
    'A user''s id or a conversation''s: what the receipt is about once the person is gone.';
comment on column privacy_requests.requested_by is 'A user''s id; null when a lead asked with their session.';
create index privacy_requests_by_organization on privacy_requests (organization_id, created_at desc);
create unique index privacy_requests_that_wait on privacy_requests (organization_id, kind, subject_id)
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
create policy lead on privacy_requests
    using (organization_id = (select app.organization_id()) and subject = 'lead'
        and subject_id = (select app.thread_id()))
    with check (organization_id = (select app.organization_id()) and subject = 'lead'
        and subject_id = (select app.thread_id()));
create policy lead on privacy_archives for select
    using (organization_id = (select app.organization_id()) and exists (
        select from privacy_requests r where r.id = request_id and r.subject_id = (select app.thread_id())));
create policy lead on consents
    using (organization_id = (select app.organization_id()) and subject = 'lead'
        and subject_id = (select app.thread_id()))
    with check (organization_id = (select app.organization_id()) and subject = 'lead'
        and subject_id = (select app.thread_id()));
grant select, insert, update, delete on privacy_requests, privacy_archives to limitless_app;
grant select, insert, delete on consents to limitless_app;

create trigger audited after insert or update of status or delete on privacy_requests
    for each row execute function app.audit_change('privacy_request', 'id', '', 'receipt');
create trigger audited after insert or delete on consents
    for each row execute function app.audit_change('consent', 'subject_id', '', '');

reset lock_timeout;
reset statement_timeout;
