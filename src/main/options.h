/*
 * Command lines: a table of options per command gives parsing, defaults from PARVIS_* variables and
 * DIR/parvis.conf, and the help text.
 */
#ifndef MAIN_OPTIONS_H
#define MAIN_OPTIONS_H

#include "base/scope.h"

struct option_row {
    const char *name;       /* without the dashes */
    const char *value;      /* name of the value in the help; NULL: a flag */
    const char *fallback;   /* default as text; NULL: none */
    bool is_setting;        /* also read from PARVIS_NAME and parvis.conf */
    bool repeats;
    const char *help;
};

struct command_line;

struct command {
    const char *name;
    const char *arguments;  /* "FILE", "ID", ""; "ACTION [FILE]": the second may be left out */
    const char *summary;
    const char *examples;
    const struct option_row *options;
    size_t option_count;
    size_t argument_count;  /* positional ones that must be there */
    bool needs_catalogue;   /* refuses a data directory without one instead of making it */
    enum err (*run)(struct scope *scope, const struct command_line *line);
};

#define ARGUMENTS_MOST 3

/* What the command line said; filled by options_parse. */
struct command_line {
    const struct command *command;
    const char *arguments[ARGUMENTS_MOST];
    size_t argument_count;
    struct given {
        const struct option_row *row;
        const char *value;
    } *given;
    size_t given_count;
};

/** Reads the words behind the command's name. Errors: ERR_USAGE. */
enum err options_parse(struct scope *scope, const struct command *command, int count, char **words,
                       struct command_line *ret_line) must_check;

/**
 * Value of an option: flag, then PARVIS_* variable, then DIR/parvis.conf, then default; NULL: none.
 * An empty variable, or nothing behind the = in the file, counts as not given.
 * Errors: ERR_USAGE (the file has a line that is not understood), ERR_FILE.
 */
enum err option_text(struct scope *scope, const struct command_line *line, const char *name,
                     const char **ret_text) must_check;

/** n-th value of an option that repeats, or NULL. */
const char *option_repeated(const struct command_line *line, const char *name, size_t n);

bool option_flag(const struct command_line *line, const char *name);

/** Whole number, with K, M, G (times 1024) behind it. Errors: ERR_USAGE. */
enum err option_number(struct scope *scope, const struct command_line *line, const char *name,
                       int64_t low, int64_t high, int64_t *ret_number) must_check;

/** "on" or "off". Errors: ERR_USAGE. */
enum err option_switch(struct scope *scope, const struct command_line *line, const char *name,
                       bool *ret_on) must_check;

/** Seconds, or a number with ms, s, m, h or d. */
enum err option_duration(struct scope *scope, const struct command_line *line, const char *name,
                         usec *ret_duration) must_check;

/** Fails with ERR_USAGE: where the option's value stands, the value, and what is expected. */
enum err option_wrong(struct scope *scope, const struct command_line *line, const char *name,
                      const char *expected) must_check;

/** Whether some command has a setting of this name; the table of commands is in main.c. */
bool setting_is_known(str name);

void options_print_help(const struct command *command);

#endif
