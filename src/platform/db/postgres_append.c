#include "platform/db/postgres_append.h"

#include <stdlib.h>

#include "base/bug.h"
#include "base/buf.h"
#include "platform/db/postgres_link.h"
#include "platform/db/postgres_value.h"

#define SEND_BYTES (256u << 10)

struct append {
    struct db_append append;
    struct buf bytes; /* not yet sent */
    bool is_copying;
};

static struct postgres_link *link_of(const struct db_append *append)
{
    return append->lease->connection;
}

enum err postgres_append_open(struct scope *scope, struct db_lease *lease, str database, str table,
                              struct db_append **ret_append)
{
    static const char signature[] = "PGCOPY\n\377\r\n"; /* with the NUL at its end; then flags, extension */
    struct postgres_link *link = lease->connection;
    const cell *values;
    size_t count;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "copy ");
    sql_name(&sql, database);
    sql_text(&sql, ".");
    sql_name(&sql, table);
    sql_text(&sql, " from stdin (format binary)");
    str text = sql_render(&sql, POSTGRES_NAME_BYTES, &values, &count);
    if (!PQsendQuery(link->handle, text.p)) {
        return postgres_report(scope, link, NULL);
    }
    PGresult *result;
    TRY(postgres_result(scope, link, &result));
    if (PQresultStatus(result) != PGRES_COPY_IN) {
        enum err outcome = postgres_report(scope, link, result);
        PQclear(result);
        return outcome;
    }
    PQclear(result);
    struct append *append = calloc(1, sizeof(*append));
    if (!append) {
        bug_out_of_memory(sizeof(*append));
    }
    append->append.lease = lease;
    append->is_copying = true;
    buf_add(&append->bytes, (str){signature, sizeof(signature)});
    postgres_put_32(&append->bytes, 0);
    postgres_put_32(&append->bytes, 0);
    *ret_append = &append->append;
    return ERR_OK;
}

static enum err send_bytes(struct scope *scope, struct append *append)
{
    struct postgres_link *link = link_of(&append->append);
    if (append->bytes.n && PQputCopyData(link->handle, append->bytes.p, (int)append->bytes.n) != 1) {
        return postgres_report(scope, link, NULL);
    }
    buf_clear(&append->bytes);
    return ERR_OK;
}

enum err postgres_append_batch(struct scope *scope, struct db_append *base,
                               const struct batch *batch)
{
    struct append *append = (struct append *)base;
    for (size_t row = 0; row < batch->rows; row++) {
        postgres_put_16(&append->bytes, (uint16_t)batch->column_count);
        for (size_t i = 0; i < batch->column_count; i++) {
            postgres_write_field(&append->bytes, &batch->columns[i], row);
        }
        if (append->bytes.n >= SEND_BYTES) {
            TRY(send_bytes(scope, append));
        }
    }
    return ERR_OK;
}

enum err postgres_append_finish(struct scope *scope, struct db_append *base)
{
    struct append *append = (struct append *)base;
    struct postgres_link *link = link_of(base);
    postgres_put_16(&append->bytes, UINT16_MAX); /* the end */
    TRY(send_bytes(scope, append));
    append->is_copying = false;
    if (PQputCopyEnd(link->handle, NULL) != 1) {
        return postgres_report(scope, link, NULL);
    }
    return postgres_drain(scope, link);
}

void postgres_append_close(struct db_append *base)
{
    struct append *append = (struct append *)base;
    struct postgres_link *link = link_of(base);
    if (append->is_copying && !postgres_is_lost(link)) {
        PQputCopyEnd(link->handle, "given up");
        postgres_stop(link);
    }
    buf_done(&append->bytes);
    free(append);
}
