-- Owners choose their time zone: it is shown with the organization, and counting anew asks for it once
-- instead of for every row, and leaves the rows of a day beside each other, as counting does.
set lock_timeout = '5s';
set statement_timeout = '60s';

drop function app.list_organizations(integer, bigint);
create function app.list_organizations(most integer, skipped bigint)
returns table (
    id text, name text, slug text, plan text, max_users integer, max_campaigns integer, time_zone text,
    is_active boolean, created_at timestamptz, updated_at timestamptz, users bigint, total bigint
)
language sql stable security definer set search_path = public as $$
    select o.id, o.name, o.slug, o.plan, o.max_users, o.max_campaigns, o.time_zone, o.is_active,
           o.created_at, o.updated_at,
           (select count(*) from memberships m where m.organization_id = o.id and m.is_active), count(*) over ()
    from organizations o
    where exists (
        select from memberships m join users u on u.id = m.user_id
        where m.user_id = app.user_id() and m.role = 'superadmin' and m.is_active and u.is_active
    )
    order by o.created_at desc, o.id desc
    limit most offset skipped
$$;
grant create on schema app to limitless_accounts;
alter function app.list_organizations(integer, bigint) owner to limitless_accounts;
revoke create on schema app from limitless_accounts;
revoke all on function app.list_organizations(integer, bigint) from public;
grant execute on function app.list_organizations(integer, bigint) to limitless_app;

create or replace function app.recount_figures(organization text) returns void
language plpgsql security definer set search_path = public as $$
declare
    zone text;
begin
    perform pg_advisory_xact_lock(hashtextextended('figures ' || organization, 0));
    select time_zone into zone from organizations where id = organization;
    delete from campaign_days where organization_id = organization;
    delete from campaign_parts where organization_id = organization;

    with counted as (
        select v.campaign_id, (v.created_at at time zone zone)::date as day, count(*) as clicks,
            0::bigint as conversations, 0::bigint as messages, 0::bigint as qualified,
            0::bigint as qualification_s, 0::bigint as conversions
        from visits v where v.organization_id = organization group by 1, 2
        union all
        select c.campaign_id, (c.created_at at time zone zone)::date, 0, count(*), sum(c.total_messages), 0, 0, 0
        from conversations c where c.organization_id = organization group by 1, 2
        union all
        select c.campaign_id, (c.qualified_at at time zone zone)::date, 0, 0, 0, count(*),
            sum(extract(epoch from c.qualified_at - c.created_at)::bigint), 0
        from conversations c where c.organization_id = organization and c.qualified_at is not null group by 1, 2
        union all
        select p.campaign_id, (p.paid_at at time zone zone)::date, 0, 0, 0, 0, 0, count(*)
        from payments p where p.organization_id = organization and p.converts group by 1, 2
    ), marked as (
        select m.campaign_id, m.day, jsonb_object_agg(m.mark, m.n) as marks
        from (
            select c.campaign_id, (c.created_at at time zone zone)::date as day, mark, count(*) as n
            from conversations c cross join unnest(app.marks(c)) mark
            where c.organization_id = organization group by 1, 2, 3
        ) m
        group by 1, 2
    )
    insert into campaign_days (organization_id, campaign_id, day, clicks, conversations, messages, qualified,
        qualification_s, conversions, marks)
    select organization, campaign_id, day, sum(c.clicks), sum(c.conversations), sum(c.messages),
        sum(c.qualified), sum(c.qualification_s), sum(c.conversions), coalesce(m.marks, '{}')
    from counted c left join marked m using (campaign_id, day)
    group by campaign_id, day, m.marks
    order by day, campaign_id;

    insert into campaign_parts (organization_id, campaign_id, day, dimension, key, currency, clicks,
        conversations, qualified, conversions, payments, revenue, refunded)
    select organization, campaign_id, day, dimension, key, currency, sum(clicks), sum(conversations),
        sum(qualified), sum(conversions), sum(payments), sum(revenue), sum(refunded)
    from (
        select v.campaign_id, (v.created_at at time zone zone)::date as day, 'source' as dimension,
            app.source_key(v.parameters) as key, '' as currency, 1 as clicks, 0 as conversations,
            0 as qualified, 0 as conversions, 0 as payments, 0::bigint as revenue, 0::bigint as refunded
        from visits v where v.organization_id = organization
        union all
        select c.campaign_id, (c.created_at at time zone zone)::date, 'source', app.source_key(c.source), '',
            0, 1, 0, 0, 0, 0, 0
        from conversations c where c.organization_id = organization
        union all
        select c.campaign_id, (c.qualified_at at time zone zone)::date, 'source', app.source_key(c.source),
            '', 0, 0, 1, 0, 0, 0, 0
        from conversations c where c.organization_id = organization and c.qualified_at is not null
        union all
        select p.campaign_id, (p.paid_at at time zone zone)::date, part.dimension, part.key, p.currency,
            0, 0, 0, p.converts::integer, 1, p.amount, 0
        from payments p cross join app.payment_parts(p) part where p.organization_id = organization
        union all
        select p.campaign_id, (a.occurred_at at time zone zone)::date, part.dimension, part.key, p.currency,
            0, 0, 0, 0, 0, 0, a.amount
        from payment_adjustments a join payments p on p.id = a.payment_id
            cross join app.payment_parts(p) part
        where a.organization_id = organization and a.counted
    ) every
    group by campaign_id, day, dimension, key, currency
    order by day, campaign_id;
end
$$;

reset lock_timeout;
reset statement_timeout;
