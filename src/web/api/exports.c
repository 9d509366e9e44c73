/* Exports of a dataset's records: the list of formats and the files (explore-api.md 2.8, 2.9). */
#include <unistd.h>

#include "domain/records/kept.h"
#include "domain/records/spool.h"
#include "web/api/answer.h"
#include "web/api/delivery.h"
#include "web/api/ranged.h"
#include "web/api/routes.h"

static bool is_geographic(const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->schema.count; i++) {
        enum field_type type = dataset->schema.fields[i].type;
        if (type == FIELD_GEO_POINT || type == FIELD_GEO_SHAPE) {
            return true;
        }
    }
    return false;
}

enum err api_exports(struct call *call)
{
    struct params params;
    const struct dataset *dataset;
    TRY(params_read(call, PARAMS_WHOLE, &params));
    TRY(answer_find_dataset(call, call->path_values[0], &dataset));
    if (answer_is_known(call, &params, dataset, true, S("exports"))) {
        return ERR_OK;
    }
    size_t count;
    size_t offered = 0;
    const struct format *formats = formats_all(&count);
    str *names = arena_array(&call->scope->arena, str, count);
    for (size_t i = 0; i < count; i++) {
        if (!(formats[i].flags & FORMAT_GEOGRAPHIC) || is_geographic(dataset)) {
            names[offered++] = formats[i].name;
        }
    }
    answer_links(call, &params, link_dataset(call, dataset->id, S("/exports")), names, offered);
    return ERR_OK;
}

static enum err find_format(struct call *call, str name, const struct format **ret_format)
{
    const struct format *format = format_find(name);
    if (format) {
        *ret_format = format;
        return ERR_OK;
    }
    size_t count;
    const struct format *formats = formats_all(&count);
    str names = str_join(&call->scope->arena, formats, count, sizeof(*formats), S(" "));
    return params_refuse_all_but(call, S("format"), name, names);
}

/* ---- one export ---- */

struct export {
    struct call *call;
    const struct dataset *dataset;
    const struct format *format;
    struct params params;
    struct export_params wanted;
    const struct plan *plan;
    int64_t records; /* sent so far */
};

static str identify(const struct export *export)
{
    struct buf out = {0};
    const struct format_options *options = &export->wanted.options;
    buf_printf(&out, "export|%.*s|%c|%zu:%.*s|%d%d%d%d%d|%.*s|%lld|%.*s", STR_ARG(export->format->name),
               options->delimiter, options->list_separator.n, STR_ARG(options->list_separator),
               options->quote_all, options->with_bom, options->use_labels, options->use_extension,
               export->wanted.is_compressed, STR_ARG(options->compression), (long long)options->epsg,
               STR_ARG(options->name_field));
    for (size_t i = 0; i < options->description_field_count; i++) {
        buf_printf(&out, ",%.*s", STR_ARG(options->description_fields[i]));
    }
    buf_add_char(&out, '|');
    buf_add(&out, export->plan->canonical);
    str identity = buf_copy(&out, &export->call->scope->arena);
    buf_done(&out);
    return identity;
}

static str content_type_of(const struct export *export)
{
    return export->wanted.is_compressed ? S("application/gzip") : export->format->content_type;
}

/* A file that does not hold all records says so by its name. */
static str disposition_of(const struct export *export)
{
    const struct clauses *clauses = &export->params.clauses;
    bool is_filtered = clauses->where_count || clauses->refine_count || clauses->exclude_count;
    return str_printf(&export->call->scope->arena, "attachment; filename=\"%.*s%s.%.*s%s\"",
                      STR_ARG(export->dataset->id), is_filtered ? "-filtered" : "", STR_ARG(export->format->extension),
                      export->wanted.is_compressed ? ".gzip" : "");
}

static enum err begin(const struct export *export, struct delivery *delivery)
{
    struct call *call = export->call;
    response_status(call->exchange, 200);
    response_header(call->exchange, S("Content-Type"), content_type_of(export));
    response_header(call->exchange, S("Content-Disposition"), disposition_of(export));
    response_header(call->exchange, S("Content-Language"), export->params.lang);
    return delivery_open(call, export->wanted.is_compressed, delivery);
}

static enum err write_batch(struct export *export, const struct batch *batch, struct writing *writing)
{
    export->records += (int64_t)batch->rows;
    response_records(export->call->exchange, export->records);
    return writing_batch(export->format->encoder, writing, batch);
}

/* What fails early, in the query or in the format, fails before the status line. */
static enum err write_first(struct export *export, const struct batch *batch, struct writing *writing)
{
    TRY(writing_start(export->format->encoder, writing));
    return batch ? write_batch(export, batch, writing) : ERR_OK;
}

