/* Exports of the catalogue: the list of formats and the files (explore-api.md 2.8, 2.10). */
#include <unistd.h>

#include "base/limits.h"
#include "base/vec.h"
#include "domain/interop/interop.h"
#include "web/api/answer.h"
#include "web/api/delivery.h"
#include "web/api/routes.h"

#define SEND_BYTES ((size_t)64 << 10)

static bool is_offered(const struct call *call, const struct catalogue_format *format)
{
    str profiles = call->app->dcat_profiles;
    str profile;
    while (format->profile.n && str_split(&profiles, ',', &profile)) {
        if (str_eq(str_trim(profile), format->profile)) {
            return true;
        }
    }
    return format->profile.n == 0;
}

/* Names of the formats that there are on this portal. */
static const str *offered_names(struct call *call, size_t *ret_count)
{
    size_t count;
    size_t offered = 0;
    const struct catalogue_format *formats = catalogue_formats_all(&count);
    str *names = arena_array(&call->scope->arena, str, count);
    for (size_t i = 0; i < count; i++) {
        if (is_offered(call, &formats[i])) {
            names[offered++] = formats[i].name;
        }
    }
    *ret_count = offered;
    return names;
}

enum err api_catalogue_exports(struct call *call)
{
    struct params params;
    size_t count;
    TRY(params_read(call, PARAMS_WHOLE, &params));
    const str *names = offered_names(call, &count);
    answer_links(call, &params, link_catalog(call, S("/exports")), names, count);
    return ERR_OK;
}

static enum err find_format(struct call *call, str name, const struct catalogue_format **ret_format)
{
    const struct catalogue_format *format = catalogue_format_find(name);
    if (format && is_offered(call, format)) {
        *ret_format = format;
        return ERR_OK;
    }
    size_t count;
    const str *offered = offered_names(call, &count);
    str names = str_join(&call->scope->arena, offered, count, sizeof(*offered), S(" "));
    return params_refuse_all_but(call, S("format"), name, names);
}

/* ---- one export ---- */

struct export {
    struct call *call;
    const struct catalogue_format *format;
    struct params params;
    struct export_params wanted;
    struct catalogue_options options;
    const struct plan *plan;
    const struct format *rows; /* of select or group_by; NULL: datasets are written */
};

static str identify(const struct export *export)
{
    const struct format_options *cells = &export->wanted.options;
    struct buf exports cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < export->options.export_count; i++) {
        buf_add(&exports, export->options.exports[i]->name);
        buf_add_char(&exports, ',');
    }
    return str_printf(&export->call->scope->arena,
                      "catalogue export|%.*s|%d|%c|%zu:%.*s|%d%d%d%d%d|%.*s|%.*s|%.*s",
                      STR_ARG(export->format->name), export->rows != NULL, cells->delimiter,
                      cells->list_separator.n, STR_ARG(cells->list_separator), cells->quote_all,
                      cells->with_bom, cells->use_labels, export->wanted.is_compressed,
                      export->options.labels_in_exports, STR_ARG(buf_str(&exports)),
                      STR_ARG(export->call->site->name), STR_ARG(export->plan->canonical));
}

static enum err begin(const struct export *export, struct delivery *delivery)
{
    struct call *call = export->call;
    bool is_compressed = export->wanted.is_compressed;
    str disposition = str_printf(&call->scope->arena, "attachment; filename=\"%.*s%s\"",
                                 STR_ARG(export->format->file_name), is_compressed ? ".gzip" : "");
    response_status(call->exchange, 200);
    response_header(call->exchange, S("Content-Type"),
                    is_compressed ? S("application/gzip") : export->format->content_type);
    response_header(call->exchange, S("Content-Disposition"), disposition);
    response_header(call->exchange, S("Content-Language"), export->params.lang);
    return delivery_open(call, is_compressed, delivery);
}

static enum err send(struct delivery *delivery, struct buf *out)
{
    TRY(delivery_write(delivery, buf_str(out)));
    buf_clear(out);
    return ERR_OK;
}

/* ---- datasets ---- */

typedef VEC(const struct dataset *) dataset_list;

/* All that match, in order. A slow client then holds no connection, and its export is of one state. */
static enum err list_datasets(const struct export *export, struct records_lease *lease,
                              dataset_list *ret_datasets)
{
    struct call *call = export->call;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *batch;
    dataset_list datasets = {0};
    TRY(db_run(call->scope, lease->db, &export->plan->rows, &cursor));
    for (;;) {
        TRY(cursor_next(call->scope, cursor, &batch));
        if (!batch) {
            break;
        }
        for (size_t row = 0; row < batch->rows; row++) {
            const struct dataset *dataset =
                snapshot_find(call->snapshot, batch->columns[0].texts[row]);
            if (dataset) {
                vec_add(&call->scope->arena, &datasets, dataset);
            }
        }
    }
    *ret_datasets = datasets;
    return ERR_OK;
}

