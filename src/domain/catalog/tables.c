#include "domain/catalog/tables.h"

#include "base/attr.h"
#include "domain/catalog/catalog.h"

/*
 * Triggers keep what rows were. A change belongs to the generation that its transaction is about to make;
 * what a row was in between is not kept.
 */
#define STATE(NUMBER, KEY, TEXT, BYTES, KEYED)                                                     \
    "create table if not exists state (key " TEXT " primary key, value " NUMBER " not null);"      \
    "insert into state values ('generation', 0), ('pruned', 0) on conflict do nothing;"

#define TABLES(NUMBER, KEY, TEXT, BYTES, KEYED)                                                    \
    /* changed: the generation that made the row what it is; kept by triggers. */                  \
    "create table if not exists dataset ("                                                         \
    " number " KEY ", uid " TEXT " not null unique, id " TEXT " not null unique,"                  \
    " metadata " TEXT " not null, fields " TEXT " not null,"                                       \
    " version " NUMBER " not null, last_version " NUMBER " not null, records " NUMBER " not null," \
    " created " NUMBER " not null, modified " NUMBER " not null, data_processed " NUMBER           \
    " not null, metadata_processed " NUMBER " not null, changed " NUMBER " not null default 0,"    \
    /* Of the metadata; kept by catalog_finish_change. */                                          \
    " title " TEXT " not null default '', has_attachments " NUMBER " not null default 0,"          \
    /* Not published yet: what somebody is at work on. */                                          \
    " draft " NUMBER " not null default 0,"                                                        \
    /* Versions that a publication leaves; 0: as many as who publishes says. */                    \
    " keep " NUMBER " not null default 0);"                                                        \
    "create index if not exists dataset_by_change on dataset (changed);"                           \
    /* What rows were, for readers of earlier generations; replaced: the generation that ended     \
     * them. */                                                                                    \
    "create table if not exists dataset_old ("                                                     \
    " number " NUMBER " not null, changed " NUMBER " not null, metadata " TEXT " not null,"        \
    " fields " TEXT " not null, replaced " NUMBER " not null, replaced_at " NUMBER " not null,"    \
    " primary key (number, changed))" KEYED ";"                                                    \
    "create index if not exists dataset_old_by_end on dataset_old (replaced);"                     \
    "create index if not exists dataset_old_by_time on dataset_old (replaced_at, replaced);"       \
    "create table if not exists version ("                                                         \
    " uid " TEXT " not null references dataset (uid) on delete cascade, number " NUMBER            \
    " not null, records " NUMBER " not null, bytes " NUMBER " not null, fields " TEXT " not null," \
    " source " TEXT " not null, created " NUMBER " not null,"                                      \
    /* Who published it, and why; where its records are (metadata's extent; empty: not measured).  \
     * Records that it has and version compared has not, and so on; -1: not compared. */           \
    " author " TEXT " not null default '', note " TEXT " not null default '',"                     \
    " pinned " NUMBER " not null default 0, extent " TEXT " not null default '',"                  \
    " compared " NUMBER " not null default 0, added " NUMBER " not null default -1,"               \
    " removed " NUMBER " not null default -1, changed " NUMBER " not null default -1,"             \
    " primary key (uid, number));"                                                                 \
    /* Who may do what (identity/access.h). Here, so that a dataset can be made closed. */         \
    "create table if not exists dataset_access ("                                                  \
    " uid " TEXT " not null references dataset (uid) on delete cascade, subject_kind " TEXT        \
    " not null, subject_id " NUMBER " not null, rights " NUMBER " not null, filter " TEXT          \
    " not null, hidden " TEXT " not null, changed " NUMBER " not null,"                            \
    " primary key (uid, subject_kind, subject_id));"                                               \
    /* Lists of values that the portal offers (vocabulary.h), forms of its own (custom_template.h).  \
     * labels, help: JSON objects by language. */                                                  \
    "create table if not exists vocabulary ("                                                      \
    " list " TEXT " not null, value " TEXT " not null, labels " TEXT " not null, address " TEXT    \
    " not null, primary key (list, value))" KEYED ";"                                              \
    "create table if not exists metadata_template ("                                               \
    " name " TEXT " primary key, labels " TEXT " not null, position " NUMBER " not null);"         \
    "create table if not exists metadata_field ("                                                  \
    " name " TEXT " primary key, template " TEXT " not null references metadata_template (name) on delete cascade,"\
    " labels " TEXT " not null, help " TEXT " not null, type " TEXT " not null, choices " TEXT     \
    " not null, is_required " NUMBER " not null, by_language " NUMBER " not null, position " NUMBER " not null);"

