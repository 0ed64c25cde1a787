-- What a turn asks of the database, for less: a new conversation is written as it will stand, and not begun and
-- then changed; a conversation that only grew is counted without working out what it is; and a reply leaves
-- `last_message_at` where the lead's message put it a moment ago, so that no index of the table has to change.
set lock_timeout = '5s';
set statement_timeout = '60s';

-- Takes the app's role and states the claims, for the rest of the transaction. What follows looks rows up by
-- their keys: plans are made once a connection, and not anew for each of its first five turns.
create or replace function app.state_claims(claims text) returns void
language plpgsql as $$
begin
    perform set_config('role', 'limitless_app', true),
        set_config('search_path', 'public, checkpoints, jobs, extensions, app', true),
        set_config('request.jwt.claims', claims, true),
        set_config('plan_cache_mode', 'force_generic_plan', true);
end
$$;

-- The first message of a conversation: counted, and written into a new one, which has said its opening and
-- knows which visit it came from. A first message that is sent again (`start_id`) finds its conversation.
create or replace function app.begin_conversation(
    claims text, limit_keys text[], limits_allowed integer[], limit_windows integer[],
    campaign text, new_thread text, lead_handle text, start_id text, chat_id text, lead_visitor text,
    opening_message text, said text, client_id text, new_message text, new_turn text, runner text
) returns app.acceptance
language plpgsql as $$
declare
    answer app.acceptance;
    k campaigns;
    p record;
    c record;
begin
    perform app.state_claims(claims);
    answer := app.count_message(limit_keys, limits_allowed, limit_windows);
    if answer.obstacle is not null then
        return answer;
    end if;
    if start_id is not null then
        select v.id, v.handle into c
        from conversations v where v.campaign_id = campaign and v.start_message_id = start_id;
        if c.id is not null then
            if c.handle <> lead_handle then
                answer.obstacle := 'handle';
                return answer;
            end if;
            return app.write_message(answer, c.id, said, client_id, new_message, new_turn, runner);
        end if;
    end if;

    select b.id, b.content ->> 'opening' as opening, b.content -> 'questions' -> 0 as question into p
    from playbooks b where b.campaign_id = campaign or b.campaign_id is null
    order by b.campaign_id nulls last, b.version desc limit 1;
    if p.id is null then
        answer.obstacle := 'playbook';
        return answer;
    end if;
    select a.* into k from campaigns a
    where a.id = campaign and a.is_active and (a.expires_at is null or a.expires_at > now());
    if k.max_uses is not null then
        update campaigns a set uses = a.uses + 1
        where a.id = campaign and (a.max_uses is null or a.uses < a.max_uses)
        returning a.* into k;
    end if;
    if k.id is null then
        answer.obstacle := 'closed';
        return answer;
    end if;

    insert into conversations (id, organization_id, campaign_id, playbook_id, handle, questions_asked, next_prompt,
        open_field, start_message_id, client_chat_id, total_messages, total_turns, source)
    values (new_thread, k.organization_id, campaign, p.id, lead_handle, 1, p.question ->> 'question',
        p.question ->> 'field', start_id, chat_id, 2, 1, coalesce(
            (select v.parameters from visits v
             where v.campaign_id = campaign and v.visitor = decode(lead_visitor, 'hex')
                and v.created_at > now() - interval '30 days'
             order by v.parameters <> '{}' desc, v.created_at desc limit 1), '{}'))
    returning * into c;
    insert into turns (id, organization_id, conversation_id, seq, status, runner_id)
    values (new_turn, k.organization_id, new_thread, 1, 'running', runner);
    insert into messages (id, organization_id, conversation_id, seq, role, content, client_message_id, turn_id)
    values (opening_message, k.organization_id, new_thread, 1, 'ai', p.opening, null, null),
        (new_message, k.organization_id, new_thread, 2, 'human', said, client_id, new_turn);

    answer.thread_id := new_thread;
    answer.campaign_id := campaign;
    answer.playbook_id := p.id;
    answer.handle := c.handle;
    answer.stage := c.stage;
    answer.qualified := c.qualified;
    answer.fields := c.fields;
    answer.said_apart := c.said_apart;
    answer.turn_seq := 1;
    answer.has_documents := exists (select from documents d where d.status = 'completed');
    return answer;
end
$$;

comment on column conversations.last_message_at is
    'When the lead last wrote, or was told something between two turns.';
