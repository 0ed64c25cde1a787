-- Finished turns whose log can go, and the ways along foreign keys that nothing should search a table for.
set lock_timeout = '5s';
set statement_timeout = '60s';

create index turns_with_log on turns (organization_id, finished_at) where outcome is not null;
create index messages_by_turn on messages (turn_id) where turn_id is not null;
create index checkouts_by_conversation on checkouts (conversation_id);
create index knowledge_gaps_by_conversation on knowledge_gaps (conversation_id);

reset lock_timeout;
reset statement_timeout;
