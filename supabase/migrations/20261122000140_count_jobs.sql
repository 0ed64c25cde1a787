-- How the job queue stands, for those who watch it; the app reads nothing else of it.
set lock_timeout = '5s';
set statement_timeout = '60s';

create function app.job_figures()
returns table (status text, jobs bigint, oldest_seconds double precision)
language sql stable security definer set search_path = jobs as $$
    select j.status::text, count(*),
        coalesce(extract(epoch from max(now() - coalesce(j.scheduled_at, e.at))), 0)
    from procrastinate_jobs j
    left join lateral (
        select at from procrastinate_events where job_id = j.id and type = 'deferred' order by id limit 1
    ) e on true
    where j.status in ('todo', 'doing', 'failed')
        and (j.scheduled_at is null or j.scheduled_at <= now())
    group by j.status
$$;

revoke all on function app.job_figures() from public;
grant execute on function app.job_figures() to limitless_app;

reset lock_timeout;
reset statement_timeout;
