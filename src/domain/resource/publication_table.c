/* A table made of another dataset: an export with the rights of who asks for it. */
#include "base/url.h"
#include "domain/records/spool.h"
#include "domain/resource/publication.h"
#include "platform/i18n/explanation.h"

static enum err read_location(struct scope *scope, str location, str *ret_id, struct clauses *ret_clauses)
{
    struct query query;
    size_t mark = str_find_char(location, '?', 0);
    *ret_id = str_slice(location, 0, mark);
    TRY(query_parse(scope, mark == SIZE_MAX ? S("") : str_slice(location, mark + 1, location.n), &query));
    const str *where = query_find(&query, S("where"));
    const str *select = query_find(&query, S("select"));
    *ret_clauses = (struct clauses){.limit = -1, .any_limit = true, .now = clock_wall()};
    if (where && where->n) {
        ret_clauses->where = where;
        ret_clauses->where_count = 1;
    }
    if (select && select->n) {
        ret_clauses->select = *select;
    }
    return ret_id->n ? ERR_OK : fail_in_words(scope, ERR_USAGE, MSG_FAULT_SOURCE_DATASET, NULL);
}

static enum err write_table(struct scope *scope, struct records_lease *lease, struct clauses *clauses, str *ret_path)
{
    struct plan *plan;
    struct format_options options = format_options_default();
    const struct format *format = format_find(S("parquet"));
    format_prepare(format, clauses);
    TRY(odsql_compile(scope, &lease->source, clauses, &plan));
    TRY(format_check(scope, format, plan, &options));
    return spool_parquet_file(scope, lease, plan, &options, ret_path);
}

enum err publication_write_table(struct scope *scope, const struct publication_tools *tools, const struct actor *actor,
                                 str location, int64_t limit, str *ret_path)
{
    const struct snapshot *snapshot;
    const struct dataset *dataset = NULL;
    struct records_lease lease cleanup_with(records_release) = {0};
    struct clauses clauses;
    str id;
    TRY(read_location(scope, location, &id, &clauses));
    clauses.limit = limit;
    TRY(access_snapshot(scope, tools->access, actor, &snapshot));
    enum err result = snapshot_load(scope, snapshot, id, &dataset);
    snapshot_unref(snapshot);
    TRY(result);
    if (!dataset) {
        return dataset_absent(scope, id);
    }
    if (dataset->version == 0) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_SOURCE_DATASET_EMPTY, SAYS(ARG_TEXT("dataset", id)));
    }
    TRY(records_lease(scope, tools->records, dataset, &lease));
    return write_table(scope, &lease, &clauses, ret_path);
}
