-- A lead's message on its way in, and a turn on its way out: one statement each. Each states by itself whose
-- transaction it is, so that no other statement need go before or after it. Row-level security applies to all
-- of it. Locks, the campaign's above all, are held for one commit and no round trip.
set lock_timeout = '5s';
set statement_timeout = '60s';

-- Takes the app's role and states the claims, for the rest of the transaction.
create function app.state_claims(claims text) returns void
language plpgsql as $$
begin
    perform set_config('role', 'limitless_app', true),
        set_config('search_path', 'public, checkpoints, jobs, extensions, app', true),
        set_config('request.jwt.claims', claims, true);
end
$$;

-- The newest checkpoint of a thread, with the one channel that is kept apart.
create function app.read_checkpoint(thread text)
returns table (checkpoint text, metadata text, kind text, blob bytea)
language sql stable as $$
    select c.checkpoint::text, c.metadata::text, b.type, b.blob
    from checkpoints.checkpoints c
    left join checkpoints.checkpoint_blobs b
        on b.thread_id = c.thread_id and b.checkpoint_ns = c.checkpoint_ns and b.channel = 'messages'
        and b.version = c.checkpoint -> 'channel_versions' ->> 'messages'
    where c.thread_id = thread and c.checkpoint_ns = ''
    order by c.checkpoint_id desc limit 1
$$;

-- Writes a thread's checkpoint and takes everything older of it away: a thread holds one, at any age.
create function app.save_checkpoint(
    thread text, id text, checkpoint jsonb, metadata jsonb, blob_version text, blob bytea
) returns void
language plpgsql as $$
begin
    delete from checkpoints.checkpoints c where c.thread_id = thread;
    delete from checkpoints.checkpoint_writes w where w.thread_id = thread;
    delete from checkpoints.checkpoint_blobs b where b.thread_id = thread;
    insert into checkpoints.checkpoints (thread_id, checkpoint_ns, checkpoint_id, checkpoint, metadata)
    values (thread, '', id, checkpoint, metadata);
    if blob_version is not null then
        insert into checkpoints.checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
        values (thread, '', 'messages', blob_version, 'msgpack', blob);
    end if;
end
$$;

-- What became of a lead's message. `obstacle` says why it was not written: a `limit` is used up, the `thread`
-- does not exist, the campaign is `closed` or has no `playbook` yet, or the `handle` is not whose message began
-- the conversation. `known_id` is the message's own id where the client had sent it before. With a turn comes
-- what that starts from.
create type app.acceptance as (
    hits integer[], resets_at timestamptz[], obstacle text,
    thread_id text, campaign_id text, playbook_id text, handle text, stage text, qualified boolean, fields jsonb,
    said_apart text, known_id text, known_content text, turn_seq integer,
    checkpoint text, metadata text, kind text, blob bytea, has_documents boolean
);

-- Counts a message against its limits, in their order, up to the first that is used up.
create function app.count_message(keys text[], allowed integer[], windows integer[]) returns app.acceptance
language plpgsql as $$
declare
    answer app.acceptance;
begin
    if keys <> '{}' then
        select array_agg(r.hits), array_agg(r.resets_at) into answer.hits, answer.resets_at
        from app.count_request(keys, allowed, windows) r;
        if answer.hits[cardinality(answer.hits)] > allowed[cardinality(answer.hits)] then
            answer.obstacle := 'limit';
        end if;
    end if;
    return answer;
end
$$;

-- Writes a message down and begins a turn for it, unless one runs. The conversation's row is locked first, so
-- that messages and the ends of turns come one after the other.
create function app.write_message(
    answer app.acceptance, thread text, said text, client_id text, new_message text, new_turn text, runner text
) returns app.acceptance
language plpgsql as $$
declare
    c record;
