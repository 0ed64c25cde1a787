-- Checkouts, payments, refunds and disputes, Stripe's events, and an organization's own subscription.
set lock_timeout = '5s';
set statement_timeout = '60s';

-- Owns the functions that act on Stripe's events before it is known whom they are about.
do $$
begin
    if not exists (select from pg_roles where rolname = 'limitless_payments') then
        create role limitless_payments nologin;
    end if;
    execute format('grant limitless_payments to %I', current_user);
end
$$;
grant usage on schema public, app to limitless_payments;

alter table conversations
    add column source jsonb not null default '{}',
    add column open_field text,
    add column checkout_at timestamptz,
    add column checkout_opened_at timestamptz,
    add column reminded_at timestamptz,
    add column converted_at timestamptz,
    add column said_apart text;
comment on column conversations.source is 'The campaign and click ids of the visit that it began with.';
comment on column conversations.open_field is 'The playbook''s field that is being asked for.';
comment on column conversations.checkout_at is 'When the link to pay was given; checkout_opened_at is when it was first followed.';
comment on column conversations.reminded_at is 'When the lead, back without having paid, was told that the link still stands.';
comment on column conversations.said_apart is 'What the agent said outside of a turn, and its memory does not hold yet.';
create index visits_by_visitor on visits (campaign_id, visitor, created_at desc);

