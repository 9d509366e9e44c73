#include "domain/job/export.h"

#include <errno.h>
#include <unistd.h>

#include "base/json_read.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "domain/identity/user.h"
#include "domain/job/internal.h"
#include "domain/records/export.h"
#include "platform/i18n/explanation.h"

/* ---- the order ---- */

static str write_order(struct arena *arena, const struct export_order *order)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("format"), order->format);
    json_key_text(&json, S("where"), order->where);
    json_key_text(&json, S("select"), order->select);
    json_key_text(&json, S("order_by"), order->order_by);
    json_key_text(&json, S("lang"), order->lang);
    json_key_bool(&json, S("use_labels"), order->use_labels);
    json_object_end(&json);
    return buf_copy(&out, arena);
}

static enum err read_order(struct scope *scope, const struct job *job, struct export_order *ret_order)
{
    json_t *value cleanup_with(json_cleanup) = NULL;
    struct arena *arena = &scope->arena;
    TRY(json_read(scope, ERR_DATA, job->arguments, "arguments of the job", &value));
    *ret_order = (struct export_order){
        .dataset = job->dataset,
        .format = str_copy(arena, json_read_text(json_object_get(value, "format"))),
        .where = str_copy(arena, json_read_text(json_object_get(value, "where"))),
        .select = str_copy(arena, json_read_text(json_object_get(value, "select"))),
        .order_by = str_copy(arena, json_read_text(json_object_get(value, "order_by"))),
        .lang = str_copy(arena, json_read_text(json_object_get(value, "lang"))),
        .use_labels = json_is_true(json_object_get(value, "use_labels"))};
    return ERR_OK;
}

static enum err find_format(struct scope *scope, str name, const struct format **ret_format)
{
    size_t count;
    const struct format *formats = formats_all(&count);
    *ret_format = format_find(name);
    return *ret_format ? ERR_OK
                       : fail(scope, ERR_PARAMETER, "A format is expected: one of %.*s.",
                              STR_ARG(str_join(&scope->arena, formats, count, sizeof(*formats), S(" "))));
}

static str or_none(str text)
{
    return text.n ? text : STR_NONE;
}

static enum err make_request(struct scope *scope, const struct export_order *order, const struct dataset *dataset,
                             struct export_request *ret_request)
{
    str lang = S("en");
    struct export_request request = {.dataset = dataset, .options = format_options_default()};
    TRY(find_format(scope, order->format, &request.format));
    if (order->lang.n && !odsql_language_find(order->lang, &lang)) {
        lang = S("en");
    }
    request.options.use_labels = order->use_labels;
    request.clauses = (struct clauses){.select = or_none(order->select),
                                       .order_by = or_none(order->order_by),
                                       .limit = -1,
                                       .lang = lang,
                                       .now = clock_wall(),
                                       .any_limit = true};
    if (order->where.n) {
        str *where = arena_new(&scope->arena, str);
        *where = order->where;
        request.clauses.where = where;
        request.clauses.where_count = 1;
    }
    *ret_request = request;
    return ERR_OK;
}

/* ---- what the actor may see ---- */

struct view {
    const struct snapshot *snapshot;
    struct records_lease lease;
    struct export_request request;
};

static void close_view(struct view *view)
{
    records_release(&view->lease);
    if (view->snapshot) {
        snapshot_unref(view->snapshot);
    }
}

static enum err open_view(struct scope *scope, const struct export_tools *tools, const struct actor *actor,
                          const struct export_order *order, struct view *view)
{
    const struct dataset *dataset = NULL;
    TRY(access_snapshot(scope, tools->access, actor, &view->snapshot));
    TRY(snapshot_load(scope, view->snapshot, order->dataset, &dataset));
    if (!dataset) {
        return dataset_absent(scope, order->dataset);
    }
    TRY(make_request(scope, order, dataset, &view->request));
    return records_lease(scope, tools->records, dataset, &view->lease);
}

enum err export_order_check(struct scope *scope, const struct export_tools *tools, const struct actor *actor,
                            const struct export_order *order)
{
    struct view view cleanup_with(close_view) = {0};
    struct plan *plan;
    TRY(open_view(scope, tools, actor, order, &view));
    format_prepare(view.request.format, &view.request.clauses);
    TRY(odsql_compile(scope, &view.lease.source, &view.request.clauses, &plan));
    return format_check(scope, view.request.format, plan, &view.request.options);
}

/* The uid, because ids may be given to another dataset later. */
static enum err find_dataset(struct scope *scope, const struct export_tools *tools, const struct actor *actor,
                             str name, str *ret_uid, str *ret_id)
{
    const struct snapshot *snapshot;
    TRY(access_snapshot(scope, tools->access, actor, &snapshot));
    const struct dataset *dataset = snapshot_find(snapshot, name);
    *ret_uid = dataset ? str_copy(&scope->arena, dataset->uid) : STR_NONE;
    *ret_id = dataset ? str_copy(&scope->arena, dataset->id) : STR_NONE;
    snapshot_unref(snapshot);
    return ret_uid->p ? ERR_OK : dataset_absent(scope, name);
}