static enum err write_dataset(const struct export *export, struct catalogue_writing *writing,
                              const struct dataset *light)
{
    struct arena *arena = &writing->scope->arena;
    struct arena_mark mark = arena_get_mark(arena);
    const struct dataset *dataset;
    struct entry entry;
    TRY(scope_check(writing->scope));
    TRY(dataset_load(writing->scope, export->call->snapshot, light, &dataset));
    TRY(entry_open(writing->scope, &writing->portal, dataset, &entry));
    enum err result = export->format->encoder->dataset(writing, &entry);
    entry_close(&entry);
    TRY(result); /* its explanation lies in the arena */
    arena_rewind(arena, mark);
    writing->datasets++;
    return ERR_OK;
}

static enum err write_list(const struct export *export, const dataset_list *datasets,
                           struct catalogue_writing *writing, struct delivery *delivery)
{
    const struct catalogue_encoder *encoder = export->format->encoder;
    TRY(encoder->begin(writing));
    for (size_t i = 0; i < datasets->count; i++) {
        TRY(write_dataset(export, writing, datasets->items[i]));
        if (writing->out->n > SEND_BYTES) {
            TRY(send(delivery, writing->out));
        }
    }
    return encoder->end ? encoder->end(writing) : ERR_OK;
}

/* A format that is a file goes to file, any other to the client. */
static enum err write_datasets(const struct export *export, const struct schema *columns,
                               const dataset_list *datasets, struct spool *file,
                               struct delivery *delivery)
{
    struct call *call = export->call;
    struct buf out cleanup_with(buf_cleanup) = {0};
    str path = str_printf(&call->scope->arena, "/exports/%.*s", STR_ARG(export->format->name));
    struct catalogue_writing writing = {.scope = call->scope,
                                        .portal = link_portal(call, export->params.clauses.lang),
                                        .options = export->options,
                                        .columns = columns,
                                        .self = link_catalog(call, path),
                                        .out = &out,
                                        .spool_directory =
                                            records_spool_directory(call->app->export_records),
                                        .file = file};
    enum err result = write_list(export, datasets, &writing, delivery);
    if (export->format->encoder->close) {
        export->format->encoder->close(&writing);
    }
    return result == ERR_OK && !file ? send(delivery, &out) : result;
}

/* ---- rows of select and group_by ---- */

static enum err add_batch(const struct export *export, struct writing *writing,
                          const struct batch *batch)
{
    TRY(writing_batch(export->rows->encoder, writing, batch));
    if (writing->out->n > LIMIT_ANSWER_BYTES) {
        return fail(
            writing->scope, ERR_TOO_LARGE,
            "The export is larger than %u MB. Select fewer fields or ask for fewer datasets.",
            LIMIT_ANSWER_BYTES >> 20);
    }
    return ERR_OK;
}

static enum err write_rows(const struct export *export, struct records_lease *lease,
                           struct writing *writing)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *batch;
    TRY(db_run(writing->scope, lease->db, &export->plan->rows, &cursor));
    TRY(writing_start(export->rows->encoder, writing));
    for (;;) {
        TRY(cursor_next(writing->scope, cursor, &batch));
        if (!batch) {
            return writing_end(export->rows->encoder, writing);
        }
        TRY(add_batch(export, writing, batch));
    }
}

/* Whole before it is sent: the connection is one of those that answer pages. */
static enum err list_rows(const struct export *export, struct records_lease *lease, struct buf *out)
{
    struct writing writing =
        writing_begin(export->call->scope, export->plan->outputs, export->plan->output_count,
                      &export->wanted.options, out);
    enum err result = write_rows(export, lease, &writing);
    writing_close(export->rows->encoder, &writing);
    return result;
}

/* ---- delivery ---- */

static void release(struct records_lease *lease)
{
    records_release(lease);
    *lease = (struct records_lease){0};
}

/* The names of the columns, which otherwise live no longer than the lease. */
static struct schema copy_names(struct arena *arena, const struct schema *schema)
{
    struct schema copy = {arena_array(arena, struct field, schema->count), schema->count};
    for (size_t i = 0; i < schema->count; i++) {
        copy.fields[i].name = str_copy(arena, schema->fields[i].name);
    }
    return copy;
}