static enum err write_rest(struct export *export, struct cursor *cursor, bool is_over,
                           struct writing *writing, struct delivery *delivery)
{
    const struct format_encoder *encoder = export->format->encoder;
    struct scope *scope = export->call->scope;
    const struct batch *batch;
    while (!is_over) {
        TRY(delivery_write(delivery, buf_str(writing->out)));
        buf_clear(writing->out);
        TRY(cursor_next(scope, cursor, &batch));
        is_over = !batch;
        if (batch) {
            TRY(write_batch(export, batch, writing));
        }
    }
    TRY(writing_end(encoder, writing));
    return delivery_write(delivery, buf_str(writing->out));
}

static enum err deliver_records(struct export *export, struct db_lease *lease,
                                struct delivery *delivery)
{
    struct scope *scope = export->call->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct buf out cleanup_with(buf_cleanup) = {0};
    const struct batch *batch;
    TRY(db_run(scope, lease, &export->plan->rows, &cursor));
    TRY(cursor_next(scope, cursor, &batch));
    struct writing writing = writing_begin(scope, export->plan->outputs, export->plan->output_count,
                                           &export->wanted.options, &out);
    enum err result = write_first(export, batch, &writing);
    if (result == ERR_OK) {
        result = begin(export, delivery);
    }
    if (result == ERR_OK && !delivery->is_headers_only) {
        result = write_rest(export, cursor, !batch, &writing, delivery);
    }
    writing_close(export->format->encoder, &writing);
    return result;
}

static enum err deliver_file(const struct export *export, int descriptor,
                             struct delivery *delivery)
{
    TRY(begin(export, delivery));
    return delivery_send_file(delivery, descriptor);
}

static enum err deliver(struct export *export, struct records_lease *lease,
                        struct delivery *delivery)
{
    if (export->format->encoder) {
        return deliver_records(export, lease->db, delivery);
    }
    if (exchange_method(export->call->exchange) == HTTP_HEAD) {
        return begin(export, delivery); /* no file need be written for its headers */
    }
    struct spool spool;
    TRY(export->format->write_file(export->call->scope, lease, export->plan, &export->wanted.options,
                                   &spool));
    records_release(lease); /* the file is complete; a slow client need not hold a connection */
    *lease = (struct records_lease){0};
    enum err result = deliver_file(export, spool.descriptor, delivery);
    close(spool.descriptor);
    return result;
}

/* A file that could not be kept has no parts that later requests could ask for. */
static enum err send_once(const struct export *export, int descriptor)
{
    struct delivery delivery cleanup_with(delivery_close) = {0};
    TRY(deliver_file(export, descriptor, &delivery));
    return delivery_finish(&delivery);
}

static bool is_kept(const struct export *export)
{
    return (export->format->flags & FORMAT_KEPT) && !export->wanted.is_compressed &&
           kept_parquet_suits(export->dataset, &export->params.clauses, &export->wanted.options);
}

static enum err deliver_kept(const struct export *export)
{
    struct call *call = export->call;
    struct kept_file kept;
    response_records(call->exchange, export->dataset->records_count);
    TRY(kept_parquet_open(call->scope, call->app->export_records, export->dataset, &kept));
    struct ranged_file file = {.descriptor = kept.descriptor,
                               .bytes = kept.bytes,
                               .tag = kept.tag,
                               .content_type = content_type_of(export),
                               .disposition = disposition_of(export),
                               .lang = export->params.lang};
    enum err result = kept.tag.p ? ranged_send(call, &file) : send_once(export, kept.descriptor);
    close(kept.descriptor);
    return result;
}

enum err api_export(struct call *call)
{
    struct export export = {.call = call};
    struct records_lease lease cleanup_with(records_release) = {0};
    struct delivery delivery cleanup_with(delivery_close) = {0};
    struct plan *plan;
    TRY(answer_find_dataset(call, call->path_values[0], &export.dataset));
    TRY(find_format(call, call->path_values[1], &export.format));
    TRY(params_read(call, PARAMS_EXPORT, &export.params));
    TRY(params_read_export(call, &export.params, &export.wanted));
    export.wanted.options.dataset_id = export.dataset->id;
    export.wanted.options.title = export.dataset->title;
    if (is_kept(&export)) {
        return deliver_kept(&export);
    }
    format_prepare(export.format, &export.params.clauses);
    TRY(records_lease(call->scope, call->app->export_records, export.dataset, &lease));
    if (export.wanted.options.use_labels) {
        TRY(dataset_schema_in(call->scope, export.dataset, export.params.clauses.lang,
                              &lease.source.schema));
    }
    TRY(odsql_compile(call->scope, &lease.source, &export.params.clauses, &plan));
    TRY(format_check(call->scope, export.format, plan, &export.wanted.options));
    export.plan = plan;
    if (answer_is_known(call, &export.params, export.dataset, false, identify(&export))) {
        return ERR_OK;
    }
    TRY(deliver(&export, &lease, &delivery));
    return delivery_finish(&delivery);
}
