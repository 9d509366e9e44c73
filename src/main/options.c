#include "main/options.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/vec.h"

#define CONFIG_BYTES 65536

static const struct option_row *find_row(const struct command *command, str name)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (str_eq(str_from(command->options[i].name), name)) {
            return &command->options[i];
        }
    }
    return NULL;
}

enum err options_parse(struct scope *scope, const struct command *command, int count, char **words,
                       struct command_line *ret_line)
{
    struct command_line line = {.command = command};
    line.given = arena_array(&scope->arena, struct given, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        str word = str_from(words[i]);
        if (!str_starts(word, S("--")) || str_eq(word, S("--"))) {
            if (line.argument_count == command->argument_count) {
                return fail(scope, ERR_USAGE, "'%s' was not expected; see parvis %s --help",
                            words[i], command->name);
            }
            line.arguments[line.argument_count++] = words[i];
            continue;
        }
        size_t equals = str_find_char(word, '=', 0);
        str name = str_slice(word, 2, equals);
        const struct option_row *row = find_row(command, name);
        if (!row) {
            return fail(scope, ERR_USAGE, "the option --%.*s is not known; see parvis %s --help",
                        STR_ARG(name), command->name);
        }
        const char *value = equals == SIZE_MAX ? NULL : words[i] + equals + 1;
        if (row->value && !value) {
            if (i + 1 == count) {
                return fail(scope, ERR_USAGE, "the option --%s needs a value: --%s %s", row->name,
                            row->name, row->value);
            }
            value = words[++i];
        }
        line.given[line.given_count++] = (struct given){row, value};
    }
    if (line.argument_count < command->argument_count) {
        return fail(scope, ERR_USAGE, "%s is missing; see parvis %s --help", command->arguments,
                    command->name);
    }
    *ret_line = line;
    return ERR_OK;
}

static const char *given_value(const struct command_line *line, const char *name, bool *ret_given)
{
    const char *value = NULL;
    *ret_given = false;
    for (size_t i = 0; i < line->given_count; i++) {
        if (str_eq(str_from(line->given[i].row->name), str_from(name))) {
            value = line->given[i].value;
            *ret_given = true;
        }
    }
    return value;
}

bool option_flag(const struct command_line *line, const char *name)
{
    bool given;
    given_value(line, name, &given);
    return given;
}

const char *option_repeated(const struct command_line *line, const char *name, size_t n)
{
    for (size_t i = 0; i < line->given_count; i++) {
        if (str_eq(str_from(line->given[i].row->name), str_from(name)) && n-- == 0) {
            return line->given[i].value;
        }
    }
    return NULL;
}

static const char *variable_value(struct scope *scope, const char *name)
{
    str variable = str_printf(&scope->arena, "PARVIS_%s", name);
    char *text = (char *)(uintptr_t)variable.p;
    for (size_t i = 0; i < variable.n; i++) {
        text[i] = text[i] == '-' ? '_' : text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 32)
                                                                         : text[i];
    }
    return getenv(text);
}

/* Finds NAME = VALUE; every line must name a setting of serve, so that typing errors are noticed. */
static enum err config_value(struct scope *scope, const struct command_line *line,
                             const char *name, const char **ret_value)
{
    const char *data;
    TRY(option_text(scope, line, "data", &data));
    str path = str_printf(&scope->arena, "%s/parvis.conf", data);
    FILE *file = fopen(path.p, "re");
    if (!file) {
        return ERR_OK;
    }
    char *content = arena_alloc(&scope->arena, CONFIG_BYTES);
    str rest = {content, fread(content, 1, CONFIG_BYTES, file)};
    fclose(file);
    str row;
    for (int number = 1; str_split(&rest, '\n', &row); number++) {
        row = str_trim(row);
        size_t equals = str_find_char(row, '=', 0);
        if (row.n == 0 || row.p[0] == '#') {
            continue;
        }
        if (equals == SIZE_MAX) {
            return fail(scope, ERR_USAGE, "%s:%d: NAME = VALUE is expected", path.p, number);
        }
        if (str_eq(str_trim(str_slice(row, 0, equals)), str_from(name))) {
            *ret_value = str_cz(&scope->arena, str_trim(str_slice(row, equals + 1, row.n)));
        }
    }
    return ERR_OK;
}

enum err option_text(struct scope *scope, const struct command_line *line, const char *name,
                     const char **ret_text)
{
    const struct option_row *row = find_row(line->command, str_from(name));
    bool given;
    const char *value = given_value(line, name, &given);
    if (!value && row && row->is_setting) {
        value = variable_value(scope, name);
    }
    if (!value && row && row->is_setting && !str_eq(str_from(name), S("data"))) {
        TRY(config_value(scope, line, name, &value));
    }
    *ret_text = value ? value : row ? row->fallback : NULL;
    return ERR_OK;
}

enum err option_number(struct scope *scope, const struct command_line *line, const char *name,
                       int64_t low, int64_t high, int64_t *ret_number)
{
    const char *text;
    TRY(option_text(scope, line, name, &text));
    str digits = str_from(text);
    int64_t factor = 1;
    if (digits.n) {
        char unit = digits.p[digits.n - 1];
        factor = unit == 'K' ? 1024 : unit == 'M' ? 1 << 20 : unit == 'G' ? 1 << 30 : 1;
        digits.n -= factor > 1;
    }
    int64_t number;
    int64_t product;
    if (!num_read_int(digits, &number) || __builtin_mul_overflow(number, factor, &product) ||
        product < low || product > high) {
        return fail(scope, ERR_USAGE,
                    "--%s: '%s' was given, a number from %lld to %lld is expected", name, text,
                    (long long)low, (long long)high);
    }
    *ret_number = product;
    return ERR_OK;
}

enum err option_duration(struct scope *scope, const struct command_line *line, const char *name,
                         usec *ret_duration)
{
    static const struct {
        const char *unit;
        usec factor;
    } units[] = {{"ms", 1000}, {"s", USEC_SECOND}, {"m", 60 * USEC_SECOND}, {"h", 3600 * USEC_SECOND}};
    const char *text;
    TRY(option_text(scope, line, name, &text));
    str digits = str_from(text);
    usec factor = USEC_SECOND;
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        if (str_ends(digits, str_from(units[i].unit))) {
            digits.n -= str_from(units[i].unit).n;
            factor = units[i].factor;
            break;
        }
    }
    int64_t number;
    if (!num_read_int(digits, &number) || number < 0 || number > 1000000) {
        return fail(scope, ERR_USAGE, "--%s: '%s' was given, a duration as in 30s is expected",
                    name, text);
    }
    *ret_duration = number * factor;
    return ERR_OK;
}

void options_print_help(const struct command *command)
{
    printf("parvis %s %s\n%s\n\nOptions:\n", command->name, command->arguments, command->summary);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", row->name, row->value ? " " : "",
                 row->value ? row->value : "");
        printf("  %-28s %s", left, row->help);
        if (row->fallback && row->fallback[0]) {
            printf(" (default %s)", row->fallback);
        }
        printf("\n");
    }
    printf("\nOptions of serve, and --data everywhere, can also be given as PARVIS_NAME in the "
           "environment\nor as a line NAME = VALUE in DATA/parvis.conf, in that order.\n"
           "\nExamples:\n%s",
           command->examples);
}
