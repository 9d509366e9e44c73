/* parvis migrate. */
#include <stdio.h>
#include <unistd.h>

#include "domain/transfer/transfer.h"
#include "main/commands.h"
#include "main/progress.h"

static bool is_url(const char *text)
{
    return str_starts(str_from(text), S("postgresql://")) || str_starts(str_from(text), S("postgres://"));
}

static enum err read_end(struct scope *scope, const struct command_line *line, const char *name,
                         struct store *ret_store)
{
    const char *text;
    TRY(option_text(scope, line, name, &text));
    if (!text || !*text) {
        return fail(scope, ERR_USAGE, "--%s is missing: a data directory, or postgresql://…", name);
    }
    *ret_store = (struct store){.data_directory = is_url(text) ? NULL : text,
                                .url = is_url(text) ? text : NULL};
    return ERR_OK;
}

static enum err read_options(struct scope *scope, const struct command_line *line,
                             struct transfer_options *options)
{
    int64_t number;
    TRY(read_end(scope, line, "from", &options->from));
    TRY(read_end(scope, line, "to", &options->to));
    if (!options->from.url == !options->to.url) {
        return fail(scope, ERR_USAGE,
                    "--from, --to: a data directory and a database are expected; %s",
                    options->from.url ? "for another database see pg_dump"
                                      : "a directory can be copied while nothing uses it");
    }
    TRY(option_number(scope, line, "memory", 64 << 20, INT64_MAX, &number));
    options->memory_bytes = (uint64_t)number;
    TRY(option_number(scope, line, "threads", 0, 1024, &number));
    options->threads = (int)number;
    return option_number(scope, line, "store-distribute", 0, INT64_MAX, &options->to.distributed_rows);
}

/* In place of the bar, which is drawn again below it. */
static void tell(void *user, const struct remark *line)
{
    bool is_terminal = *(const bool *)user;
    fprintf(stderr, "%s%.*s\n", is_terminal ? "\r\033[K" : "", STR_ARG(line->text));
}

static void print_result(const struct transfer_options *options, const struct transfer_result *result,
                         usec duration)
{
    printf("%lld datasets, %lld versions with %lld records, %lld attachments, %lld rows of services: copied and "
           "compared, %.1f s\n", (long long)result->datasets, (long long)result->versions,
           (long long)result->records, (long long)result->attachments, (long long)result->rows,
           (double)duration / 1e6);
    if (result->versions_before) {
        printf("%lld versions were there from an earlier migration that had not ended\n",
               (long long)result->versions_before);
    }
    if (result->lacks_secret && options->from.url) {
        printf("the master secret is not in the database; copy secrets/master of a node to %s/secrets, or "
               "sessions, keys and second factors of people will not be valid\n", options->to.data_directory);
    }
}

enum err command_migrate(struct scope *scope, const struct command_line *line)
{
    struct ingest_progress progress = {0};
    struct transfer_result result;
    bool is_terminal = isatty(STDERR_FILENO);
    struct transfer_options options = {.progress = &progress, .tell = tell, .user = &is_terminal};
    TRY(read_options(scope, line, &options));
    usec started = clock_monotonic();
    struct progress_bar *bar = progress_bar_start(&progress);
    enum err outcome = transfer_run(scope, &options, &result);
    progress_bar_stop(bar);
    if (outcome == ERR_OK) {
        print_result(&options, &result, clock_monotonic() - started);
    }
    return outcome;
}
