-- Playbooks, campaigns, conversations and the turns of the agent.
set lock_timeout = '5s';
set statement_timeout = '60s';

create table playbooks (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    campaign_id text,
    version integer not null check (version > 0),
    content jsonb not null,
    created_by text,
    created_at timestamptz not null default now()
);
create unique index playbooks_by_version
    on playbooks (organization_id, coalesce(campaign_id, ''), version);

create table campaigns (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{2,31}$'),
    name text not null check (name <> ''),
    description text not null default '',
    max_uses integer check (max_uses > 0),
    expires_at timestamptz,
    is_active boolean not null default true,
    ad_campaign_id text,
    total_clicks bigint not null default 0,
    total_conversations bigint not null default 0,
    total_qualified bigint not null default 0,
    total_conversions bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index campaigns_by_organization on campaigns (organization_id, created_at desc, id);
alter table playbooks add foreign key (campaign_id) references campaigns on delete cascade;

-- A click counts once per visitor and day. The visitor is a hash, never an address.
create table visits (
    organization_id text not null references organizations on delete cascade,
    campaign_id text not null references campaigns on delete cascade,
    day date not null,
    visitor bytea not null,
    parameters jsonb not null default '{}',
    created_at timestamptz not null default now(),
    primary key (campaign_id, day, visitor)
);

create table conversations (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    campaign_id text not null references campaigns on delete cascade,
    playbook_id text not null references playbooks,
    handle text not null,
    stage text not null default 'qualification'
        check (stage in ('qualification', 'objection_handling', 'closing', 'converted', 'disqualified')),
    qualified boolean not null default false,
    qualification_score real not null default 0,
    fields jsonb not null default '{}',
    objections jsonb not null default '[]',
    questions_asked integer not null default 0,
    offer_shown text,
    next_prompt text,
    language text,
    start_message_id text,
    client_chat_id text,
    total_messages integer not null default 0,
    total_turns integer not null default 0,
    created_at timestamptz not null default now(),
    last_message_at timestamptz not null default now(),
    qualified_at timestamptz
);
create index conversations_by_organization on conversations (organization_id, last_message_at desc, id);
-- A first message that is sent again, because its answer got lost, finds its conversation.
create unique index conversations_by_start on conversations (campaign_id, start_message_id);
create index conversations_by_campaign on conversations (campaign_id, last_message_at desc, id);

-- One run of the agent: answers one or more messages of a lead. `attempt` fences: whoever took the
-- turn last may commit it, nobody else.
create table turns (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    conversation_id text not null references conversations on delete cascade,
    seq integer not null,
    status text not null check (status in ('running', 'done', 'failed')),
    attempt integer not null default 1,
    runner_id text not null,
    reply text,
    outcome jsonb,
    error text,
    created_at timestamptz not null default now(),
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    unique (conversation_id, seq)
);
create unique index turns_one_at_a_time on turns (conversation_id) where status = 'running';
create index turns_running_by_runner on turns (runner_id) where status = 'running';

create table messages (
    id text primary key,
    organization_id text not null references organizations on delete cascade,
    conversation_id text not null references conversations on delete cascade,
    seq integer not null,
    role text not null check (role in ('human', 'ai')),
    content text not null,
    client_message_id text,
    turn_id text references turns on delete cascade,
    metadata jsonb,
    created_at timestamptz not null default now(),
    unique (conversation_id, seq)
);
create unique index messages_by_client_id on messages (conversation_id, client_message_id);
create index messages_waiting on messages (conversation_id) where role = 'human' and turn_id is null;

do $$
declare
    t text;
begin
    foreach t in array array['playbooks', 'campaigns', 'visits', 'conversations', 'turns', 'messages'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('grant select, insert, update, delete on %I to limitless_app', t);
    end loop;
    foreach t in array array['playbooks', 'campaigns', 'visits'] loop
        execute format(
            'create policy tenant on %I using (organization_id = (select app.organization_id()))'
            ' with check (organization_id = (select app.organization_id()))', t);
    end loop;
end
$$;

create policy tenant on conversations
    using (organization_id = (select app.organization_id())
        and ((select app.thread_id()) is null or id = (select app.thread_id())))
    with check (organization_id = (select app.organization_id())
        and ((select app.thread_id()) is null or id = (select app.thread_id())));
create policy tenant on turns
    using (organization_id = (select app.organization_id())
        and ((select app.thread_id()) is null or conversation_id = (select app.thread_id())))
    with check (organization_id = (select app.organization_id())
        and ((select app.thread_id()) is null or conversation_id = (select app.thread_id())));
create policy tenant on messages
    using (organization_id = (select app.organization_id())
        and ((select app.thread_id()) is null or conversation_id = (select app.thread_id())))
    with check (organization_id = (select app.organization_id())
        and ((select app.thread_id()) is null or conversation_id = (select app.thread_id())));

create policy lookup on campaigns for select to limitless_lookup using (true);
create policy lookup on turns for select to limitless_lookup using (true);
grant select on campaigns, turns to limitless_lookup;

-- Ends a turn for the run that holds it, and for no other.
create function app.finish_turn(turn text, run integer, told text, result jsonb) returns void
language plpgsql set search_path = public as $$
begin
    update turns set status = 'done', reply = told, outcome = result, finished_at = now()
    where id = turn and attempt = run and status = 'running';
    if not found then
        raise exception 'turn % is no longer held by run %', turn, run using errcode = 'LM001';
    end if;
end
$$;

-- Processes that run turns. A runner that was not seen for a while is dead, and its turns are free.
create table app.runners (
    id text primary key,
    host text not null,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now()
);

create function app.see_runner(runner text, host_name text) returns void
language sql security definer set search_path = app as $$
    insert into runners (id, host) values (runner, host_name)
    on conflict (id) do update set seen_at = now();
    delete from runners where seen_at < now() - interval '1 day';
$$;

create function app.forget_runner(runner text) returns void
language sql security definer set search_path = app as $$
    delete from runners where id = runner
$$;

grant select on app.runners to limitless_lookup;

-- Turns whose runner is gone.
create function app.abandoned_turns(silent_seconds integer)
returns table (organization_id text, conversation_id text, turn_id text, attempt integer)
language sql stable security definer set search_path = public as $$
    select t.organization_id, t.conversation_id, t.id, t.attempt
    from turns t
    where t.status = 'running' and not exists (
        select from app.runners r
        where r.id = t.runner_id and r.seen_at > now() - make_interval(secs => silent_seconds)
    )
    order by t.created_at
    limit 100
$$;

create function app.campaign_by_code(wanted text)
returns table (organization_id text, campaign_id text)
language sql stable security definer set search_path = public as $$
    select c.organization_id, c.id from campaigns c where c.code = upper(wanted)
$$;

grant create on schema app to limitless_lookup;
alter function app.abandoned_turns(integer) owner to limitless_lookup;
alter function app.campaign_by_code(text) owner to limitless_lookup;
revoke create on schema app from limitless_lookup;

revoke all on function app.see_runner(text, text) from public;
revoke all on function app.forget_runner(text) from public;
revoke all on function app.abandoned_turns(integer) from public;
revoke all on function app.campaign_by_code(text) from public;
grant execute on function app.see_runner(text, text), app.forget_runner(text),
    app.abandoned_turns(integer), app.campaign_by_code(text) to limitless_app;

reset lock_timeout;
reset statement_timeout;