/* What a snapshot holds, so that opening a catalogue reads no metadata. */
static const char light_index[] =
    "create index if not exists dataset_light on dataset (id, uid, number, changed, version, records,"
    " modified, data_processed, metadata_processed, title, has_attachments, draft);";

/* What format 4 has and format 3 had not. */
#define UPGRADE(NUMBER, KEY, TEXT, BYTES, KEYED)                                                   \
    "alter table dataset add column draft " NUMBER " not null default 0;"                          \
    "alter table dataset add column keep " NUMBER " not null default 0;"                           \
    "alter table version add column author " TEXT " not null default '';"                          \
    "alter table version add column note " TEXT " not null default '';"                            \
    "alter table version add column pinned " NUMBER " not null default 0;"                         \
    "alter table version add column extent " TEXT " not null default '';"                          \
    "alter table version add column compared " NUMBER " not null default 0;"                       \
    "alter table version add column added " NUMBER " not null default -1;"                         \
    "alter table version add column removed " NUMBER " not null default -1;"                       \
    "alter table version add column changed " NUMBER " not null default -1;"
static const char sqlite_upgrade[] =
    "drop index if exists dataset_light; drop trigger if exists dataset_replaced;";

#define KEEP_OLD                                                                                   \
    "insert or ignore into dataset_old select old.number, old.changed, old.metadata, old.fields, " \
    NEXT ", unixepoch() where old.changed < " NEXT ";"
#define TOUCH(uid_of_rule)                                                                         \
    "insert or ignore into dataset_old select number, changed, metadata, fields, " NEXT            \
    ", unixepoch() from dataset where uid = " uid_of_rule " and changed < " NEXT ";"               \
    "update dataset set changed = " NEXT " where uid = " uid_of_rule ";"

static const char sqlite_triggers[] =
    "create trigger if not exists dataset_made after insert on dataset begin"
    " update dataset set changed = " NEXT " where number = new.number; end;"
    "create trigger if not exists dataset_replaced after update of uid, id, metadata, fields,"
    " version, records, modified, data_processed, metadata_processed, draft on dataset begin "
    KEEP_OLD " update dataset set changed = " NEXT " where number = new.number; end;"
    "create trigger if not exists dataset_removed after delete on dataset begin " KEEP_OLD " end;"
    "create trigger if not exists access_removed after delete on dataset_access begin "
    TOUCH("old.uid") " end;"
    "create trigger if not exists access_made after insert on dataset_access begin "
    TOUCH("new.uid") " end;"
    "create trigger if not exists access_replaced after update on dataset_access begin "
    TOUCH("new.uid") " end;";

