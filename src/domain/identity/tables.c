/* Tables of people, sessions, keys and the audit log. */
#include "domain/identity/internal.h"
#include "platform/db/schema.h"

/* Instants and durations are microseconds; digests are of SHA-256 or HMAC-SHA-256. */
#define TABLES(NUMBER, KEY, TEXT, BYTES, KEYED)                                                    \
    "create table if not exists \"user\" ("                                                            \
    " id " KEY ", name " TEXT " not null, name_key " TEXT " not null unique,"                      \
    " display_name " TEXT " not null, email " TEXT " not null, email_key " TEXT " not null, role " TEXT " not null,"\
    " active " NUMBER " not null, password " TEXT ", password_changed " NUMBER " not null,"        \
    " epoch " NUMBER " not null, second_factor " BYTES ", factor_step " NUMBER " not null,"        \
    " created " NUMBER " not null, last_sign_in " NUMBER " not null);"                             \
    "create index if not exists user_email on \"user\" (email_key) where email_key <> '';"             \
    "create table if not exists user_group ("                                                      \
    " id " KEY ", name " TEXT " not null unique, created " NUMBER " not null);"                    \
    "create table if not exists user_group_member ("                                               \
    " group_id " NUMBER " not null references user_group (id) on delete cascade,"                  \
    " user_id " NUMBER " not null references \"user\" (id) on delete cascade,"                     \
    " primary key (group_id, user_id));"                                                           \
    "create index if not exists user_group_member_user on user_group_member (user_id);"            \
    "create table if not exists session ("                                                         \
    " row " KEY ", digest " BYTES " not null unique,"                                              \
    " user_id " NUMBER " not null references \"user\" (id) on delete cascade, epoch " NUMBER " not null,"\
    " created " NUMBER " not null, last_seen " NUMBER " not null,"                                 \
    " authenticated " NUMBER " not null, idle " NUMBER " not null, expires " NUMBER " not null,"   \
    " remembered " NUMBER " not null, label " TEXT " not null, network " TEXT " not null, flash " TEXT ");"\
    "create index if not exists \"session_user\" on session (user_id);"                            \
    "create table if not exists session_view ("                                                    \
    " session " NUMBER " primary key references session (row) on delete cascade,"                  \
    " subject_kind " TEXT " not null, subject_id " NUMBER " not null, dataset " TEXT " not null);" \
    "create table if not exists call_limit ("                                                      \
    " subject_kind " TEXT " not null, subject_id " NUMBER " not null, calls " NUMBER " not null,"  \
    " primary key (subject_kind, subject_id))" KEYED ";"                                           \
    "create table if not exists invitation ("                                                      \
    " id " KEY ", digest " BYTES " not null unique, email " TEXT " not null, email_key " TEXT      \
    " not null unique, role " TEXT " not null, group_ids " TEXT " not null, language " TEXT " not null,"\
    " invited_by " TEXT " not null, created " NUMBER " not null, sent " NUMBER " not null,"        \
    " expires " NUMBER " not null);"                                                               \
    "create index if not exists session_expires on session (expires);"                             \
    "create table if not exists link ("                                                            \
    " user_id " NUMBER " primary key references \"user\" (id) on delete cascade,"                  \
    " digest " BYTES " not null unique, created " NUMBER " not null, expires " NUMBER " not null);"\
    "create table if not exists recovery_code ("                                                   \
    " user_id " NUMBER " not null references \"user\" (id) on delete cascade, digest " BYTES " not null,"\
    " primary key (user_id, digest))" KEYED ";"                                                    \
    "create table if not exists api_key ("                                                         \
    " id " KEY ", digest " BYTES " not null unique,"                                               \
    " user_id " NUMBER " not null references \"user\" (id) on delete cascade, name " TEXT " not null,"\
    " prefix " TEXT " not null, scopes " NUMBER " not null, created " NUMBER " not null,"          \
    " expires " NUMBER " not null, last_used " NUMBER " not null, revoked " NUMBER " not null);"   \
    "create index if not exists api_key_user on api_key (user_id);"                                \
    "create table if not exists login_history ("                                                   \
    " device " BYTES " primary key, user_id " NUMBER " not null references \"user\" (id) on delete cascade,"\
    " last_used " NUMBER " not null)" KEYED ";"                                                    \
    "create index if not exists login_history_user on login_history (user_id);"                    \
    "create table if not exists throttle ("                                                        \
    " counter " BYTES " primary key, failures " NUMBER " not null, last " NUMBER " not null,"      \
    " until " NUMBER " not null)" KEYED ";"                                                        \
    "create index if not exists throttle_last on throttle (last);"                                 \
    "create table if not exists user_selection ("                                                  \
    " user_id " NUMBER " not null references \"user\" (id) on delete cascade, dataset " TEXT " not null,"\
    " added " NUMBER " not null, primary key (user_id, dataset))" KEYED ";"                        \
    "create table if not exists audit ("                                                           \
    " id " KEY ", at " NUMBER " not null, actor " TEXT " not null,"                                \
    " action " TEXT " not null, subject " TEXT " not null, detail " TEXT " not null, network " TEXT " not null);"\
    /* Each filter with the order of the log. */                                                   \
    "drop index if exists audit_at; drop index if exists audit_action;"                            \
    "create index if not exists audit_order on audit (at, id);"                                    \
    "create index if not exists audit_by_action on audit (action, at, id);"                        \
    "create index if not exists audit_by_actor on audit (actor, at, id);"                          \
    "create index if not exists audit_by_subject on audit (subject, at, id);"                      \
    "create index if not exists audit_by_network on audit (network, at, id);"

/* What SQLite has by itself; and the secret of all nodes, which without PostgreSQL is a file. */
static const char postgres_parts[] =
    "create or replace function join_number(text, bigint) returns text language sql immutable as"
    " $$ select case when $1 is null then $2::text else $1 || ',' || $2::text end $$;"
    "create or replace aggregate group_concat(bigint) (sfunc = join_number, stype = text);"
    "create table if not exists secret (name text primary key, bytes bytea not null);";

const struct stored_table *identity_tables(size_t *ret_count)
{
    static const struct stored_table tables[] = {
        {"user", "id"},        {"user_group", "id"},   {"user_group_member", NULL},
        {"session", "row"},    {"session_view", NULL}, {"call_limit", NULL},
        {"invitation", "id"},  {"link", NULL},         {"recovery_code", NULL},
        {"api_key", "id"},     {"login_history", NULL}, {"throttle", NULL},
        {"user_selection", NULL},
        {"audit", "id"}};
    *ret_count = ARRAY_LENGTH(tables);
    return tables;
}

enum err identity_make_tables(struct scope *scope, struct db_lease *lease)
{
    TRY(schema_make(scope, lease, SCHEMA_SQLITE(TABLES), SCHEMA_POSTGRES(TABLES)));
    return schema_make(scope, lease, "", postgres_parts);
}
