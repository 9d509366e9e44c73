#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "main/commands.h"
#include "main/open.h"
#include "platform/crypto/crypto.h"
#include "platform/i18n/message.h"

static void print_help(void)
{
    printf("parvis: an open data portal in one program.\n\nCommands:\n");
    for (size_t i = 0; i < command_count; i++) {
        printf("  %-10s %-20s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
    }
    printf("\nparvis COMMAND --help tells more about each.\n"
           "\nExit codes: 0 done, 1 failed (files, engine), 2 wrong option or setting, 3 wrong "
           "data or\n"
           "query, 4 not found, 5 somebody else is at work, try again.\n");
}

static int exit_code(enum err result)
{
    switch (err_kind(result)) {
    case KIND_NONE:
        return 0;
    case KIND_CALLER:
        return result == ERR_USAGE ? 2 : 3;
    case KIND_ABSENT:
        return 4;
    case KIND_CONFLICT:
    case KIND_BUSY:
    case KIND_QUOTA:
        return 5;
    default:
        return 1;
    }
}

static bool wants_help(int count, char **words)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

enum err command_check_catalogue(struct scope *scope, const struct command_line *line)
{
    struct store store;
    TRY(read_store(scope, line, &store));
    const char *data = store.data_directory;
    str file = str_printf(&scope->arena, "%s/catalogue.sqlite", data);
    if (!store.url && access(file.p, F_OK) != 0) {
        return fail(scope, ERR_NO_DATASET,
                    "%s: no catalogue is there (%s); name the data directory with --data, or "
                    "publish a file first, see parvis import --help",
                    data, strerror(errno));
    }
    return ERR_OK;
}

/* What went wrong, with a library's words if there are any, where, and what to do. */
static str failure_text(struct scope *scope, const struct command_line *line)
{
    const struct failure *failure = &scope->failure;
    str message = failure->message;
    enum err_kind kind = err_kind(failure->code);
    bool has_cause = (kind == KIND_BROKEN || kind == KIND_BUSY) && failure->cause.n &&
                     str_find(failure->message, failure->cause, 0) == SIZE_MAX;
    const char *data = NULL;
    const char *advice = "see parvis check, or restore a backup";
    struct store store;
    bool has_data = option_text(scope, line, "data", &data) == ERR_OK && data;
    data = NULL;
    if (failure->code == ERR_DATABASE && has_data && read_store(scope, line, &store) == ERR_OK) {
        data = store.url ? NULL : store.data_directory;
    }
    if (data && access(data, W_OK) != 0) {
        advice = "it must be writable, also for reading";
    }
    if (data && str_ends(message, S("."))) {
        message.n--;
    }
    return str_printf(&scope->arena, "%.*s%s%.*s%s%s%s%s%s", STR_ARG(message),
                      has_cause ? " (" : "", STR_ARG(has_cause ? failure->cause : S("")),
                      has_cause ? ")" : "", data ? "; data directory " : "", data ? data : "",
                      data ? ": " : "", data ? advice : "");
}

/* One line, whatever a library says. */
static void print_failure(struct scope *scope, const struct command_line *line)
{
    str text = failure_text(scope, line);
    char *out = (char *)(uintptr_t)text.p;
    size_t end = 0;
    for (size_t i = 0; i < text.n; i++) {
        bool is_space = (unsigned char)text.p[i] <= ' ';
        if (!is_space || (end && out[end - 1] != ' ')) {
            out[end++] = is_space ? ' ' : text.p[i];
        }
    }
    fprintf(stderr, "parvis %s: %.*s\n", line->command->name, (int)end, out);
}

int main(int argc, char **argv)
{
    crypto_start();
    messages_start();
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return argc < 2 ? 2 : 0;
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    const struct command *command = NULL;
    for (size_t i = 0; i < command_count; i++) {
        command = strcmp(commands[i].name, name) == 0 ? &commands[i] : command;
    }
    if (!command) {
        fprintf(stderr, "parvis: the command '%s' is not known; see parvis --help\n", argv[1]);
        return 2;
    }
    if (wants_help(argc - 2, argv + 2)) {
        options_print_help(command);
        return 0;
    }
    struct scope scope;
    struct command_line line = {.command = command};
    scope_open(&scope);
    enum err result = options_parse(&scope, command, argc - 2, argv + 2, &line);
    if (result == ERR_OK && command->needs_catalogue) {
        result = command_check_catalogue(&scope, &line);
    }
    if (command->run != command_serve) {
        log_set_level(LOG_ERROR); /* what a command has to say it prints */
    }
    if (result == ERR_OK) {
        result = command->run(&scope, &line);
    }
    if (result == ERR_OK && fflush(stdout) != 0) {
        result = fail(&scope, ERR_FILE, "standard output cannot be written (%s)", strerror(errno));
    }
    if (result != ERR_OK) {
        print_failure(&scope, &line);
    }
    int code = exit_code(result);
    scope_close(&scope);
    return code;
}
