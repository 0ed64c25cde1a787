-- What a conversation leaves behind goes with it, by whatever way it goes; what is kept by law holds nothing of the person.
set lock_timeout = '5s';
set statement_timeout = '60s';

-- Owns what must reach rows that no foreign key ties to their conversation.
do $$
begin
    if not exists (select from pg_roles where rolname = 'limitless_privacy') then
        create role limitless_privacy nologin;
    end if;
    execute format('grant limitless_privacy to %I', current_user);
end
$$;
grant usage on schema public, app, checkpoints to limitless_privacy;

do $$
declare
    t text;
begin
    foreach t in array array['checkpoints.checkpoints', 'checkpoints.checkpoint_blobs',
                             'checkpoints.checkpoint_writes', 'consents'] loop
        execute format('create policy privacy on %s to limitless_privacy using (true)', t);
        execute format('grant select, delete on %s to limitless_privacy', t);
    end loop;
end
$$;

-- A campaign or an organization takes its conversations along, and then nobody else thinks of these.
create function app.forget_conversations() returns trigger
language plpgsql security definer set search_path = public as $$
begin
    delete from checkpoints.checkpoint_writes w using gone where w.thread_id = gone.id;
    delete from checkpoints.checkpoint_blobs b using gone where b.thread_id = gone.id;
    delete from checkpoints.checkpoints c using gone where c.thread_id = gone.id;
    delete from consents c using gone
    where c.subject = 'lead' and c.subject_id = gone.id and c.organization_id = gone.organization_id;
    return null;
end
$$;
grant create on schema app to limitless_privacy;
alter function app.forget_conversations() owner to limitless_privacy;
revoke create on schema app from limitless_privacy;
revoke all on function app.forget_conversations() from public;

create trigger forgotten after delete on conversations
    referencing old table as gone for each statement execute function app.forget_conversations();

-- Where somebody came from, without the click ids that tell them apart. The network that a click id
-- names stays, so that no figure moves.
create function app.without_click_ids(parameters jsonb) returns jsonb language sql immutable as $$
    select coalesce(jsonb_object_agg(key, case
        when key in ('fbclid', 'gclid', 'gbraid', 'wbraid', 'ttclid', 'msclkid', 'twclid', 'li_fat_id')
        then '""'::jsonb else value end), '{}')
    from jsonb_each(parameters)
$$;

-- Click ids are no business of the audit either; and a subscription is a payment's promise.
create or replace trigger audited after insert or update or delete on payments
    for each row execute function app.audit_change(
        'payment', 'id', 'email,name,customer_id,conversation_id,source', 'mail_claimed_at,mailed_at');
create trigger audited after insert or update or delete on subscriptions
    for each row execute function app.audit_change('subscription', 'subscription_id', 'customer_id',
        'told_at,updated_at');

-- What waits for the address of the claims' user, wherever: they are about to be gone.
create function app.forget_own_address() returns bigint
language sql security definer set search_path = public as $$
    with own as (select u.email from users u where u.id = app.user_id()),
         i as (delete from invitations t using own where t.email = own.email returning 1),
         r as (delete from app.registrations t using own where t.email = own.email returning 1),
         p as (delete from app.password_resets t using own where t.email = own.email returning 1),
         l as (delete from app.rate_limits t using own where right(t.key, length(own.email) + 1) = ':' || own.email)
    select (select count(*) from i) + (select count(*) from r) + (select count(*) from p)
$$;
grant select, delete on app.rate_limits to limitless_accounts;
grant create on schema app to limitless_accounts;
alter function app.forget_own_address() owner to limitless_accounts;
revoke create on schema app from limitless_accounts;
revoke all on function app.forget_own_address() from public;
grant execute on function app.forget_own_address() to limitless_app;

-- What Stripe told, a month after it was dealt with: the ids stay, so that nothing counts twice.
create function app.redact_old_stripe_events(most integer) returns bigint
language sql security definer set search_path = public as $$
    with redacted as (
        update stripe_events set payload = '{}'
        where app.is_maintenance() and id in (
            select id from stripe_events
            where settled_at < now() - interval '30 days' and payload <> '{}'
            limit most for update skip locked)
        returning 1
    )
    select count(*) from redacted
$$;
create index stripe_events_to_redact on stripe_events (settled_at) where payload <> '{}';
grant create on schema app to limitless_payments;
alter function app.redact_old_stripe_events(integer) owner to limitless_payments;
revoke create on schema app from limitless_payments;
revoke all on function app.redact_old_stripe_events(integer) from public;
grant execute on function app.redact_old_stripe_events(integer) to limitless_app;

-- Seven years are kept. At most so many events go at once, and only the chains that they are of are held.
drop function app.prune_audit();
create function app.prune_audit(most integer default 1000) returns bigint
language plpgsql security definer set search_path = public as $$
declare
    head app.audit_chains;
    until bigint;
    gone bigint := 0;
    n bigint;
begin
    for head in
        select c.* from app.audit_chains c
        where (select e.occurred_at from audit_events e where e.chain = c.chain order by e.seq limit 1)
            < now() - interval '7 years'
        order by c.chain for update of c
    loop
        select coalesce(min(e.seq) filter (where e.occurred_at >= now() - interval '7 years') - 1, max(e.seq))
        into until
        from (
            select seq, occurred_at from audit_events where chain = head.chain order by seq limit most - gone
        ) e;
        update app.audit_chains c set pruned_seq = e.seq, pruned_hash = e.hash
        from audit_events e where c.chain = head.chain and e.chain = head.chain and e.seq = until;
        delete from audit_events e where e.chain = head.chain and e.seq <= until;
        get diagnostics n = row_count;
        gone := gone + n;
        exit when gone >= most;
    end loop;
    return gone;
end
$$;
grant create on schema app to limitless_audit;
alter function app.prune_audit(integer) owner to limitless_audit;
revoke create on schema app from limitless_audit;
revoke all on function app.prune_audit(integer) from public;
grant execute on function app.prune_audit(integer) to limitless_app;

reset lock_timeout;
reset statement_timeout;
