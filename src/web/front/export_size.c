#include "web/front/export_size.h"

#include "domain/records/kept.h"

#define SAMPLE_RECORDS 100
#define SAMPLE_SHAPES 10 /* a shape may be as large as a megabyte */
#define SAMPLE_BYTES ((size_t)1 << 20) /* of texts; a text may be as large, too */

static int64_t sample_size(const struct dataset_page *page)
{
    for (size_t i = 0; i < page->schema->count; i++) {
        if (page->schema->fields[i].type == FIELD_GEO_SHAPE) {
            return SAMPLE_SHAPES;
        }
    }
    return SAMPLE_RECORDS;
}

struct sample {
    struct writing writing;
    struct buf out;
    int64_t head; /* bytes before the first record */
    int64_t bytes;
    int64_t records;
    size_t texts; /* bytes of the records' texts */
    bool is_cut;  /* not all of the records that were read are in it */
};

static size_t text_bytes(const struct column *column, size_t row)
{
    size_t bytes = 0;
    if (column_is_null(column, row)) {
        return 0;
    }
    if (column->type == CELL_TEXT || column->type == CELL_BYTES) {
        return column->texts[row].n;
    }
    for (size_t i = 0; column->type == CELL_TEXT_LIST && i < column->lists[row].count; i++) {
        bytes += column->items[column->lists[row].from + i].n;
    }
    return bytes;
}

/* The first rows of a batch, as long as their texts are not more than a sample needs. */
static struct batch fitting_rows(const struct batch *batch, struct sample *sample)
{
    struct batch fitting = *batch;
    size_t row = 0;
    for (; row < batch->rows && sample->texts < SAMPLE_BYTES; row++) {
        for (size_t i = 0; i < batch->column_count; i++) {
            sample->texts += text_bytes(&batch->columns[i], row);
        }
    }
    sample->is_cut = row < batch->rows;
    fitting.rows = row;
    return fitting;
}

static enum err write_sample(struct scope *scope, const struct format *format, struct db_lease *lease,
                             const struct plan *plan, struct sample *sample)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease, &plan->rows, &cursor));
    TRY(writing_start(format->encoder, &sample->writing));
    sample->head = (int64_t)sample->out.n;
    EACH_BATCH(scope, cursor, batch) {
        struct batch fitting = fitting_rows(batch, sample);
        sample->records += (int64_t)fitting.rows;
        TRY(writing_batch(format->encoder, &sample->writing, &fitting));
        if (sample->is_cut) {
            break;
        }
    }
    TRY(writing_end(format->encoder, &sample->writing));
    sample->bytes = (int64_t)sample->out.n;
    return ERR_OK;
}

static enum err measure(struct dataset_page *page, const struct format *format,
                        const struct format_options *options, struct export_size *ret_size)
{
    struct scope *scope = page->call->scope;
    struct clauses clauses = page->clauses;
    struct plan *plan;
    struct sample sample = {0};
    clauses.limit = sample_size(page);
    format_prepare(format, &clauses);
    TRY(odsql_compile(scope, &page->lease.source, &clauses, &plan));
    TRY(format_check(scope, format, plan, options));
    sample.writing = writing_begin(scope, plan->outputs, plan->output_count, options, &sample.out);
    enum err result = write_sample(scope, format, page->lease.db, plan, &sample);
    writing_close(format->encoder, &sample.writing);
    buf_done(&sample.out);
    TRY(result);
    *ret_size = (struct export_size){.bytes = sample.bytes, .is_exact = !sample.is_cut && page->total <= clauses.limit};
    if (!ret_size->is_exact && sample.records) {
        double each = (double)(sample.bytes - sample.head) / (double)sample.records;
        ret_size->bytes = sample.head + (int64_t)(each * (double)page->total);
    }
    return ERR_OK;
}

enum err export_size(struct dataset_page *page, const struct format *format,
                     const struct format_options *options, struct export_size *ret_size)
{
    *ret_size = (struct export_size){0};
    if (format->encoder) {
        return measure(page, format, options, ret_size);
    }
    struct clauses whole = page->clauses;
    whole.facet_count = 0;
    if ((format->flags & FORMAT_KEPT) && kept_parquet_suits(page->dataset, &whole, options)) {
        int64_t bytes = kept_parquet_bytes(page->call->scope, page->dataset);
        *ret_size = (struct export_size){.bytes = bytes, .is_exact = true};
    }
    return ERR_OK;
}