static enum err deliver_file(const struct export *export, struct spool *file,
                             struct delivery *delivery)
{
    enum err result = begin(export, delivery);
    if (result == ERR_OK) {
        result = delivery_send_file(delivery, file->descriptor);
    }
    close(file->descriptor);
    return result;
}

static enum err deliver_rows(const struct export *export, struct records_lease *lease,
                             struct delivery *delivery)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct spool file;
    if (export->rows->encoder) {
        TRY(list_rows(export, lease, &out));
        release(lease);
        TRY(begin(export, delivery));
        return send(delivery, &out);
    }
    TRY(export->rows->write_file(export->call->scope, lease, export->plan, &export->wanted.options,
                                 &file));
    release(lease);
    return deliver_file(export, &file, delivery);
}

static enum err deliver(const struct export *export, struct records_lease *lease,
                        struct delivery *delivery)
{
    dataset_list datasets;
    struct spool file;
    if (exchange_method(export->call->exchange) == HTTP_HEAD) {
        return begin(export, delivery);
    }
    if (export->rows) {
        return deliver_rows(export, lease, delivery);
    }
    TRY(list_datasets(export, lease, &datasets));
    struct schema columns = copy_names(&export->call->scope->arena, lease->source.schema);
    release(lease);
    if (export->format->flags & CATALOGUE_FILE) {
        TRY(write_datasets(export, &columns, &datasets, &file, NULL));
        return deliver_file(export, &file, delivery);
    }
    TRY(begin(export, delivery));
    return write_datasets(export, &columns, &datasets, NULL, delivery);
}

/* Rows are wanted by select or group_by, where the format has rows; else the ids of datasets are. */
static void prepare_clauses(struct export *export)
{
    struct clauses *clauses = &export->params.clauses;
    bool asks_rows = clauses->select.n || clauses->group_by.n;
    if (export->format->flags & CATALOGUE_SELECTS && asks_rows) {
        export->rows = format_find(export->format->name);
        format_prepare(export->rows, clauses);
        return;
    }
    clauses->select = S("dataset_id");
    clauses->group_by = STR_NONE;
}

enum err api_catalogue_export(struct call *call)
{
    struct export export = {.call = call};
    struct records_lease lease cleanup_with(records_release) = {0};
    struct delivery delivery cleanup_with(delivery_close) = {0};
    struct plan *plan;
    TRY(find_format(call, call->path_values[0], &export.format));
    TRY(params_read(call, PARAMS_EXPORT, &export.params));
    TRY(params_read_export(call, &export.params, &export.wanted));
    TRY(params_read_distributions(call, &export.options));
    export.wanted.options.dataset_id = S("datasets");
    export.wanted.options.title = call->site->name;
    export.options.cells = export.wanted.options;
    prepare_clauses(&export);
    TRY(records_lease_catalogue(call->scope, call->app->records, call->snapshot,
                                export.params.clauses.lang, &lease));
    TRY(odsql_compile(call->scope, &lease.source, &export.params.clauses, &plan));
    export.plan = plan;
    if (answer_is_known(call, &export.params, NULL, true, identify(&export))) {
        return ERR_OK;
    }
    TRY(deliver(&export, &lease, &delivery));
    return delivery_finish(&delivery);
}

/* ---- the same where harvesters look for it ---- */

enum err api_catalogue_known(struct call *call)
{
    str name = str_slice(str_from(call->route->pattern), 1, SIZE_MAX);
    bool is_dcat = str_starts(name, S("catalog."));
    call->path_values[0] = is_dcat ? str_slice(name, 8, name.n) : name;
    return api_catalogue_export(call);
}

/* ---- one dataset for search engines ---- */

enum err api_schema_org(struct call *call)
{
    struct params params;
    const struct dataset *dataset;
    struct entry entry;
    struct buf body = {0};
    TRY(params_read(call, PARAMS_WHOLE, &params));
    TRY(answer_find_dataset(call, call->path_values[0], &dataset));
    if (answer_is_known(call, &params, dataset, true, S("schema.org"))) {
        return ERR_OK;
    }
    struct interop_portal portal = link_portal(call, params.clauses.lang);
    TRY(entry_open(call->scope, &portal, dataset, &entry));
    schema_org_write(&call->scope->arena, &portal, &entry, &body);
    params.lang = entry.lang.n ? str_copy(&call->scope->arena, entry.lang) : params.lang;
    entry_close(&entry);
    response_status(call->exchange, 200);
    response_header(call->exchange, S("Content-Type"), S("application/ld+json"));
    response_header(call->exchange, S("Content-Language"), params.lang);
    response_body(call->exchange, &body);
    return ERR_OK;
}
