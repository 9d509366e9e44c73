/* An export from its clauses to its bytes, for callers that send them somewhere. */
#ifndef DOMAIN_RECORDS_EXPORT_H
#define DOMAIN_RECORDS_EXPORT_H

#include "domain/records/format.h"
#include "domain/records/records.h"

struct export_request {
    const struct dataset *dataset;
    const struct format *format;
    struct format_options options; /* dataset_id and title are set from the dataset */
    struct clauses clauses;        /* format_prepare is done */
};

/** Takes bytes of an export, in order; borrowed for the call. An error ends the export. */
typedef enum err export_sink(void *user, str bytes);

/**
 * Runs an export under a lease of the dataset and hands its bytes over as they are made, in memory that does
 * not grow with the records. The request's clauses and the lease's labels are changed.
 * Errors: those of odsql_compile, db_run and the format; those of the sink.
 */
enum err export_write(struct scope *scope, struct records_lease *lease, struct export_request *request,
                      export_sink *sink, void *user) must_check;

#endif
