/* Tables of settings, pages of content and their files. */
#include "domain/site/keeper_internal.h"
#include "platform/db/schema.h"

#define TABLES(NUMBER, KEY, TEXT, BYTES, KEYED)                                                    \
    "create table if not exists site_state (key " TEXT " primary key, value " NUMBER " not null);" \
    "insert into site_state values ('generation', 0) on conflict do nothing;"                      \
    /* value null: taken back; the row keeps its revision */                                       \
    "create table if not exists site_setting ("                                                    \
    " member " TEXT " primary key, value " TEXT ", secret " BYTES ", revision " NUMBER " not null," \
    " changed " NUMBER " not null, author " TEXT " not null)" KEYED ";"                            \
    "create table if not exists site_file ("                                                       \
    " name " TEXT " primary key, bytes " BYTES " not null, added " NUMBER " not null)" KEYED ";"   \
    "create table if not exists content_page ("                                                    \
    " id " KEY ", slug " TEXT " not null unique, published " NUMBER " not null, menu " NUMBER " not null," \
    " position " NUMBER " not null, revision " NUMBER " not null, changed " NUMBER " not null,"    \
    " author " TEXT " not null, title " TEXT " not null, text " TEXT " not null);"                 \
    "create table if not exists content_revision ("                                                \
    " page " NUMBER " not null references content_page (id) on delete cascade,"                    \
    " revision " NUMBER " not null, changed " NUMBER " not null, author " TEXT " not null,"        \
    " title " TEXT " not null, text " TEXT " not null, primary key (page, revision))" KEYED ";"    \
    "create table if not exists content_file ("                                                    \
    " page " NUMBER " not null references content_page (id) on delete cascade,"                    \
    " name " TEXT " not null, bytes " BYTES " not null, added " NUMBER " not null,"                \
    " primary key (page, name))" KEYED ";"

const struct stored_table *site_tables(size_t *ret_count)
{
    static const struct stored_table tables[] = {{"site_state", NULL},   {"site_setting", NULL},
                                                 {"site_file", NULL},    {"content_page", "id"},
                                                 {"content_revision", NULL}, {"content_file", NULL}};
    *ret_count = ARRAY_LENGTH(tables);
    return tables;
}

enum err site_forget_secrets(struct scope *scope, struct db_lease *lease)
{
    TRY(site_make_tables(scope, lease));
    return db_script(scope, lease, "update site_setting set secret = null");
}

enum err site_make_tables(struct scope *scope, struct db_lease *lease)
{
    return schema_make(scope, lease, SCHEMA_SQLITE(TABLES), SCHEMA_POSTGRES(TABLES));
}
