#include "domain/records/read.h"

#include "base/limits.h"
#include "domain/records/excerpt.h"
#include "domain/records/format.h"
#include "platform/i18n/explanation.h"

static bool is_document(const struct plan *plan)
{
    return plan->output_count == 1 && plan->outputs[0].form == OUTPUT_JSON &&
           str_eq(plan->outputs[0].name, ODSQL_DOCUMENT);
}

static str id_of_row(const struct plan *plan, const struct batch *batch, size_t row)
{
    if (plan->id_column >= batch->column_count) {
        return STR_NONE;
    }
    const struct column *column = &batch->columns[plan->id_column];
    return column->type == CELL_TEXT && !column_is_null(column, row) ? column->texts[row] : STR_NONE;
}

static enum err write_document(struct scope *scope, const struct records_lease *lease,
                               const struct read *read, int64_t row, struct buf *out)
{
    struct scope work; /* of its own: a page may have many */
    str document;
    scope_open(&work);
    work.deadline = scope->deadline;
    work.gone = scope->gone;
    enum err result = records_catalogue_document(&work, lease, row, read->lang,
                                                 read->with_app_metas, &document);
    if (result == ERR_OK) {
        buf_add(out, str_slice(document, 0, document.n - 1));
    } else {
        result = fail_again(scope, result, &work.failure);
    }
    scope_close(&work);
    return result;
}

static enum err write_record(struct scope *scope, const struct records_lease *lease,
                             const struct read *read, struct writing *writing,
                             const struct batch *batch, size_t row)
{
    bool is_empty = writing->output_count == 0;
    if (is_document(read->plan)) {
        int64_t at = batch->columns[read->plan->outputs[0].column].numbers[row];
        TRY(write_document(scope, lease, read, at, writing->out));
    } else {
        json_record_open(writing, row);
    }
    if (read->add_keys) {
        read->add_keys(writing->out, id_of_row(read->plan, batch, row), is_empty, read->user);
    }
    buf_add_char(writing->out, '}');
    return ERR_OK;
}

static enum err check_size(struct scope *scope, const struct buf *out)
{
    return out->n <= LIMIT_ANSWER_BYTES
               ? ERR_OK
               : fail(scope, ERR_TOO_LARGE,
                      "The answer is larger than %u MB. Select fewer fields, ask for fewer records, "
                      "or use an export.",
                      LIMIT_ANSWER_BYTES >> 20);
}

static enum err write_batch(struct scope *scope, const struct records_lease *lease,
                            const struct read *read, struct writing *writing, const struct batch *batch, int64_t *rows)
{
    struct batch excerpt;
    if (read->longest_text) {
        excerpt = excerpt_make(&scope->arena, read->plan, batch, read->longest_text);
        batch = &excerpt;
    }
    writing_view(writing, batch);
    for (size_t row = 0; row < batch->rows; row++) {
        if ((*rows)++) {
            buf_add(writing->out, S(", "));
        }
        TRY(write_record(scope, lease, read, writing, batch, row));
        TRY(check_size(scope, writing->out));
    }
    return ERR_OK;
}

static struct writing begin_writing(struct scope *scope, const struct read *read, struct buf *out)
{
    struct format_options options = format_options_default();
    options.zone = read->zone;
    return writing_begin(scope, read->plan->outputs, read->plan->output_count, &options,
                         out);
}

static enum err write_rows(struct scope *scope, struct records_lease *lease,
                           const struct read *read, struct buf *results, int64_t *ret_rows,
                           int64_t *ret_total)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease->db, &read->plan->rows, &cursor));
    struct writing writing = begin_writing(scope, read, results);
    int64_t rows = 0;
    EACH_BATCH(scope, cursor, batch) {
        if (read->plan->total_column < batch->column_count) {
            *ret_total = batch->columns[read->plan->total_column].numbers[0];
        }
        TRY(write_batch(scope, lease, read, &writing, batch, &rows));
    }
    *ret_rows = rows;
    return ERR_OK;
}