-- Room on a page for the versions that a turn makes of a row.
alter table conversations set (fillfactor = 60);

-- Writes what a turn came to: the reply, the conversation's state and counters, the checkpoint (the
-- thread's only one, from then on); and begins the next turn where messages wait. Fails with LM001 when
-- another run has taken the turn over. Answers with the turn that was begun, if any.
create or replace function app.commit_turn(
    claims text, turn text, run integer, thread text, new_message text, told text, result jsonb, settled jsonb,
    apart text, checkpoint_id text, checkpoint jsonb, metadata jsonb, blob_version text, blob bytea,
    next_turn text, runner text
)
returns table (turn_seq integer, contents text[], stage text, said_apart text)
language plpgsql as $$
#variable_conflict use_column
declare
    c record;
begin
    perform app.state_claims(claims);
    perform app.finish_turn(turn, run, told, result);
    update conversations v set
        stage = case when v.converted_at is null then settled ->> 'stage' else 'converted' end,
        qualified = v.converted_at is not null or (settled -> 'qualified')::boolean,
        qualified_at = case when v.converted_at is not null or (settled -> 'qualified')::boolean
            then coalesce(v.qualified_at, now()) end,
        qualification_score = (settled -> 'score')::real,
        fields = settled -> 'fields',
        objections = settled -> 'objections',
        questions_asked = (settled -> 'questions_asked')::integer,
        offer_shown = settled ->> 'offer_shown',
        next_prompt = settled ->> 'next_prompt',
        open_field = settled ->> 'open_field',
        language = settled ->> 'language',
        said_apart = nullif(v.said_apart, apart),
        total_messages = v.total_messages + 1
    where v.id = thread
    returning v.organization_id, v.total_messages into c;
    insert into messages (id, organization_id, conversation_id, seq, role, content, turn_id, metadata)
    values (new_message, c.organization_id, thread, c.total_messages, 'ai', told, turn, result -> 'metadata');

    perform app.save_checkpoint(thread, checkpoint_id, checkpoint, metadata, blob_version, blob);
    return query select n.turn_seq, n.contents, n.stage, n.said_apart
        from app.begin_waiting_turn(thread, next_turn, runner) n;
end
$$;

-- Counts a conversation where it stands, on the day that it began.
create or replace function app.count_conversation() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    c conversations := case when tg_op = 'DELETE' then old else new end;
    n integer := case tg_op when 'INSERT' then 1 when 'DELETE' then -1 else 0 end;
    before text[] := '{}';
    after text[] := '{}';
    on_day date;
begin
    perform app.hold_days(c.organization_id);
    on_day := app.local_day(c.organization_id, c.created_at);
    if tg_op = 'UPDATE' and (new.stage, new.open_field, new.fields, new.objections, new.offer_shown,
            new.qualified_at, new.checkout_at, new.checkout_opened_at, new.converted_at)
        is not distinct from (old.stage, old.open_field, old.fields, old.objections, old.offer_shown,
            old.qualified_at, old.checkout_at, old.checkout_opened_at, old.converted_at) then
        perform app.add_to_day(c.campaign_id, on_day, messages => new.total_messages - old.total_messages);
        return null;
    end if;
    if tg_op <> 'INSERT' then
        before := app.marks(old);
    end if;
    if tg_op <> 'DELETE' then
        after := app.marks(new);
    end if;
    perform app.add_to_day(c.campaign_id, on_day,
        conversations => n,
        messages => case tg_op when 'INSERT' then new.total_messages when 'DELETE' then -old.total_messages
                    else new.total_messages - old.total_messages end,
        entering => array(select unnest(after) except all select unnest(before)),
        leaving => array(select unnest(before) except all select unnest(after)));
    if n <> 0 then
        perform app.add_to_part(c.campaign_id, on_day, 'source', app.source_key(c.source),
            conversations => n);
        perform app.add_to_totals(c.campaign_id, conversations => n);
    end if;
    if tg_op <> 'INSERT' and old.qualified_at is not null
        and (tg_op = 'DELETE' or new.qualified_at is distinct from old.qualified_at) then
        perform app.count_qualification(old, -1);
    end if;
    if tg_op <> 'DELETE' and new.qualified_at is not null
        and (tg_op = 'INSERT' or new.qualified_at is distinct from old.qualified_at) then
        perform app.count_qualification(new, 1);
    end if;
    return null;
end
$$;

reset lock_timeout;
reset statement_timeout;
