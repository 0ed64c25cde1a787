-- The websites that may show a campaign's chat in a frame of theirs. None may until its owner says so.
set lock_timeout = '5s';
set statement_timeout = '60s';

alter table campaigns add column allowed_origins text[] not null default '{}';

reset lock_timeout;
reset statement_timeout;
