/* The tables of a portal besides state, by who makes them; each in the order of its references. */
#include "domain/analytics/analytics.h"
#include "domain/identity/identity.h"
#include "domain/job/job.h"
#include "domain/privacy/privacy.h"
#include "domain/resource/resource.h"
#include "domain/site/keeper.h"
#include "domain/transfer/internal.h"

/* make: NULL: catalog_open_rows has made them. */
static const struct owner {
    const struct stored_table *(*tables)(size_t *ret_count);
    enum err (*make)(struct scope *scope, struct db_lease *lease);
} owners[] = {
    {catalog_tables, NULL},
    {identity_tables, identity_make_tables},
    {privacy_tables, privacy_make_tables},
    {site_tables, site_make_tables},
    {job_tables, job_make_tables},
    {analytics_tables, analytics_make_tables},
    {resource_tables, resource_make_tables},
};

enum err transfer_each_table(struct scope *scope, void *user, transfer_table_action *action)
{
    for (size_t i = 0; i < ARRAY_LENGTH(owners); i++) {
        size_t count;
        const struct stored_table *tables = owners[i].tables(&count);
        for (size_t j = 0; j < count; j++) {
            TRY(action(scope, user, &tables[j]));
        }
    }
    return ERR_OK;
}

enum err transfer_make_tables(struct scope *scope, struct db_lease *lease)
{
    for (size_t i = 0; i < ARRAY_LENGTH(owners); i++) {
        if (owners[i].make) {
            TRY(owners[i].make(scope, lease));
        }
    }
    return ERR_OK;
}
