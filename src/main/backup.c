/* parvis backup and parvis restore. */
#include "domain/backup/backup.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "main/commands.h"
#include "main/open.h"
#include "main/people.h"

static void tell(void *user, const struct remark *line)
{
    (void)user;
    fprintf(stderr, "%.*s\n", STR_ARG(line->text));
}

static const struct backup_watch watch = {.tell = tell};

static str size_text(struct scope *scope, int64_t bytes)
{
    return str_printf(&scope->arena, "%.1f MB", (double)bytes / 1e6);
}

static str time_text(struct scope *scope, usec instant)
{
    struct tm parts;
    char text[32];
    time_t seconds = (time_t)(instant / USEC_SECOND);
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return str_copy(&scope->arena, str_from(text));
}

static void print_facts(FILE *out, struct scope *scope, const struct backup_facts *facts, const char *did, usec started)
{
    fprintf(out, "generation %lld of %.*s: %lld datasets, %lld versions with %lld records, %lld files, %.*s: %s, %.1f s\n",
            (long long)facts->generation, STR_ARG(time_text(scope, facts->created)), (long long)facts->datasets,
            (long long)facts->versions, (long long)facts->records, (long long)facts->files,
            STR_ARG(size_text(scope, facts->bytes)), did, (double)(clock_monotonic() - started) / 1e6);
}

static enum err read_engine(struct scope *scope, const struct command_line *line, uint64_t *ret_memory, int *ret_threads)
{
    int64_t number;
    TRY(option_number(scope, line, "memory", 64 << 20, INT64_MAX, &number));
    *ret_memory = (uint64_t)number;
    TRY(option_number(scope, line, "threads", 0, 1024, &number));
    *ret_threads = (int)number;
    return ERR_OK;
}

/* ---- backup ---- */

/* Written after the backup, which therefore does not have it: the log of this portal tells when it was copied. */
static enum err audit_backup(struct scope *scope, const struct store *store, const char *target,
                             const struct backup_facts *facts)
{
    struct catalog *catalog;
    TRY(catalog_open_store(scope, store, &catalog));
    catalog_audit(scope, catalog, "backup.make", str_from(target),
                  str_printf(&scope->arena, "generation %lld, %lld bytes%s", (long long)facts->generation,
                             (long long)facts->bytes, facts->has_secrets ? ", with secrets" : ""));
    catalog_close(catalog);
    return ERR_OK;
}

static enum err make(struct scope *scope, const struct command_line *line)
{
    struct store store;
    struct backup_facts facts;
    struct backup_options options = {.store = &store, .target = line->arguments[0], .watch = &watch,
                                     .without_secrets = option_flag(line, "without-secrets")};
    TRY(command_check_catalogue(scope, line));
    TRY(read_store(scope, line, &store));
    TRY(option_text(scope, line, "previous", &options.previous));
    TRY(read_engine(scope, line, &options.memory_bytes, &options.threads));
    usec started = clock_monotonic();
    TRY(backup_make(scope, &options, &facts));
    FILE *out = strcmp(options.target, "-") == 0 ? stderr : stdout;
    print_facts(out, scope, &facts, "copied", started);
    if (facts.unchanged) {
        fprintf(out, "%lld files have not changed since the earlier backup and are linked to it\n",
                (long long)facts.unchanged);
    }
    if (facts.has_secrets) {
        fprintf(out, "it holds the master secret, hashes of passwords and keys, and addresses of people: keep it where "
                     "only administrators can read it%s\n",
                facts.lacks_master ? "; secrets/master itself was not found, copy that of a node" : "");
    }
    return audit_backup(scope, &store, options.target, &facts);
}

static enum err verify(struct scope *scope, const char *source)
{
    struct backup_facts facts;
    usec started = clock_monotonic();
    TRY(backup_verify(scope, source, &watch, &facts));
    print_facts(stdout, scope, &facts, "all as the manifest says", started);
    return ERR_OK;
}

enum err command_backup(struct scope *scope, const struct command_line *line)
{
    bool verifies = strcmp(line->arguments[0], "verify") == 0 && line->argument_count == 2;
    if (line->argument_count > 1 && !verifies) {
        return fail(scope, ERR_USAGE, "one TARGET is expected, or: verify TARGET");
    }
    return verifies ? verify(scope, line->arguments[1]) : make(scope, line);
}

/* ---- restore ---- */

static enum err check_restored(struct scope *scope, const struct store *store, const char *source,
                               const struct backup_facts *facts)
{
    struct catalog *catalog;
    TRY(catalog_open_store(scope, store, &catalog));
    if (facts->files) { /* not: an earlier restore was only ended */
        catalog_audit(scope, catalog, "backup.restore", str_from(source),
                      str_printf(&scope->arena, "generation %lld of %.*s", (long long)facts->generation,
                                 STR_ARG(time_text(scope, facts->created))));
    }
    enum err result = check_portal(scope, catalog, false);
    catalog_close(catalog);
    return result;
}

enum err command_restore(struct scope *scope, const struct command_line *line)
{
    struct store store;
    struct backup_facts facts;
    str aside;
    struct restore_options options = {.source = line->arguments[0], .store = &store, .watch = &watch,
                                      .replaces = option_flag(line, "replace")};
    TRY(read_store(scope, line, &store));
    TRY(read_engine(scope, line, &options.memory_bytes, &options.threads));
    usec started = clock_monotonic();
    TRY(backup_restore(scope, &options, &facts, &aside));
    if (facts.files) {
        print_facts(stdout, scope, &facts, "restored", started);
    }
    if (aside.n) {
        printf("the portal that was there lies in %.*s now; remove it when it is not needed any more\n", STR_ARG(aside));
    }
    if (facts.files && !facts.has_secrets) {
        printf("the backup has no secrets: passwords, second factors and API keys are gone; parvis serve prints a link for "
               "an administrator, parvis user reset NAME makes others\n");
    }
    fflush(stdout);
    return check_restored(scope, &store, options.source, &facts);
}
