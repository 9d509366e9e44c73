/* What the commands about users, groups and access open: the catalogue, accounts, and the rules of access. */
#ifndef MAIN_PEOPLE_H
#define MAIN_PEOPLE_H

#include "domain/identity/access.h"
#include "domain/identity/group.h"
#include "domain/identity/audit.h"
#include "domain/identity/user.h"
#include "main/options.h"

struct people {
    struct catalog *catalog;
    struct identity *identity;
    struct access *access;
};

/** Opens all of the data directory. Undone by people_close. */
enum err people_open(struct scope *scope, const struct command_line *line,
                     struct people *ret_people) must_check;

/** For cleanup_with; accepts what was not opened. */
void people_close(struct people *people);

/** Writes into the audit log what the command line did. */
void people_audit(struct scope *scope, const struct people *people, const char *action, str subject,
                  str detail);

/** As people_audit for commands that have only the catalogue open. A failure is logged: it must not stop the act. */
void catalog_audit(struct scope *scope, struct catalog *catalog, const char *action, str subject,
                   str detail);

/** An instant as RFC 3339 has it, in seconds, UTC; "-" for 0. */
str people_instant(struct scope *scope, usec instant);

/** Where the server is reached: its public address, or the port it listens on at this machine. Errors: ERR_USAGE. */
enum err people_base(struct scope *scope, const struct command_line *line, str *ret_base) must_check;

#endif
