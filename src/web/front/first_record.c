#include "web/front/first_record.h"

#include "domain/records/read.h"

enum err first_record(struct scope *scope, struct records_lease *lease, const struct clauses *like,
                      const struct zone *zone, json_t **ret_record)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct clauses clauses = {.limit = 1, .now = like->now, .timezone = like->timezone, .lang = like->lang};
    struct plan *plan;
    bool found = false;
    *ret_record = NULL;
    TRY(odsql_compile(scope, &lease->source, &clauses, &plan));
    struct read read = {.plan = plan, .clauses = &clauses, .zone = zone, .lang = like->lang};
    TRY(read_first(scope, lease, &read, &out, &found));
    return found ? json_read(scope, ERR_INTERNAL, buf_str(&out), "record", ret_record) : ERR_OK;
}
