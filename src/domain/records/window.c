#include "domain/records/window.h"

#include "base/num.h"
#include "base/vec.h"

typedef VEC(int64_t) row_list;

/* What read_page hands on about each record: where its object ends, its row and its id. */
struct collecting {
    struct scope *scope;
    VEC(size_t) ends;
    VEC(str) ids; /* "ROW ID" */
};

/* ---- which rows ---- */

/* Rows are numbered from 0 without a gap in the order of the file, where none is hidden. */
static bool is_whole_file(const struct plan *plan, const struct source *source,
                          const struct clauses *clauses)
{
    return plan->is_unfiltered && source->filter_count == 0 && str_trim(clauses->order_by).n == 0;
}

static enum err collect_rows(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                             row_list *rows)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease->db, &plan->rows, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t row = 0; row < batch->rows; row++) {
            vec_add(&scope->arena, rows, batch->columns[plan->id_column].numbers[row]);
        }
    }
    return ERR_OK;
}

static enum err find_rows(struct scope *scope, struct records_lease *lease,
                          const struct window_request *request, row_list *rows)
{
    struct clauses clauses = *request->clauses;
    struct sql number = sql_in(&scope->arena);
    struct plan *plan;
    sql_text(&number, "rowid");
    clauses.select = odsql_name(&scope->arena, request->fields[0]->name);
    clauses.id_expression = &number;
    clauses.limit = request->limit;
    clauses.offset = request->offset;
    TRY(odsql_compile(scope, &lease->source, &clauses, &plan));
    if (!is_whole_file(plan, &lease->source, &clauses)) {
        return collect_rows(scope, lease, plan, rows);
    }
    for (int64_t i = 0; i < request->limit; i++) {
        vec_add(&scope->arena, rows, request->offset + i);
    }
    return ERR_OK;
}

/* ---- their values ---- */

static void add_row(struct buf *out, str id, bool is_first, const void *user)
{
    struct collecting *collecting = *(struct collecting *const *)user;
    (void)is_first;
    vec_add(&collecting->scope->arena, &collecting->ends, out->n + 1); /* with the } that follows */
    vec_add(&collecting->scope->arena, &collecting->ids, str_copy(&collecting->scope->arena, id));
}

static str select_clause(struct scope *scope, const struct window_request *request)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < request->field_count; i++) {
        buf_add(&out, i ? S(", ") : S(""));
        buf_add(&out, odsql_name(&scope->arena, request->fields[i]->name));
    }
    return buf_copy(&out, &scope->arena);
}

static struct sql rows_condition(struct scope *scope, const row_list *rows)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "rowid in (");
    for (size_t i = 0; i < rows->count; i++) {
        if (i) {
            sql_text(&sql, ", ");
        }
        sql_bind(&sql, cell_int(rows->items[i]));
    }
    sql_text(&sql, ")");
    return sql;
}

static struct sql row_and_id(struct scope *scope, const struct source *source)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "cast(rowid as varchar) || ' ' || ");
    records_id_expression(&sql, source);
    return sql;
}

static enum err read_rows(struct scope *scope, struct records_lease *lease,
                          const struct window_request *request, const row_list *rows, struct buf *out,
                          struct collecting *collecting)
{
    struct sql condition = rows_condition(scope, rows);
    struct sql id = row_and_id(scope, &lease->source);
    struct read_result page;
    struct plan *plan;
    struct clauses clauses = {.select = select_clause(scope, request),
                              .limit = -1,
                              .timezone = request->clauses->timezone,
                              .lang = request->clauses->lang,
                              .now = request->clauses->now,
                              .condition = &condition,
                              .id_expression = &id};
    TRY(odsql_compile(scope, &lease->source, &clauses, &plan));
    struct read read = {.plan = plan,
                        .clauses = &clauses,
                        .zone = request->zone,
                        .longest_text = request->longest,
                        .add_keys = add_row,
                        .user = &collecting};
    return read_page(scope, lease, &read, out, &page);
}

static void set_row(struct scope *scope, const struct collecting *collecting, const struct buf *objects,
                    size_t at, struct window_row *row)
{
    size_t from = at ? collecting->ends.items[at - 1] + 2 : 0; /* behind ", " */
    str id = collecting->ids.items[at];
    row->object = str_copy(&scope->arena, str_slice(buf_str(objects), from, collecting->ends.items[at]));
    row->id = str_slice(id, str_find_char(id, ' ', 0) + 1, id.n);
}

static int64_t row_number(str id)
{
    int64_t number = -1;
    return num_read_int(str_slice(id, 0, str_find_char(id, ' ', 0)), &number) ? number : -1;
}

enum err window_read(struct scope *scope, struct records_lease *lease,
                     const struct window_request *request, const struct window_row **ret_rows,
                     size_t *ret_count)
{
    struct buf objects cleanup_with(buf_cleanup) = {0};
    struct collecting collecting = {.scope = scope};
    row_list rows = {0};
    *ret_rows = NULL;
    *ret_count = 0;
    TRY(find_rows(scope, lease, request, &rows));
    if (rows.count == 0) {
        return ERR_OK;
    }
    TRY(read_rows(scope, lease, request, &rows, &objects, &collecting));
    struct window_row *read = arena_array(&scope->arena, struct window_row, rows.count);
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        for (size_t at = 0; at < collecting.ids.count; at++) {
            if (row_number(collecting.ids.items[at]) == rows.items[i]) {
                set_row(scope, &collecting, &objects, at, &read[count++]);
                break;
            }
        }
    }
    *ret_rows = read;
    *ret_count = count;
    return ERR_OK;
}
