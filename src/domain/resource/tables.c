#include "domain/resource/resource.h"

/* The bytes of uploads are rows where PostgreSQL keeps everything. */
#define TABLES(NUMBER, KEY, TEXT, BYTES, KEYED)                                                    \
    "create table if not exists upload (id " TEXT " not null primary key, owner " NUMBER           \
    " not null, dataset " TEXT " not null, name " TEXT " not null, bytes " NUMBER                  \
    " not null, received " NUMBER " not null, file_time " NUMBER " not null, created " NUMBER      \
    " not null, changed " NUMBER " not null, used " NUMBER " not null)" KEYED ";"                  \
    "create index if not exists upload_dataset on upload (dataset);"                               \
    "create index if not exists upload_owner on upload (owner, used);"                             \
    "create table if not exists upload_part (upload " TEXT " not null, start " NUMBER              \
    " not null, bytes " BYTES " not null, primary key (upload, start))" KEYED ";"                  \
    "create table if not exists resource (dataset " TEXT " not null primary key, kind " TEXT       \
    " not null, uploads " TEXT " not null, location " TEXT " not null, settings " TEXT             \
    " not null, etag " TEXT " not null, last_modified " TEXT " not null, schedule " TEXT           \
    " not null, checked " NUMBER " not null, changed " NUMBER " not null, changed_by " TEXT        \
    " not null)" KEYED ";"                                                                         \
    "create table if not exists resource_rejects (dataset " TEXT " not null primary key, version " \
    NUMBER " not null, rows_left_out " NUMBER " not null, lines " BYTES " not null)" KEYED ";"     \
    "create table if not exists unsent (dataset " TEXT " not null, owner " NUMBER                  \
    " not null, form " TEXT " not null, typed " TEXT " not null, changed " NUMBER                  \
    " not null, primary key (dataset, owner, form))" KEYED ";"

enum err resource_make_tables(struct scope *scope, struct db_lease *lease)
{
    return schema_make(scope, lease, SCHEMA_SQLITE(TABLES), SCHEMA_POSTGRES(TABLES));
}

const struct stored_table *resource_tables(size_t *ret_count)
{
    static const struct stored_table tables[] = {{"upload", NULL}, {"resource", NULL}, {"resource_rejects", NULL},
                                                 {"unsent", NULL}};
    *ret_count = ARRAY_LENGTH(tables);
    return tables;
}