begin
    select v.*, k.is_active into c
    from conversations v join campaigns k on k.id = v.campaign_id
    where v.id = thread for update of v;
    if c.id is null then
        answer.obstacle := 'thread';
        return answer;
    end if;
    answer.thread_id := thread;
    answer.campaign_id := c.campaign_id;
    answer.playbook_id := c.playbook_id;
    answer.handle := c.handle;
    answer.stage := c.stage;
    answer.qualified := c.qualified;
    answer.fields := c.fields;
    answer.said_apart := c.said_apart;
    if client_id is not null then
        select m.id, m.content into answer.known_id, answer.known_content
        from messages m where m.conversation_id = thread and m.client_message_id = client_id;
    end if;
    if answer.known_id is not null then
        return answer;
    end if;
    if not c.is_active then
        answer.obstacle := 'closed';
        return answer;
    end if;
    if not exists (select from turns t where t.conversation_id = thread and t.status = 'running') then
        answer.turn_seq := c.total_turns + 1;
        insert into turns (id, organization_id, conversation_id, seq, status, runner_id)
        values (new_turn, c.organization_id, thread, answer.turn_seq, 'running', runner);
        select r.* into answer.checkpoint, answer.metadata, answer.kind, answer.blob
        from app.read_checkpoint(thread) r;
        answer.has_documents := exists (select from documents d where d.status = 'completed');
    end if;
    insert into messages (id, organization_id, conversation_id, seq, role, content, client_message_id, turn_id)
    values (new_message, c.organization_id, thread, c.total_messages + 1, 'human', said, client_id,
        case when answer.turn_seq is not null then new_turn end);
    update conversations v set total_messages = c.total_messages + 1,
        total_turns = coalesce(answer.turn_seq, c.total_turns), last_message_at = now()
    where v.id = thread;
    return answer;
end
$$;

-- The next message of a conversation: counted, and written.
create function app.accept_message(
    claims text, limit_keys text[], limits_allowed integer[], limit_windows integer[],
    thread text, said text, client_id text, new_message text, new_turn text, runner text
) returns app.acceptance
language plpgsql as $$
declare
    answer app.acceptance;
begin
    perform app.state_claims(claims);
    answer := app.count_message(limit_keys, limits_allowed, limit_windows);
    if answer.obstacle is not null then
        return answer;
    end if;
    return app.write_message(answer, thread, said, client_id, new_message, new_turn, runner);
end
$$;

-- The first message of a conversation: counted, and written into a new one, which has said its opening and
-- knows which visit it came from. A first message that is sent again (`start_id`) finds its conversation.
create function app.begin_conversation(
    claims text, limit_keys text[], limits_allowed integer[], limit_windows integer[],
    campaign text, new_thread text, lead_handle text, start_id text, chat_id text, lead_visitor text,
    opening_message text, said text, client_id text, new_message text, new_turn text, runner text
) returns app.acceptance
language plpgsql as $$
declare
    answer app.acceptance;
    k campaigns;
    p record;
    known record;
begin
    perform app.state_claims(claims);
    answer := app.count_message(limit_keys, limits_allowed, limit_windows);
    if answer.obstacle is not null then
        return answer;
    end if;
    if start_id is not null then
        select v.id, v.handle into known
        from conversations v where v.campaign_id = campaign and v.start_message_id = start_id;
        if known.id is not null then
            if known.handle <> lead_handle then
                answer.obstacle := 'handle';
                return answer;
            end if;
            return app.write_message(answer, known.id, said, client_id, new_message, new_turn, runner);
        end if;
    end if;

    select b.id, b.content ->> 'opening' as opening, b.content -> 'questions' -> 0 as question into p
    from playbooks b where b.campaign_id = campaign or b.campaign_id is null
    order by b.campaign_id nulls last, b.version desc limit 1;
    if p.id is null then
        answer.obstacle := 'playbook';
        return answer;
    end if;
    select c.* into k from campaigns c
    where c.id = campaign and c.is_active and (c.expires_at is null or c.expires_at > now());
    if k.max_uses is not null then
        update campaigns c set uses = c.uses + 1
        where c.id = campaign and (c.max_uses is null or c.uses < c.max_uses)
        returning c.* into k;
    end if;
    if k.id is null then
        answer.obstacle := 'closed';
        return answer;
    end if;
    insert into conversations (id, organization_id, campaign_id, playbook_id, handle, questions_asked, next_prompt,
        open_field, start_message_id, client_chat_id, total_messages, source)
    values (new_thread, k.organization_id, campaign, p.id, lead_handle, 1, p.question ->> 'question',
        p.question ->> 'field', start_id, chat_id, 1, coalesce(
            (select v.parameters from visits v
             where v.campaign_id = campaign and v.visitor = decode(lead_visitor, 'hex')
                and v.created_at > now() - interval '30 days'
             order by v.parameters <> '{}' desc, v.created_at desc limit 1), '{}'));
    insert into messages (id, organization_id, conversation_id, seq, role, content)
    values (opening_message, k.organization_id, new_thread, 1, 'ai', p.opening);
    return app.write_message(answer, new_thread, said, client_id, new_message, new_turn, runner);
