-- An organization that changes its plan has two subscriptions until the first one's period ends: each is
-- told of on its own, and the newest one that holds counts.
set lock_timeout = '5s';
set statement_timeout = '60s';

alter table subscriptions
    drop constraint subscriptions_pkey,
    drop constraint subscriptions_subscription_id_key,
    add primary key (subscription_id),
    add column begun_at timestamptz not null default now();
alter table subscriptions alter column begun_at drop default;
create index subscriptions_by_organization on subscriptions (organization_id);
comment on column subscriptions.entitled is
    'It brought the plan in place of what the organization had before, which stands in its max_…_before.';

reset lock_timeout;
reset statement_timeout;
