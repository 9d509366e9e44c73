/* A dataset through the eyes of a member of group 1 and of an administrator, and what each reads of it. */
#ifndef TESTS_UNIT_ACCESS_DOORS_H
#define TESTS_UNIT_ACCESS_DOORS_H

#include "portal.h"

static const int64_t group_1[] = {1};
static struct actor member;
static struct actor administrator;

/* One of the two ways to look at the things. */
struct door {
    const struct snapshot *snapshot;
    const struct dataset *dataset;
    struct records_lease lease;
};

static inline struct door door_open(const struct actor *actor, const char *id)
{
    struct door door = {.snapshot = view_of(actor)};
    check_ok(id, &scope, snapshot_load(&scope, door.snapshot, str_from(id), &door.dataset));
    assert_non_null(door.dataset);
    check_ok(id, &scope, records_lease(&scope, portal.records, door.dataset, &door.lease));
    return door;
}

static inline void door_close(struct door *door)
{
    records_release(&door->lease);
    snapshot_unref(door->snapshot);
}

/* Result as one text, so that two can be compared: records, total, or the error. */
static inline str read_text(struct door *door, const struct clauses *clauses)
{
    struct plan *plan;
    struct read_result page = {0};
    struct buf out = {0};
    enum err result = odsql_compile(&scope, &door->lease.source, clauses, &plan);
    if (result == ERR_OK) {
        struct read read = {.plan = plan, .clauses = clauses, .zone = zone_find(STR_NONE),
                            .source_count = door->dataset->records_count};
        result = read_page(&scope, &door->lease, &read, &out, &page);
    }
    if (result != ERR_OK) {
        buf_printf(&out, "error %d: %.*s", (int)result, STR_ARG(scope.failure.message));
        scope_forgive(&scope);
    }
    buf_printf(&out, "; %lld of %lld", (long long)page.rows, (long long)page.total);
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

static inline str export_text(struct door *door, const struct clauses *clauses, const char *format)
{
    struct plan *plan;
    struct buf out = {0};
    struct cursor *cursor;
    const struct batch *batch;
    struct format_options options = format_options_default();
    const struct format *found = format_find(str_from(format));
    options.zone = zone_find(STR_NONE);
    check_ok(format, &scope, odsql_compile(&scope, &door->lease.source, clauses, &plan));
    check_ok(format, &scope, db_run(&scope, door->lease.db, &plan->rows, &cursor));
    struct writing writing =
        writing_begin(&scope, plan->outputs, plan->output_count, &options, &out);
    assert_int_equal(writing_start(found->encoder, &writing), ERR_OK);
    for (;;) {
        check_ok(format, &scope, cursor_next(&scope, cursor, &batch));
        if (!batch) {
            break;
        }
        assert_int_equal(writing_batch(found->encoder, &writing, batch), ERR_OK);
    }
    assert_int_equal(writing_end(found->encoder, &writing), ERR_OK);
    cursor_close(cursor);
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

static inline void add_facet(struct buf *out, const struct facet_value *value)
{
    for (; value; value = value->next) {
        buf_printf(out, "%.*s:%lld:%d(", STR_ARG(value->value), (long long)value->count,
                   (int)value->state);
        add_facet(out, value->children);
        buf_add(out, S(") "));
    }
}

static inline str facet_text(struct door *door, const struct clauses *given, str facet)
{
    struct facet_request request;
    const struct facet_value *values = NULL;
    struct buf out = {0};
    enum err result = odsql_facet_parse(&scope, &door->lease.source, facet, &request);
    if (result == ERR_OK) {
        struct clauses clauses = *given;
        clauses.facets = &request;
        clauses.facet_count = 1;
        result = facet_read(&scope, &door->lease, &clauses, &request, &values);
    }
    add_facet(&out, values);
    if (result != ERR_OK) {
        buf_printf(&out, "error %d: %.*s", (int)result, STR_ARG(scope.failure.message));
        scope_forgive(&scope);
    }
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

static inline int open_doors(void **state)
{
    member = person(1, ROLE_READER, group_1, 1);
    administrator = person(3, ROLE_ADMINISTRATOR, NULL, 0);
    return portal_open(state);
}

#endif
