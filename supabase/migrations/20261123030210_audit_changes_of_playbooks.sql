-- A new version of a playbook is a change of the one before, offers and all: the audit says which parts.
set lock_timeout = '5s';
set statement_timeout = '60s';

create policy keeper on playbooks for select to limitless_audit using (true);
grant select on playbooks to limitless_audit;

-- The parts of a playbook's content that differ between two versions, as they were and as they are.
create function app.audit_playbook() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    previous playbooks;
    old_parts jsonb;
    new_parts jsonb;
begin
    select * into previous from playbooks p
    where p.organization_id = new.organization_id and p.campaign_id is not distinct from new.campaign_id
      and p.version < new.version
    order by p.version desc limit 1;
    if not found then
        perform app.append_event(new.organization_id, 'playbook_created', 'playbook', new.id, null, to_jsonb(new));
        return null;
    end if;
    select jsonb_object_agg(key, previous.content -> key) filter (where previous.content ? key),
           jsonb_object_agg(key, new.content -> key) filter (where new.content ? key)
    into old_parts, new_parts
    from (select jsonb_object_keys(previous.content || new.content)) parts (key)
    where previous.content -> key is distinct from new.content -> key;
    perform app.append_event(new.organization_id, 'playbook_updated', 'playbook', new.id,
        jsonb_build_object('version', previous.version) || coalesce(old_parts, '{}'),
        jsonb_build_object('version', new.version, 'campaign_id', new.campaign_id) || coalesce(new_parts, '{}'));
    return null;
end
$$;
grant create on schema app to limitless_audit;
alter function app.audit_playbook() owner to limitless_audit;
revoke create on schema app from limitless_audit;
revoke all on function app.audit_playbook() from public;

create or replace trigger audited after update or delete on playbooks
    for each row execute function app.audit_change('playbook', 'id', '', '');
create trigger audited_new after insert on playbooks
    for each row execute function app.audit_playbook();

-- That a backup code was used; the codes themselves come and go with their second factor.
create trigger audited after update of used_at on mfa_backup_codes
    for each row execute function app.audit_change('mfa_backup_code', 'user_id', 'code_hash', '');

reset lock_timeout;
reset statement_timeout;
