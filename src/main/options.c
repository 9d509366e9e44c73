#include "main/options.h"

#include <errno.h>
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

/* Those in brackets may be left out: "ACTION [FILE]". */
static size_t arguments_most(const struct command *command)
{
    size_t count = command->argument_count;
    for (const char *c = command->arguments; *c; c++) {
        count += *c == '[';
    }
    return count;
}

enum err options_parse(struct scope *scope, const struct command *command, int count, char **words,
                       struct command_line *ret_line)
{
    struct command_line line = {.command = command};
    line.given = arena_array(&scope->arena, struct given, (size_t)count + 1);
    bool only_arguments = false; /* behind "--" */
    for (int i = 0; i < count; i++) {
        str word = str_from(words[i]);
        if (str_eq(word, S("--")) && !only_arguments) {
            only_arguments = true;
            continue;
        }
        if (only_arguments || !str_starts(word, S("--"))) {
            if (line.argument_count == arguments_most(command)) {
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

static str variable_name(struct scope *scope, const char *name)
{
    str variable = str_printf(&scope->arena, "PARVIS_%s", name);
    char *text = (char *)(uintptr_t)variable.p;
    for (size_t i = 0; i < variable.n; i++) {
        text[i] = text[i] == '-' ? '_' : text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 32)
                                                                         : text[i];
    }
    return variable;
}

/* ---- DIR/parvis.conf ---- */

static enum err read_config(struct scope *scope, const char *path, str *ret_content)
{
    FILE *file = fopen(path, "re");
    if (!file && (errno == ENOENT || errno == ENOTDIR)) {
        *ret_content = STR_NONE;
        return ERR_OK;
    }
    char *content = arena_alloc(&scope->arena, CONFIG_BYTES);
    size_t n = file ? fread(content, 1, CONFIG_BYTES, file) : 0;
    int cause = !file || ferror(file) ? errno : 0;
    if (file) {
        fclose(file);
    }
    if (cause || n == CONFIG_BYTES) {
        return fail(scope, ERR_FILE, "%s: the settings cannot be read (%s)", path,
                    cause ? strerror(cause) : "the file is too large");
    }
    *ret_content = (str){content, n};
    return ERR_OK;
}

/* One line: NAME = VALUE with a known name, so that typing errors are noticed. */
static enum err read_config_line(struct scope *scope, str where, str row, str *ret_name,
                                 str *ret_value)
{
    size_t equals = str_find_char(row, '=', 0);
    if (equals == SIZE_MAX) {
        return fail(scope, ERR_USAGE, "%.*s: NAME = VALUE is expected", STR_ARG(where));
    }
    *ret_name = str_trim(str_slice(row, 0, equals));
    *ret_value = str_trim(str_slice(row, equals + 1, row.n));
    if (str_eq(*ret_name, S("data"))) {
        return fail(scope, ERR_USAGE,
                    "%.*s: data cannot be set in the data directory itself; use --data or "
                    "PARVIS_DATA",
                    STR_ARG(where));
    }
    if (!setting_is_known(*ret_name)) {
        return fail(scope, ERR_USAGE,
                    "%.*s: the setting '%.*s' is not known; see parvis serve --help",
                    STR_ARG(where), STR_ARG(*ret_name));
    }
    return ERR_OK;
}

/* What an option's value is and where it stands, for messages. */
struct found {
    const char *text;
    const char *origin;
};

static enum err config_value(struct scope *scope, const struct command_line *line, const char *name,
                             struct found *ret_found)
{
    const char *data;
    str rest;
    str row;
    TRY(option_text(scope, line, "data", &data));
    str path = str_printf(&scope->arena, "%s/parvis.conf", data);
    TRY(read_config(scope, path.p, &rest));
    for (int number = 1; str_split(&rest, '\n', &row); number++) {
        row = str_trim(row);
        if (row.n == 0 || row.p[0] == '#') {
            continue;
        }
        str where = str_printf(&scope->arena, "%s:%d", path.p, number);
        str given;
        str value;
        TRY(read_config_line(scope, where, row, &given, &value));
        if (str_eq(given, str_from(name)) && value.n) {
            ret_found->text = str_cz(&scope->arena, value);
            ret_found->origin = str_printf(&scope->arena, "%s: %s", where.p, name).p;
        }
    }
    return ERR_OK;
}

/* ---- values ---- */

static enum err find_value(struct scope *scope, const struct command_line *line, const char *name,
                           struct found *ret_found)
{
    const struct option_row *row = find_row(line->command, str_from(name));
    bool is_given;
    struct found found = {.text = given_value(line, name, &is_given)};
    found.origin = str_printf(&scope->arena, "--%s", name).p;
    if (!found.text && row && row->is_setting) {
        str variable = variable_name(scope, name);
        const char *value = getenv(variable.p);
        if (value && value[0]) {
            found = (struct found){value, variable.p};
        }
    }
    if (!found.text && row && row->is_setting && !str_eq(str_from(name), S("data"))) {
        TRY(config_value(scope, line, name, &found));
    }
    if (!found.text && row) {
        found.text = row->fallback;
    }
    *ret_found = found;
    return ERR_OK;
}

enum err option_text(struct scope *scope, const struct command_line *line, const char *name,
                     const char **ret_text)
{
    struct found found;
    TRY(find_value(scope, line, name, &found));
    if (str_eq(str_from(name), S("data")) && found.text && !found.text[0]) {
        return option_wrong(scope, line, name, "a directory");
    }
    *ret_text = found.text;
    return ERR_OK;
}

enum err option_wrong(struct scope *scope, const struct command_line *line, const char *name,
                      const char *expected)
{
    struct found found;
    TRY(find_value(scope, line, name, &found));
    return fail(scope, ERR_USAGE, "%s: '%s' was given, %s is expected", found.origin, found.text,
                expected);
}

/* A number of bytes as people write it. */
static str size_text(struct scope *scope, int64_t number)
{
    static const char units[] = "KMG";
    int unit = -1;
    while (number && number % 1024 == 0 && unit < 2) {
        number /= 1024;
        unit++;
    }
    return str_printf(&scope->arena, "%lld%.*s", (long long)number, unit >= 0,
                      units + (unit < 0 ? 0 : unit));
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
        bool is_size = str_eq(str_from(find_row(line->command, str_from(name))->value), S("BYTES"));
        str least =
            is_size ? size_text(scope, low) : str_printf(&scope->arena, "%lld", (long long)low);
        str most =
            is_size ? size_text(scope, high) : str_printf(&scope->arena, "%lld", (long long)high);
        str expected = str_printf(&scope->arena, "a number from %s%s%s%s", least.p,
                                  high == INT64_MAX ? "" : " to ", high == INT64_MAX ? "" : most.p,
                                  is_size ? ", as in 256M or 1G," : "");
        return option_wrong(scope, line, name, expected.p);
    }
    *ret_number = product;
    return ERR_OK;
}

enum err option_switch(struct scope *scope, const struct command_line *line, const char *name,
                       bool *ret_on)
{
    const char *text;
    TRY(option_text(scope, line, name, &text));
    *ret_on = str_eq(str_from(text), S("on"));
    return *ret_on || str_eq(str_from(text), S("off"))
               ? ERR_OK
               : option_wrong(scope, line, name, "on or off");
}

enum err option_duration(struct scope *scope, const struct command_line *line, const char *name,
                         usec *ret_duration)
{
    static const struct {
        const char *unit;
        usec factor;
    } units[] = {{"ms", 1000}, {"s", USEC_SECOND}, {"m", 60 * USEC_SECOND}, {"h", 3600 * USEC_SECOND},
                 {"d", 86400 * USEC_SECOND}};
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
        return option_wrong(scope, line, name, "a duration as in 500ms, 30s, 5m, 1h or 14d");
    }
    *ret_duration = number * factor;
    return ERR_OK;
}

/* ---- help ---- */

static size_t count_settings(const struct command *command)
{
    size_t count = 0;
    for (size_t i = 0; i < command->option_count; i++) {
        count += command->options[i].is_setting;
    }
    return count;
}

static void print_option(const struct option_row *row)
{
    char left[64];
    snprintf(left, sizeof(left), "--%s%s%s", row->name, row->value ? " " : "",
             row->value ? row->value : "");
    printf("  %-28s %s", left, row->help);
    if (row->fallback && row->fallback[0]) {
        printf(" (default %s)", row->fallback);
    }
    printf("\n");
}

static void print_settings_note(const struct command *command, bool are_all)
{
    const char *separator = "";
    printf("\n%s", are_all ? "All of these" : "");
    for (size_t i = 0; i < command->option_count && !are_all; i++) {
        if (command->options[i].is_setting) {
            printf("%s--%s", separator, command->options[i].name);
            separator = ", ";
        }
    }
    printf(" are settings: each can also be given in the environment and,\n"
           "but for --data, in DIR/parvis.conf. So --threads 2 is PARVIS_THREADS=2, or a line\n"
           "threads = 2. The command line comes first, then the environment, then the file.\n");
}

void options_print_help(const struct command *command)
{
    size_t settings = count_settings(command);
    printf("Usage: parvis %s%s%s%s\n\n%s\n", command->name, command->arguments[0] ? " " : "",
           command->arguments, command->option_count ? " [OPTION VALUE]..." : "", command->summary);
    printf("%s", command->option_count ? "\nOptions:\n" : "");
    for (size_t i = 0; i < command->option_count; i++) {
        print_option(&command->options[i]);
    }
    if (settings > 1) {
        print_settings_note(command, settings == command->option_count);
    } else if (settings == 1) {
        printf("\n--data is also read from PARVIS_DATA in the environment.\n");
    }
    printf("\nExamples:\n%s", command->examples);
}
