-- What the planner takes a policy for: a null test outside of the subquery counts as one row in two hundred,
-- so that thousands of rows were sorted to be summed up; inside of it, as one row in two.
set lock_timeout = '5s';
set statement_timeout = '60s';

alter policy staff on campaign_totals
    using (organization_id = (select app.organization_id()) and (select app.thread_id() is null));
alter policy staff on campaign_days
    using (organization_id = (select app.organization_id()) and (select app.thread_id() is null));
alter policy staff on campaign_parts
    using (organization_id = (select app.organization_id()) and (select app.thread_id() is null));

create index knowledge_gaps_by_campaign on knowledge_gaps (campaign_id, created_at desc);

reset lock_timeout;
reset statement_timeout;
