/*
 * Backups that the server makes: on order of an administrator, and on a schedule, as jobs, into a directory of its own.
 * With several nodes each order is one job; that directory is then best one that all of them share.
 */
#ifndef DOMAIN_BACKUP_PLAN_H
#define DOMAIN_BACKUP_PLAN_H

#include "domain/backup/backup.h"
#include "domain/job/job.h"

enum backup_schedule { BACKUP_OFF, BACKUP_DAILY, BACKUP_WEEKLY };

/** "off", "daily", "weekly". */
bool backup_schedule_find(str name, enum backup_schedule *ret_schedule);

struct backup_plan {
    const char *directory; /* NULL: this node makes none */
    enum backup_schedule schedule;
    bool is_beside_data;   /* it lies in the data directory, as nobody named another */
    int keep; /* older ones are removed; 0: none is */
};

#define BACKUP_KIND "backup" /* of jobs */

/* What the work of such a job needs; lives as long as jobs run. */
struct backup_tools {
    struct backup_plan plan;
    struct identity *identity;
};

/** The work: makes a backup, or looks at one (arguments {"check": NAME}). user: struct backup_tools. */
enum err backup_work(struct scope *scope, struct job_run *run, void *user);

/** Orders a backup now, unless one waits already; check: the name of one to look at, empty: a new one. Errors: as job_add. */
enum err backup_order(struct scope *scope, struct catalog *catalog, const struct actor *by, str check,
                      int64_t *ret_id) must_check;

/** Orders the one that the schedule asks for, when it is due and nobody has. Errors: as job_add. */
enum err backup_order_due(struct scope *scope, struct catalog *catalog, const struct backup_plan *plan) must_check;

/** The backup of a name in the plan's directory. Errors: ERR_NO_RECORD; those of backup_list. */
enum err backup_find(struct scope *scope, const struct backup_plan *plan, str name, struct backup_item *ret_item)
    must_check;

#endif