/* Files lie on the disk of the portal, or in its database, for days. */
static enum err check_room(struct scope *scope, struct catalog *catalog, const struct actor *actor)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell waiting;
    cell kept;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &waiting,
               "select count(*) from job where user_id = ? and kind = ? and (state = 'waiting' or state = 'running')",
               cell_int(actor->user), cell_text(S(EXPORT_KIND))));
    TRY(DB_ASK(scope, lease, &kept, "select cast(coalesce(sum(bytes), 0) as bigint) from export_file where user_id = ?",
               cell_int(actor->user)));
    if (waiting.number >= EXPORTS_WAITING_MOST) {
        return fail_in_words(scope, ERR_QUOTA, MSG_FAULT_EXPORT_QUOTA,
                             SAYS(argument_digits(&scope->arena, "count", waiting.number)));
    }
    return kept.number < (int64_t)EXPORTS_KEPT_BYTES
               ? ERR_OK
               : fail_in_words(scope, ERR_QUOTA, MSG_FAULT_EXPORT_KEPT,
                               SAYS(argument_digits(&scope->arena, "size", kept.number >> 20)));
}

enum err export_order_add(struct scope *scope, const struct export_tools *tools, struct catalog *catalog,
                          const struct actor *actor, const struct export_order *order, int64_t *ret_job)
{
    str uid;
    str id;
    if (!actor->user) {
        return fail(scope, ERR_SIGN_IN, "Exports to a file are for people who are signed in.");
    }
    TRY(check_room(scope, catalog, actor));
    TRY(export_order_check(scope, tools, actor, order));
    TRY(find_dataset(scope, tools, actor, order->dataset, &uid, &id));
    struct new_job job = {.kind = EXPORT_KIND,
                          .dataset = uid,
                          .label = str_printf(&scope->arena, "%.*s.%.*s", STR_ARG(id),
                                              STR_ARG(format_find(order->format)->extension)),
                          .arguments = write_order(&scope->arena, order),
                          .by = actor};
    return job_add(scope, catalog, &job, ret_job);
}

/* ---- the work ---- */

struct sink {
    struct scope *scope;
    struct job_run *run;
    int file;
    int64_t bytes;
};

static enum err take_bytes(void *user, str bytes)
{
    struct sink *sink = user;
    TRY(scope_check(sink->scope));
    sink->bytes += (int64_t)bytes.n;
    if (sink->bytes > (int64_t)LIMIT_SPOOL_BYTES) {
        return fail_in_words(sink->scope, ERR_TOO_LARGE, MSG_FAULT_EXPORT_LARGE,
                             SAYS(argument_digits(&sink->scope->arena, "most", LIMIT_SPOOL_BYTES)));
    }
    while (bytes.n) {
        ssize_t n = write(sink->file, bytes.p, bytes.n);
        if (n < 0 && errno != EINTR) {
            return export_file_fault(sink->scope, errno);
        }
        bytes = str_slice(bytes, n > 0 ? (size_t)n : 0, bytes.n);
    }
    job_progress(sink->run, sink->bytes, 0, "bytes");
    return ERR_OK;
}

static enum err write_and_keep(struct scope *scope, struct job_run *run, struct view *view, str stored, int descriptor)
{
    const struct job *job = job_of_run(run);
    struct sink sink = {scope, run, descriptor, 0};
    enum err result = export_write(scope, &view->lease, &view->request, take_bytes, &sink);
    if (close(descriptor) != 0 && result == ERR_OK) {
        result = export_file_fault(scope, errno);
    }
    TRY(result);
    usec now = clock_wall();
    struct export_file file = {.job = job->id,
                               .user = job->user,
                               .bytes = sink.bytes,
                               .name = str_printf(&scope->arena, "%.*s.%.*s", STR_ARG(view->request.dataset->id),
                                                  STR_ARG(view->request.format->extension)),
                               .content_type = view->request.format->content_type,
                               .stored = stored,
                               .created = now,
                               .expires = now + EXPORT_KEPT};
    TRY(export_file_keep(scope, job_catalog(run), &file));
    job_result(run, str_printf(&scope->arena, "{\"file\": \"/backoffice/jobs/%lld/file\", \"bytes\": %lld}",
                               (long long)job->id, (long long)file.bytes));
    job_tell(run, MSG_JOB_LINE_WRITTEN,
             SAYS(ARG_TEXT("file", file.name), argument_digits(&scope->arena, "bytes", file.bytes)));
    return ERR_OK;
}

enum err export_work(struct scope *scope, struct job_run *run, void *user)
{
    const struct export_tools *tools = user;
    const struct job *job = job_of_run(run);
    struct view view cleanup_with(close_view) = {0};
    struct export_order order;
    struct actor actor;
    str stored;
    int descriptor;
    TRY(read_order(scope, job, &order));
    TRY(user_actor(scope, tools->identity, job->user, &actor));
    TRY(open_view(scope, tools, &actor, &order, &view));
    TRY(export_file_make(scope, job_catalog(run), job->id, &stored, &descriptor));
    enum err result = write_and_keep(scope, run, &view, stored, descriptor);
    if (result != ERR_OK) {
        export_file_drop(scope, job_catalog(run), stored);
    }
    return result;
}
