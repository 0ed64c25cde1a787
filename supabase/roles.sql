-- What Supabase brings and a plain Postgres lacks: its roles, its schemas and auth.jwt().
-- Applied before the migrations wherever it is missing; on Supabase itself it changes nothing.

do $$
declare
    wanted text;
begin
    foreach wanted in array array['anon', 'authenticated', 'service_role'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I nologin noinherit', wanted);
        end if;
    end loop;
end
$$;

create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role;

do $$
begin
    if to_regnamespace('auth') is null then
        create schema auth;
        grant usage on schema auth to anon, authenticated, service_role;
        create function auth.jwt() returns jsonb language sql stable as $body$
            select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
        $body$;
        create function auth.uid() returns text language sql stable as $body$
            select auth.jwt() ->> 'sub'
        $body$;
    end if;
end
$$;
