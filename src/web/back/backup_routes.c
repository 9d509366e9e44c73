/* Backups in the back office. */
#include "base/attr.h"
#include "web/back/routes.h"

static const struct route routes[] = {
    {PAGE("/backoffice/backups", back_backups, "back.backups", "The backups of the portal, and how one is restored."),
     .keys = true},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/backups/new", back_backup_new, "back.backup_new", "Make a backup now.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/backups/{}/check", back_backup_check, "back.backup_check",
          "Compare a backup with its manifest.")},
};

static const struct tpl_binding *const templates[] = {&backups_template};

const struct office_part backup_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