-- What is sold by a link of ours: an offer to a lead, or a plan to an organization. The id is made from
-- the conversation and the offer, so that the link is known before the row is written; a `generation`
-- is one Stripe session, which is good for a day.
create table checkouts (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    kind text not null check (kind in ('offer', 'plan')),
    campaign_id text references campaigns on delete cascade,
    conversation_id text references conversations on delete set null,
    playbook_id text,
    offer_id text not null,
    offer_name text not null,
    amount bigint not null check (amount > 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    billing text not null check (billing in ('once', 'month', 'year')),
    source jsonb not null default '{}',
    status text not null default 'open' check (status in ('open', 'processing', 'expired', 'failed', 'paid')),
    generation integer not null default 1,
    generation_began_at timestamptz not null default now(),
    session_id text unique,
    session_url text,
    created_at timestamptz not null default now(),
    left_at timestamptz,
    returned_at timestamptz,
    check (kind = 'plan' or campaign_id is not null),
    unique (conversation_id, offer_id)
);
create index checkouts_by_organization on checkouts (organization_id, created_at desc);

-- Money that arrived. It outlives its conversation, then without the person. `objections` says which
-- doubts were met by then and whether they were answered; `source` is where the lead came from.
create table payments (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    campaign_id text not null references campaigns,
    conversation_id text references conversations on delete set null,
    checkout_id text references checkouts on delete set null,
    kind text not null check (kind in ('purchase', 'renewal')),
    converts boolean not null,
    offer_id text not null,
    offer_name text not null,
    amount bigint not null check (amount >= 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    source jsonb not null default '{}',
    objections jsonb not null default '{}',
    status text not null default 'paid'
        check (status in ('paid', 'partially_refunded', 'refunded', 'disputed', 'dispute_lost')),
    refunded bigint not null default 0,
    session_id text unique,
    invoice_id text unique,
    payment_intent text unique,
    subscription_id text,
    customer_id text,
    email text,
    name text,
    language text,
    test boolean not null,
    paid_at timestamptz not null,
    mail_claimed_at timestamptz,
    mailed_at timestamptz,
    created_at timestamptz not null default now()
);
comment on column payments.converts is 'The first purchase of its conversation.';
create index payments_by_organization on payments (organization_id, paid_at desc, id desc);
create index payments_by_conversation on payments (conversation_id);
create unique index payments_that_convert on payments (conversation_id) where converts;
create index payments_by_subscription on payments (subscription_id);

-- Money that went back: refunds, and disputes while they are open or lost. `told_at` and `rank` choose
-- between two accounts of the same one, in whatever order they arrive.
create table payment_adjustments (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    payment_id text not null references payments on delete cascade,
    kind text not null check (kind in ('refund', 'charge', 'dispute')),
    amount bigint not null check (amount >= 0),
    status text not null,
    counted boolean not null,
    occurred_at timestamptz not null,
    told_at timestamptz not null,
    rank bigint not null
);
comment on column payment_adjustments.kind is
    'A charge tells the sum of its refunds, and counts only where none of them told of itself.';
create index payment_adjustments_by_payment on payment_adjustments (payment_id);
create index payment_adjustments_by_organization on payment_adjustments (organization_id, occurred_at);

create table stripe_events (
    id text primary key,
    type text not null,
    payload text not null,
    organization_id text references organizations on delete cascade,
    told_at timestamptz not null,
    received_at timestamptz not null default now(),
    waits_for text,
    settled_at timestamptz,
    outcome text
);
create index stripe_events_that_wait on stripe_events (waits_for) where waits_for is not null;
create index stripe_events_by_organization on stripe_events (organization_id, received_at desc);

create table subscriptions (
    organization_id text primary key references organizations on delete cascade,
    tier text not null,
    billing_period text not null check (billing_period in ('monthly', 'yearly')),
    status text not null,
    customer_id text,
    subscription_id text not null unique,
    current_period_end timestamptz,
    cancel_at_period_end boolean not null default false,
    entitled boolean not null default false,
    max_users_before integer,
    max_campaigns_before integer,
    told_at timestamptz not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

-- Which of two accounts of a subscription in the same second is the later one.
create function app.subscription_rank(status text, ends boolean) returns integer language sql immutable as $$
    select 2 * coalesce(array_position(array['incomplete', 'trialing', 'active', 'past_due', 'paused', 'unpaid',
        'incomplete_expired', 'canceled'], status), 0) + ends::integer
$$;

-- The owner's words in mails to those who paid; where there are none, ours are used.
create table mail_templates (
    organization_id text not null references organizations on delete cascade,
    name text not null check (name in ('onboarding')),
    subject text not null check (subject <> ''),
    body text not null check (body <> ''),
    updated_at timestamptz not null default now(),
    primary key (organization_id, name)
);

-- What an owner must look at. One for each thing, however often it is noticed.
create table alerts (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    type text not null,
    subject text not null,
    severity text not null check (severity in ('low', 'medium', 'high')),
    message text not null,
    details jsonb not null default '{}',
    created_at timestamptz not null default now(),
    unique (organization_id, type, subject)
);
create index alerts_by_organization on alerts (organization_id, created_at desc);

do $$
declare
    t text;
begin
    foreach t in array array['checkouts', 'payments', 'payment_adjustments', 'stripe_events',
                             'subscriptions', 'mail_templates', 'alerts'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
    end loop;
    -- A lead's claims see none of it: what a lead needs of a checkout comes with the conversation.
    foreach t in array array['payments', 'payment_adjustments', 'subscriptions', 'mail_templates', 'alerts'] loop
        execute format(
            'create policy staff on %I'
            ' using (organization_id = (select app.organization_id()) and (select app.thread_id()) is null)'
            ' with check (organization_id = (select app.organization_id()) and (select app.thread_id()) is null)',
            t);
        execute format('grant select, insert, update, delete on %I to limitless_app', t);
    end loop;
end
$$;

create policy tenant on checkouts
    using (organization_id = (select app.organization_id())
        and ((select app.thread_id()) is null or conversation_id = (select app.thread_id())))
    with check (organization_id = (select app.organization_id())
        and ((select app.thread_id()) is null or conversation_id = (select app.thread_id())));
grant select, insert, update, delete on checkouts to limitless_app;

create policy staff on stripe_events for select
    using (organization_id = (select app.organization_id()) and (select app.thread_id()) is null);
grant select on stripe_events to limitless_app;
create policy payments on stripe_events to limitless_payments using (true) with check (true);
grant select, insert, update on stripe_events to limitless_payments;

create policy lookup on checkouts for select to limitless_lookup using (true);
create policy lookup on payments for select to limitless_lookup using (true);
create policy lookup on subscriptions for select to limitless_lookup using (true);
grant select on checkouts, payments, subscriptions to limitless_lookup;
create policy payments on payments for select to limitless_payments using (true);
grant select on payments to limitless_payments;

-- Stripe's events -----------------------------------------------------------------------------------

-- Keeps an event; true when it is new. A copy that arrives at the same moment waits for the first.
create function app.store_stripe_event(new_id text, new_type text, body text, told timestamptz)
returns boolean
language sql security definer set search_path = public as $$
    with stored as (
        insert into stripe_events (id, type, payload, told_at) values (new_id, new_type, body, told)
        on conflict (id) do nothing
        returning 1
    )
    select exists (select from stored)
$$;

-- An event that is not settled yet.
create function app.unsettled_stripe_event(wanted text) returns text
language sql stable security definer set search_path = public as $$
    select payload from stripe_events where id = wanted and settled_at is null
$$;

-- Holds an event for the transaction that handles it; false when it is settled. Another copy of the job
-- waits here, and then finds it done.
create function app.hold_stripe_event(wanted text) returns boolean
language plpgsql security definer set search_path = public as $$
begin
    perform from stripe_events where id = wanted and settled_at is null for update;
    return found;
end
$$;

-- Settles an event for the organization of the claims, or for none.
create function app.settle_stripe_event(wanted text, how text) returns void
language sql security definer set search_path = public as $$
    update stripe_events
    set settled_at = now(), outcome = how, waits_for = null, organization_id = app.organization_id()
    where id = wanted and settled_at is null
$$;

-- Puts an event aside until the payment that it is about arrives; false when it is here by now. Who
-- writes the payment takes the same lock, so that neither misses the other.
create function app.await_payment(wanted text, reference text) returns boolean
language plpgsql security definer set search_path = public as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('payment ' || reference, 0));
    if exists (select from payments p where p.payment_intent = reference or p.invoice_id = reference) then
        return false;
    end if;
    update stripe_events set waits_for = reference where id = wanted and settled_at is null;
    return true;
end
$$;

-- Announces a payment under its references, and answers with the events that waited for it.
create function app.announce_payment(reference text[]) returns table (event_id text)
language plpgsql security definer set search_path = public as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('payment ' || one, 0))
    from (select distinct one from unnest(reference) one where one is not null order by one) ordered;
    return query
        update stripe_events e set waits_for = null
        where e.waits_for = any (reference) and e.settled_at is null
        returning e.id;
end
$$;

-- Whose a thing of Stripe's is --------------------------------------------------------------------

create function app.checkout_owner(checkout text, session text default null, thread text default null)
returns table (organization_id text, checkout_id text)
language sql stable security definer set search_path = public as $$
    select c.organization_id, c.id from checkouts c
    where c.id = checkout or c.session_id = session or c.conversation_id = thread
    order by c.session_id = session desc nulls last, c.id = checkout desc nulls last, c.created_at desc
    limit 1
$$;

create function app.payment_owner(reference text)
returns table (organization_id text, payment_id text)
language sql stable security definer set search_path = public as $$
    select p.organization_id, p.id from payments p
    where p.payment_intent = reference or p.invoice_id = reference or p.subscription_id = reference
    order by p.paid_at
    limit 1
$$;

create function app.subscription_owner(subscription text) returns text
language sql stable security definer set search_path = public as $$
    select s.organization_id from subscriptions s where s.subscription_id = subscription
$$;

grant create on schema app to limitless_lookup, limitless_payments;
do $$
declare
    f regprocedure;
begin
    foreach f in array array[
        'app.store_stripe_event(text, text, text, timestamptz)', 'app.unsettled_stripe_event(text)',
        'app.hold_stripe_event(text)', 'app.settle_stripe_event(text, text)', 'app.await_payment(text, text)', 'app.announce_payment(text[])'
    ]::regprocedure[] loop
        execute format('alter function %s owner to limitless_payments', f);
    end loop;
    foreach f in array array[
        'app.checkout_owner(text, text, text)', 'app.payment_owner(text)', 'app.subscription_owner(text)'
    ]::regprocedure[] loop
        execute format('alter function %s owner to limitless_lookup', f);
    end loop;
    foreach f in array array[
        'app.store_stripe_event(text, text, text, timestamptz)', 'app.unsettled_stripe_event(text)',
        'app.hold_stripe_event(text)', 'app.settle_stripe_event(text, text)', 'app.await_payment(text, text)', 'app.announce_payment(text[])',
        'app.checkout_owner(text, text, text)', 'app.payment_owner(text)', 'app.subscription_owner(text)'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to limitless_app', f);
    end loop;
end
$$;
revoke create on schema app from limitless_lookup, limitless_payments;

reset lock_timeout;
reset statement_timeout;
