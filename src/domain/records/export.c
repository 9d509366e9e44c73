#include "domain/records/export.h"

#include <errno.h>
#include <unistd.h>

#include "domain/records/spool.h"

#define COPY_BYTES ((size_t)1 << 16)

struct sending {
    struct scope *scope;
    export_sink *sink;
    void *user;
};

static enum err send(const struct sending *sending, struct buf *out)
{
    enum err result = out->n ? sending->sink(sending->user, buf_str(out)) : ERR_OK;
    buf_clear(out);
    return result;
}

static enum err write_batches(const struct sending *sending, struct cursor *cursor,
                              const struct format_encoder *encoder, struct writing *writing)
{
    struct scope *scope = sending->scope;
    TRY(writing_start(encoder, writing));
    for (;;) {
        const struct batch *batch;
        struct arena_mark mark = arena_get_mark(&scope->arena);
        TRY(cursor_next(scope, cursor, &batch));
        if (!batch) {
            break;
        }
        TRY(writing_batch(encoder, writing, batch));
        TRY(send(sending, writing->out));
        arena_rewind(&scope->arena, mark);
    }
    TRY(writing_end(encoder, writing));
    return send(sending, writing->out);
}

static enum err write_records(const struct sending *sending, struct records_lease *lease,
                              const struct plan *plan, const struct export_request *request)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct buf out cleanup_with(buf_cleanup) = {0};
    TRY(db_run(sending->scope, lease->db, &plan->rows, &cursor));
    struct writing writing = writing_begin(sending->scope, plan->outputs, plan->output_count,
                                           &request->options, &out);
    enum err result = write_batches(sending, cursor, request->format->encoder, &writing);
    writing_close(request->format->encoder, &writing);
    return result;
}

static enum err copy_file(const struct sending *sending, int descriptor)
{
    char *block = arena_alloc(&sending->scope->arena, COPY_BYTES);
    for (;;) {
        ssize_t n = read(descriptor, block, COPY_BYTES);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail_with_cause(sending->scope, ERR_FILE, str_from(strerror(errno)),
                                   "the written file cannot be read");
        }
        if (n == 0) {
            return ERR_OK;
        }
        TRY(sending->sink(sending->user, (str){block, (size_t)n}));
    }
}

static enum err write_file(const struct sending *sending, struct records_lease *lease,
                           const struct plan *plan, const struct export_request *request)
{
    struct spool spool;
    TRY(request->format->write_file(sending->scope, lease, plan, &request->options, &spool));
    records_release(lease); /* the file is complete; who takes it slowly need not hold a connection */
    *lease = (struct records_lease){0};
    enum err result = copy_file(sending, spool.descriptor);
    close(spool.descriptor);
    return result;
}

enum err export_write(struct scope *scope, struct records_lease *lease, struct export_request *request,
                      export_sink *sink, void *user)
{
    struct sending sending = {scope, sink, user};
    struct plan *plan;
    request->options.dataset_id = request->dataset->id;
    request->options.title = request->dataset->title;
    format_prepare(request->format, &request->clauses);
    if (request->options.use_labels) {
        TRY(dataset_schema_in(scope, request->dataset, request->clauses.lang, &lease->source.schema));
    }
    TRY(odsql_compile(scope, &lease->source, &request->clauses, &plan));
    TRY(format_check(scope, request->format, plan, &request->options));
    return request->format->encoder ? write_records(&sending, lease, plan, request)
                                    : write_file(&sending, lease, plan, request);
}