/* Datasets of the catalogue whose rows are known without the engine. */
static enum err write_listing(struct scope *scope, struct records_lease *lease,
                              const struct read *read, struct buf *results, struct read_result *page)
{
    const int64_t *rows;
    size_t count;
    records_catalogue_page(scope, lease, &read->plan->choices, read->clauses->offset,
                           read->clauses->limit, &rows, &count, &page->total);
    for (size_t i = 0; i < count; i++) {
        buf_add(results, i ? S(", ") : S(""));
        TRY(write_document(scope, lease, read, rows[i], results));
        if (read->add_keys) {
            read->add_keys(results, records_catalogue_id(lease, rows[i]), false, read->user);
        }
        buf_add_char(results, '}');
        TRY(check_size(scope, results));
    }
    page->rows = (int64_t)count;
    return ERR_OK;
}

/* The total as far as the rows tell it; -1 when it must be counted. */
static int64_t known_total(const struct read *read, int64_t rows)
{
    const struct plan *plan = read->plan;
    int64_t limit = read->clauses->limit;
    if (plan->is_unfiltered && !plan->is_grouped) {
        return read->source_count;
    }
    bool is_last_page = limit < 0 || rows < limit;
    if (!plan->is_aggregate && limit != 0 && is_last_page &&
        (rows > 0 || read->clauses->offset == 0)) {
        return read->clauses->offset + rows;
    }
    return -1;
}

/* The row is written once; the other times are copies of its bytes. */
static enum err repeat_aggregate(struct scope *scope, struct buf *results, size_t from,
                                 int64_t times)
{
    size_t length = results->n - from;
    if ((uint64_t)times * (length + 2) > LIMIT_ANSWER_BYTES) {
        return fail(scope, ERR_TOO_LARGE, "The answer is larger than %u MB. Use limit=1.",
                    LIMIT_ANSWER_BYTES >> 20);
    }
    for (int64_t i = 1; i < times; i++) {
        buf_add(results, S(", "));
        char *to = buf_reserve(results, length);
        memcpy(to, results->p + from, length);
        results->n += length;
    }
    return ERR_OK;
}

enum err read_page(struct scope *scope, struct records_lease *lease, const struct read *read,
                   struct buf *results, struct read_result *ret_page)
{
    struct read_result page = {.total = -1};
    size_t from = results->n;
    if (read->plan->is_listing) {
        TRY(write_listing(scope, lease, read, results, &page));
    } else if (read->clauses->limit != 0) {
        TRY(write_rows(scope, lease, read, results, &page.rows, &page.total));
    }
    page.total = page.total < 0 ? known_total(read, page.rows) : page.total;
    if (page.total < 0 && read->plan->choices.are_known && !read->plan->is_grouped &&
        !read->plan->is_aggregate) {
        page.total = records_catalogue_total(scope, lease, &read->plan->choices);
    } else if (page.total < 0) {
        cell total;
        TRY(db_query_cell(scope, lease->db, &read->plan->total, &total));
        page.total = total.type == CELL_INT ? total.number : 0;
    }
    if (read->plan->is_aggregate && page.rows == 1 && read->clauses->limit > 1) {
        TRY(repeat_aggregate(scope, results, from, read->clauses->limit));
        page.rows = read->clauses->limit;
    }
    *ret_page = page;
    return ERR_OK;
}

enum err read_first(struct scope *scope, struct records_lease *lease, const struct read *read,
                    struct buf *out, bool *ret_found)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *batch;
    TRY(db_run(scope, lease->db, &read->plan->rows, &cursor));
    TRY(cursor_next(scope, cursor, &batch));
    *ret_found = batch != NULL;
    if (batch) {
        struct batch excerpt;
        if (read->longest_text) {
            excerpt = excerpt_make(&scope->arena, read->plan, batch, read->longest_text);
            batch = &excerpt;
        }
        struct writing writing = begin_writing(scope, read, out);
        writing_view(&writing, batch);
        TRY(write_record(scope, lease, read, &writing, batch, 0));
    }
    return ERR_OK;
}
