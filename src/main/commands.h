/* The commands of the program; each is a row with its options, examples and function. */
#ifndef MAIN_COMMANDS_H
#define MAIN_COMMANDS_H

#include "domain/catalog/catalog.h"
#include "main/options.h"

struct catalog;

enum err command_serve(struct scope *scope, const struct command_line *line) must_check;
enum err command_import(struct scope *scope, const struct command_line *line) must_check;
enum err command_list(struct scope *scope, const struct command_line *line) must_check;
enum err command_describe(struct scope *scope, const struct command_line *line) must_check;
enum err command_attach(struct scope *scope, const struct command_line *line) must_check;
enum err command_detach(struct scope *scope, const struct command_line *line) must_check;
enum err command_export(struct scope *scope, const struct command_line *line) must_check;
enum err command_dataset(struct scope *scope, const struct command_line *line) must_check;
enum err command_remove(struct scope *scope, const struct command_line *line) must_check;
enum err command_check(struct scope *scope, const struct command_line *line) must_check;
enum err command_migrate(struct scope *scope, const struct command_line *line) must_check;
enum err command_backup(struct scope *scope, const struct command_line *line) must_check;
enum err command_restore(struct scope *scope, const struct command_line *line) must_check;
enum err command_consent(struct scope *scope, const struct command_line *line) must_check;
enum err command_service(struct scope *scope, const struct command_line *line) must_check;
enum err command_user(struct scope *scope, const struct command_line *line) must_check;
enum err command_group(struct scope *scope, const struct command_line *line) must_check;
enum err command_key(struct scope *scope, const struct command_line *line) must_check;
enum err command_routes(struct scope *scope, const struct command_line *line) must_check;
enum err command_access(struct scope *scope, const struct command_line *line) must_check;
enum err command_stats(struct scope *scope, const struct command_line *line) must_check;
enum err command_job(struct scope *scope, const struct command_line *line) must_check;
enum err command_version(struct scope *scope, const struct command_line *line) must_check;

/** Looks at everything, and prints what it finds. Errors: ERR_FILE (something is broken), those of engines. */
enum err check_portal(struct scope *scope, struct catalog *catalog, bool repairs) must_check;

/** Removes a dataset with all versions and files, writes that down, and says so. Errors: as catalog_remove. */
enum err remove_dataset(struct scope *scope, struct catalog *catalog, str id) must_check;

/** Fails when the data directory holds no catalogue yet, instead of making one. */
enum err command_check_catalogue(struct scope *scope, const struct command_line *line) must_check;

#endif
