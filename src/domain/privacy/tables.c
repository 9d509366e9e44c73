/* Tables of services, what visitors were asked, and what is counted of their choices. */
#include "domain/privacy/internal.h"
#include "platform/db/schema.h"

#define TABLES(NUMBER, KEY, TEXT, BYTES, KEYED)                                                    \
    "create table if not exists privacy_state (key " TEXT " primary key, value " NUMBER " not null);"\
    "insert into privacy_state values ('generation', 0) on conflict do nothing;"                   \
    /* document null: removed; the row keeps its number from being given to another */             \
    "create table if not exists external_service ("                                                \
    " number " NUMBER " primary key, id " TEXT " not null unique, document " TEXT ","              \
    " changed " NUMBER " not null);"                                                               \
    "create table if not exists consent_revision ("                                                \
    " number " NUMBER " primary key, began " NUMBER " not null, hash " TEXT " not null,"           \
    " declaration " TEXT " not null);"                                                             \
    "create table if not exists consent_figure ("                                                  \
    " day " NUMBER " not null, revision " NUMBER " not null, language " TEXT " not null,"          \
    " way " NUMBER " not null, purposes " NUMBER " not null, count " NUMBER " not null,"           \
    " primary key (day, revision, language, way, purposes))" KEYED ";"                             \
    "create table if not exists unknown_cookie ("                                                  \
    " name " TEXT " primary key, count " NUMBER " not null, first " NUMBER " not null,"            \
    " last " NUMBER " not null)" KEYED ";"

const struct stored_table *privacy_tables(size_t *ret_count)
{
    static const struct stored_table tables[] = {{"privacy_state", NULL},
                                                 {"external_service", NULL},
                                                 {"consent_revision", NULL},
                                                 {"consent_figure", NULL},
                                                 {"unknown_cookie", NULL}};
    *ret_count = ARRAY_LENGTH(tables);
    return tables;
}

enum err privacy_make_tables(struct scope *scope, struct db_lease *lease)
{
    return schema_make(scope, lease, SCHEMA_SQLITE(TABLES), SCHEMA_POSTGRES(TABLES));
}
