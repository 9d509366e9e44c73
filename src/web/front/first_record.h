/* One record of a dataset, to show what its fields hold. */
#ifndef WEB_FRONT_FIRST_RECORD_H
#define WEB_FRONT_FIRST_RECORD_H

#include "domain/records/records.h"
#include "platform/text/zone.h"

/**
 * The first record that the lease lets be seen, as the API shows it (explore-api.md 4.2); NULL: there is none.
 * The caller drops the reference. Errors: those of reading.
 */
enum err first_record(struct scope *scope, struct records_lease *lease, const struct clauses *like,
                      const struct zone *zone, json_t **ret_record) must_check;

#endif
