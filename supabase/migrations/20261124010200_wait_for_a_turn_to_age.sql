-- A process that was held up for a moment, and so looks dead, has just begun a turn: nobody takes that from it
-- before it had time to say that it lives. What a process leaves that has said goodbye is free at once, as before.
set lock_timeout = '5s';
set statement_timeout = '60s';

create or replace function app.abandoned_turns(silent_seconds integer, asking text, held text[])
returns table (organization_id text, conversation_id text, turn_id text, attempt integer)
language sql stable security definer set search_path = public as $$
    select t.organization_id, t.conversation_id, t.id, t.attempt
    from turns t
    where t.status = 'running' and case
        when t.runner_id = asking
        then t.id <> all(held) and t.started_at < now() - interval '2 seconds'
        else not exists (
            select from app.runners r
            where r.id = t.runner_id
                and greatest(r.seen_at, t.started_at) > now() - make_interval(secs => silent_seconds))
        end
    order by t.created_at
    limit 100
$$;

reset lock_timeout;
reset statement_timeout;
