/* When sources at an address are read again. */
#include "base/date.h"
#include "base/vec.h"
#include "domain/resource/refresh.h"
#include "platform/crypto/crypto.h"
#include "platform/db/statement.h"

#define MINUTE (60 * USEC_SECOND)
#define HOUR (60 * MINUTE)
#define NIGHT_MINUTES 360
#define MONDAY (4 * USEC_DAY) /* 1970-01-05 */

bool refresh_is_schedule(str schedule)
{
    return schedule.n == 0 || refresh_slot(schedule, S(""), USEC_DAY * 400) != 0;
}

/* The same in all versions of the program, so that an upgrade reads nothing twice. */
static usec offset_of(str dataset, int minutes)
{
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(dataset, digest);
    unsigned number = (unsigned)digest[0] << 16 | (unsigned)digest[1] << 8 | digest[2];
    return (usec)(number % (unsigned)minutes) * MINUTE;
}

static usec latest(usec now, usec period, usec first)
{
    usec since = now - first;
    return since >= 0 ? first + since / period * period : 0;
}

static usec latest_of_month(usec now, usec offset)
{
    struct civil civil = date_civil_instant(now);
    usec slot = date_days(civil.year, civil.month, 1) * USEC_DAY + offset;
    if (slot > now) {
        bool is_january = civil.month == 1;
        slot = date_days(is_january ? civil.year - 1 : civil.year, is_january ? 12 : civil.month - 1, 1) * USEC_DAY + offset;
    }
    return slot;
}

usec refresh_slot(str schedule, str dataset, usec now)
{
    if (str_eq(schedule, S("hourly"))) {
        return latest(now, HOUR, offset_of(dataset, 60));
    }
    usec night = offset_of(dataset, NIGHT_MINUTES);
    if (str_eq(schedule, S("daily"))) {
        return latest(now, USEC_DAY, night);
    }
    if (str_eq(schedule, S("weekly"))) {
        return latest(now, 7 * USEC_DAY, MONDAY + night);
    }
    return str_eq(schedule, S("monthly")) ? latest_of_month(now, night) : 0;
}

/* ---- adding jobs ---- */

struct due {
    str dataset, id;
    usec slot;
    int64_t user;
    str user_name; /* who chose the source */
};

typedef VEC(struct due) due_list;

static enum err find_due(struct scope *scope, struct catalog *catalog, due_list *found)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct arena *arena = &scope->arena;
    usec now = clock_wall();
    struct sql sql = STATEMENT(arena,
                               "select resource.dataset, dataset.id, schedule, checked, u.id, changed_by from resource"
                               " join dataset on dataset.uid = resource.dataset left join \"user\" u on u.name = changed_by"
                               " where kind = 'url' and schedule <> '' and draft = 0 and checked < ?",
                               cell_instant(now - HOUR / 60));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        str dataset = row_text(arena, row, 0);
        usec slot = refresh_slot(row_text(arena, row, 2), dataset, now);
        if (slot > row_number(row, 3)) {
            vec_add(arena, found, (struct due){dataset, row_text(arena, row, 1), slot, row_number(row, 4),
                                               row_text(arena, row, 5)});
        }
    }
    return ERR_OK;
}

enum err refresh_add_due(struct scope *scope, struct catalog *catalog)
{
    due_list found = {0};
    TRY(find_due(scope, catalog, &found));
    for (size_t i = 0; i < found.count; i++) {
        const struct due *due = &found.items[i];
        int64_t id;
        struct actor by = {.kind = ACTOR_SESSION, .user = due->user, .name = due->user_name};
        struct new_job job = {.kind = REFRESH_KIND,
                              .dataset = due->dataset,
                              .label = due->id,
                              .by = &by,
                              .is_single = true,
                              .since = due->slot};
        TRY(job_add(scope, catalog, &job, &id));
    }
    return ERR_OK;
}
