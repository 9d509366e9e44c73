#include "domain/job/export.h"
#include "domain/job/internal.h"

/* runner: which run of which process has it; heartbeat: when it last said so. */
#define TABLES(NUMBER, KEY, TEXT, BYTES, KEYED)                                                                        \
    "create table if not exists job ("                                                                                 \
    " id " KEY ", kind " TEXT " not null, dataset " TEXT " not null, label " TEXT " not null,"                         \
    " arguments " TEXT " not null, result " TEXT " not null, state " TEXT " not null,"                                 \
    " user_id " NUMBER " not null, user_name " TEXT " not null, attempt " NUMBER " not null,"                          \
    " created " NUMBER " not null, started " NUMBER " not null, ended " NUMBER " not null,"                            \
    " not_before " NUMBER " not null, message " TEXT " not null, done " NUMBER " not null,"                            \
    " total " NUMBER " not null, unit " TEXT " not null, is_cancelled " NUMBER " not null,"                            \
    " runner " TEXT " not null, heartbeat " NUMBER " not null,"                                                        \
    " explanation " TEXT " not null default '');"                                                                      \
    "create index if not exists job_state on job (state, id);"                                                         \
    "create index if not exists job_dataset on job (dataset, id) where dataset <> '';"                                 \
    "create index if not exists job_user on job (user_id, id);"                                                        \
    "create index if not exists job_ended on job (ended) where ended <> 0;"                                            \
    "create table if not exists job_line ("                                                                            \
    " job_id " NUMBER " not null references job (id) on delete cascade, number " NUMBER " not null, at " NUMBER        \
    " not null, is_fault " NUMBER " not null, text " TEXT " not null,"                                                 \
    " explanation " TEXT " not null default '',"                                                                       \
    " primary key (job_id, number))" KEYED ";"

const struct stored_table *job_tables(size_t *ret_count)
{
    static const struct stored_table tables[] = {{"job", "id"}, {"job_line", NULL}};
    *ret_count = ARRAY_LENGTH(tables);
    return tables;
}

enum err job_make_tables(struct scope *scope, struct db_lease *lease)
{
    TRY(schema_make(scope, lease, SCHEMA_SQLITE(TABLES), SCHEMA_POSTGRES(TABLES)));
    TRY(schema_add_text(scope, lease, "job", "explanation")); /* tables of before have none */
    TRY(schema_add_text(scope, lease, "job_line", "explanation"));
    return export_make_tables(scope, lease);
}

enum err job_now(struct scope *scope, struct db_lease *lease, usec *ret_now)
{
    cell now;
    if (db_lease_engine(lease) != DB_POSTGRES) {
        *ret_now = clock_wall();
        return ERR_OK;
    }
    TRY(DB_ASK(scope, lease, &now,
               "select (extract(epoch from clock_timestamp()) * 1000000)::bigint + ?", cell_int(0)));
    *ret_now = now.number;
    return ERR_OK;
}