end
$$;

-- Begins one turn for all messages that waited; no row where none did.
create function app.begin_waiting_turn(thread text, new_turn text, runner text)
returns table (turn_seq integer, contents text[], stage text, said_apart text)
language plpgsql as $$
#variable_conflict use_column
begin
    if not exists (
        select from messages m
        where m.conversation_id = thread and m.role = 'human' and m.turn_id is null
    ) then
        return;
    end if;
    update conversations v set total_turns = total_turns + 1 where v.id = thread
    returning v.total_turns, v.stage, v.said_apart into turn_seq, stage, said_apart;
    insert into turns (id, organization_id, conversation_id, seq, status, runner_id)
    select new_turn, v.organization_id, thread, turn_seq, 'running', runner
    from conversations v where v.id = thread;
    with taken as (
        update messages m set turn_id = new_turn
        where m.conversation_id = thread and m.role = 'human' and m.turn_id is null
        returning m.seq, m.content
    )
    select array_agg(t.content order by t.seq) into contents from taken t;
    return next;
end
$$;

-- Writes what a turn came to: the reply, the conversation's state and counters, the checkpoint (the
-- thread's only one, from then on); and begins the next turn where messages wait. Fails with LM001 when
-- another run has taken the turn over. Answers with the turn that was begun, if any.
create function app.commit_turn(
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
        total_messages = v.total_messages + 1,
        last_message_at = now()
    where v.id = thread
    returning v.organization_id, v.total_messages into c;
    insert into messages (id, organization_id, conversation_id, seq, role, content, turn_id, metadata)
    values (new_message, c.organization_id, thread, c.total_messages, 'ai', told, turn, result -> 'metadata');

    perform app.save_checkpoint(thread, checkpoint_id, checkpoint, metadata, blob_version, blob);
    return query select n.turn_seq, n.contents, n.stage, n.said_apart
        from app.begin_waiting_turn(thread, next_turn, runner) n;
end
$$;

-- Uses are counted in the campaign's own row, one conversation after the other, where they are limited, and
-- nowhere else. A limit that is set later begins with the conversations that there are.
create function app.begin_to_count_uses() returns trigger
language plpgsql set search_path = public as $$
begin
    new.uses := greatest(new.uses, (select count(*) from conversations c where c.campaign_id = new.id));
    return new;
end
$$;
create trigger uses_are_limited before update of max_uses on campaigns
    for each row when (old.max_uses is null and new.max_uses is not null)
    execute function app.begin_to_count_uses();

do $$
declare
    f regprocedure;
begin
    foreach f in array array[
        'app.state_claims(text)', 'app.read_checkpoint(text)', 'app.begin_waiting_turn(text, text, text)',
        'app.save_checkpoint(text, text, jsonb, jsonb, text, bytea)',
        'app.count_message(text[], integer[], integer[])',
        'app.write_message(app.acceptance, text, text, text, text, text, text)',
        'app.accept_message(text, text[], integer[], integer[], text, text, text, text, text, text)',
        'app.begin_conversation(text, text[], integer[], integer[], text, text, text, text, text, text, text, text,'
        ' text, text, text, text)',
        'app.commit_turn(text, text, integer, text, text, text, jsonb, jsonb, text, text, jsonb, jsonb, text,'
        ' bytea, text, text)'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to limitless_app', f);
    end loop;
end
$$;

reset lock_timeout;
reset statement_timeout;
