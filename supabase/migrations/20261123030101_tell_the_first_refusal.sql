-- Counted requests: the first one that a window refuses can be told from those after it.
set lock_timeout = '5s';
set statement_timeout = '60s';

create or replace function app.count_request(keys text[], allowed integer[], windows integer[])
returns table (key text, hits integer, resets_at timestamptz)
language plpgsql security definer set search_path = app as $$
begin
    for i in 1 .. cardinality(keys) loop
        insert into rate_limits as r values (keys[i], clock_timestamp(), windows[i], 1)
        on conflict on constraint rate_limits_pkey do update set
            -- Two over is counted no further.
            hits = case when r.started_at + make_interval(secs => windows[i]) <= clock_timestamp()
                        then 1 else least(r.hits + 1, allowed[i] + 2) end,
            started_at = case when r.started_at + make_interval(secs => windows[i]) <= clock_timestamp()
                              then clock_timestamp() else r.started_at end,
            window_seconds = windows[i]
        returning r.key, r.hits, r.started_at + make_interval(secs => windows[i])
        into key, hits, resets_at;
        return next;
        exit when hits > allowed[i];
    end loop;
end
$$;

reset lock_timeout;
reset statement_timeout;