/* The same. */
static const char postgres_triggers[] =
    "create or replace function dataset_keep() returns trigger language plpgsql as $$ begin"
    " if tg_op <> 'INSERT' then"
    "  insert into dataset_old select old.number, old.changed, old.metadata, old.fields, " NEXT
    ", extract(epoch from now())::bigint where old.changed < " NEXT " on conflict do nothing;"
    " end if;"
    " if tg_op = 'DELETE' then"
    "  delete from attachment_file where uid = old.uid;"
    " else"
    "  update dataset set changed = " NEXT " where number = new.number;"
    " end if;"
    " return null; end $$;"
    "create or replace function access_touch() returns trigger language plpgsql as $$"
    " declare touched text := case when tg_op = 'DELETE' then old.uid else new.uid end;"
    " begin"
    " insert into dataset_old select number, changed, metadata, fields, " NEXT
    ", extract(epoch from now())::bigint from dataset where uid = touched and changed < " NEXT
    " on conflict do nothing;"
    " update dataset set changed = " NEXT " where uid = touched;"
    " return null; end $$;"
    /* The tables of a version's records go later, when nobody reads them any more. */
    "create table if not exists version_ended (uid text collate \"C\" not null, number bigint not null,"
    " ended bigint not null, primary key (uid, number));"
    /* Bytes of attachments (attachment_store.h). No reference: they may come before the dataset. */
    "create table if not exists attachment_file (uid text collate \"C\" not null,"
    " stored text collate \"C\" not null, part bigint not null, bytes bytea not null,"
    " primary key (uid, stored, part));"
    "create or replace function version_end() returns trigger language plpgsql as $$ begin"
    " insert into version_ended select old.uid, old.number, extract(epoch from now())::bigint"
    " on conflict do nothing;"
    " return null; end $$;"
    "create or replace trigger version_ends after delete on version"
    " for each row execute function version_end();"
    "create or replace trigger dataset_changed after insert or delete or update of uid, id, metadata,"
    " fields, version, records, modified, data_processed, metadata_processed, draft on dataset"
    " for each row execute function dataset_keep();"
    "create or replace trigger access_changed after insert or update or delete on dataset_access"
    " for each row execute function access_touch();";

/* The same of both engines, by what each can. */
static const char sqlite_rest[] =
    "drop trigger if exists dataset_made; drop trigger if exists dataset_replaced;"
    "drop trigger if exists dataset_removed; drop trigger if exists access_removed;"
    "drop trigger if exists access_made; drop trigger if exists access_replaced;";
static const char postgres_rest[] =
    "alter table dataset disable trigger user; alter table dataset_access disable trigger user;"
    "alter table version disable trigger user;";
static const char postgres_wake[] =
    "alter table dataset enable trigger user; alter table dataset_access enable trigger user;"
    "alter table version enable trigger user;";

enum err catalog_pause_triggers(struct scope *scope, struct db_lease *lease)
{
    return schema_make(scope, lease, sqlite_rest, postgres_rest);
}

enum err catalog_resume_triggers(struct scope *scope, struct db_lease *lease)
{
    return schema_make(scope, lease, sqlite_triggers, postgres_wake);
}

const struct stored_table *catalog_tables(size_t *ret_count)
{
    static const struct stored_table tables[] = {
        {"dataset", "number"}, {"dataset_old", NULL}, {"version", NULL}, {"dataset_access", NULL},
        {"vocabulary", NULL},  {"metadata_template", NULL}, {"metadata_field", NULL}};
    *ret_count = ARRAY_LENGTH(tables);
    return tables;
}

enum err tables_make_state(struct scope *scope, struct db_lease *lease)
{
    return schema_make(scope, lease, SCHEMA_SQLITE(STATE), SCHEMA_POSTGRES(STATE));
}

enum err tables_upgrade(struct scope *scope, struct db_lease *lease)
{
    TRY(schema_make(scope, lease, sqlite_upgrade, ""));
    return schema_make(scope, lease, SCHEMA_SQLITE(UPGRADE), SCHEMA_POSTGRES(UPGRADE));
}

enum err tables_make(struct scope *scope, struct db_lease *lease)
{
    TRY(schema_make(scope, lease, "", "create schema if not exists parvis_records"));
    TRY(schema_make(scope, lease, SCHEMA_SQLITE(TABLES), SCHEMA_POSTGRES(TABLES)));
    TRY(schema_make(scope, lease, light_index, ""));
    return schema_make(scope, lease, sqlite_triggers, postgres_triggers);
}
