-- Secrets of the organizations: sealed by a data key each, the data keys wrapped by a master key.
set lock_timeout = '5s';
set statement_timeout = '60s';

-- The master keys themselves are never here, only how each is derived.
create table app.vault_masters (
    id text primary key,
    key_id text not null,
    salt bytea not null check (octet_length(salt) >= 16),
    iterations integer not null check (iterations >= 100000),
    is_current boolean not null default true,
    created_at timestamptz not null default now()
);
create unique index vault_masters_current on app.vault_masters (is_current) where is_current;
comment on column app.vault_masters.key_id is 'Names the secret that the key is derived from, and tells nothing of it.';

create table vault_secrets (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    provider text not null check (provider ~ '^[a-z0-9][a-z0-9_.-]{0,63}$'),
    key_name text not null check (key_name ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$'),
    version integer not null check (version > 0),
    status text not null default 'active' check (status in ('active', 'rotated', 'revoked', 'expired')),
    master_id text not null references app.vault_masters,
    wrapped_key bytea not null,
    ciphertext bytea not null,
    metadata jsonb not null default '{}',
    usage_count bigint not null default 0,
    last_used timestamptz,
    next_rotation timestamptz,
    expires_at timestamptz,
    created_by text references users on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (organization_id, provider, key_name, version)
);
create unique index vault_secrets_active on vault_secrets (organization_id, provider, key_name)
    where status = 'active';
create index vault_secrets_by_master on vault_secrets (master_id);

alter table app.vault_masters enable row level security;
alter table app.vault_masters force row level security;
alter table vault_secrets enable row level security;
alter table vault_secrets force row level security;
create policy everybody on app.vault_masters for select using (true);
-- Also what it takes to lock the current one against being replaced while something is sealed.
create policy sealing on app.vault_masters for update using (true) with check ((select app.is_maintenance()));
create policy maintenance on app.vault_masters
    using ((select app.is_maintenance())) with check ((select app.is_maintenance()));
create policy staff on vault_secrets
    using (organization_id = (select app.staff_organization_id()))
    with check (organization_id = (select app.staff_organization_id()));
create policy maintenance on vault_secrets
    using ((select app.is_maintenance())) with check ((select app.is_maintenance()));
grant select, insert, update, delete on app.vault_masters, vault_secrets to limitless_app;

create trigger audited after update of status or delete on vault_secrets
    for each row execute function app.audit_change(
        'vault_key', 'id', 'wrapped_key,ciphertext,metadata', 'usage_count,last_used,updated_at,master_id');
create trigger audited after insert or update or delete on app.vault_masters
    for each row execute function app.audit_change('vault_master', 'id', 'salt', '');

reset lock_timeout;
reset statement_timeout;
