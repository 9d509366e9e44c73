#include "base/log.h"
#include "base/vec.h"
#include "domain/privacy/internal.h"

const char *consent_way_name(enum consent_way way)
{
    static const char *const names[WAY__COUNT] = {"banner", "page", "placeholder"};
    bug_if((unsigned)way >= WAY__COUNT);
    return names[way];
}

static enum err add_one(struct scope *scope, struct privacy *privacy, const struct consent *consent,
                        language lang, enum consent_way way)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, privacy->db, &lease));
    return DB_RUN(scope, lease,
                  "insert into consent_figure (day, revision, language, way, purposes, count)"
                  " values (?, ?, ?, ?, ?, 1) on conflict (day, revision, language, way,"
                  " purposes) do update set count = consent_figure.count + 1",
                  cell_int(clock_wall() / USEC_DAY), cell_int(consent->revision),
                  cell_text(language_code(lang)), cell_int(way), cell_int(consent->purposes));
}

void consent_count(struct scope *scope, struct privacy *privacy, const struct consent *consent,
                   language lang, enum consent_way way)
{
    /* A lost figure must not lose the visitor's choice. */
    if (add_one(scope, privacy, consent, lang, way) != ERR_OK) {
        log_event(EV_PRIVACY_FAILED, "a choice was not counted: %.*s",
                  STR_ARG(scope->failure.message));
        scope_forgive(scope);
    }
}

enum err consent_figures(struct scope *scope, struct privacy *privacy,
                         const struct consent_figure **ret_rows, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct consent_figure) rows = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select day, revision, language, way, purposes, count"
                               " from consent_figure"
                               " order by day, revision, language, way, purposes");
    TRY(db_lease(scope, privacy->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct consent_figure figure = {.day = day_text(&scope->arena, row_number(row, 0)),
                                        .revision = row_number(row, 1),
                                        .language = row_text(&scope->arena, row, 2),
                                        .way = (enum consent_way)row_number(row, 3),
                                        .purposes = (unsigned)row_number(row, 4),
                                        .count = row_number(row, 5)};
        vec_add(&scope->arena, &rows, figure);
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}
