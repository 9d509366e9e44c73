/* Jobs of the server: the kinds that there are, and the threads that do them. */
#ifndef MAIN_JOBS_H
#define MAIN_JOBS_H

#include "domain/backup/plan.h"
#include "domain/job/export.h"
#include "domain/resource/publication.h"
#include "domain/resource/refresh.h"
#include "main/options.h"
#include "platform/fetch/fetch.h"
#include "web/back/bulk.h"
#include "web/shell/call.h"

#define JOB_KINDS_MOST 16

struct job_settings {
    int workers; /* 0: this node runs none */
    usec keep;   /* ended jobs are deleted after that; 0: never */
    struct backup_plan backups;
};

/** Reads the settings of jobs. Errors: ERR_USAGE. */
enum err jobs_read_settings(struct scope *scope, const struct command_line *line,
                            struct job_settings *ret_settings) must_check;

/** Makes the tables that jobs need. Errors: as db_script. */
enum err jobs_make_tables(struct scope *scope, struct catalog *catalog) must_check;

/**
 * Reads the settings of addresses that files are fetched from, in the scope's arena. Errors: ERR_USAGE.
 */
enum err jobs_read_fetch(struct scope *scope, const struct command_line *line, struct fetch_options *ret_options)
    must_check;

/* What the work of jobs is given; lives as long as they run. */
struct job_tools {
    struct export_tools exports;
    struct bulk_tools bulk;
    struct publication_tools publication;
    struct refresh_tools refresh;
    struct job_kind kinds[JOB_KINDS_MOST];
    size_t kind_count;
    struct backup_tools backups;
};

/** Fills in the kinds; app has catalog, export_records, identity, access and fetch, which are borrowed. backups: NULL, or
 * without a directory: this process makes none. */
void jobs_list_kinds(struct job_tools *tools, const struct app *app);

#endif
