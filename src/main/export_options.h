/* What the options of parvis export say: clauses, a format, and the options of the format. */
#ifndef MAIN_EXPORT_OPTIONS_H
#define MAIN_EXPORT_OPTIONS_H

#include "domain/records/format.h"
#include "main/options.h"

struct export_wish {
    struct clauses clauses;
    const struct format *format;
    struct format_options options;
    bool is_compressed;
};

/**
 * Reads them; they live in the scope's arena. Errors: ERR_USAGE (a value that is not understood, an
 * option that the format does not have).
 */
enum err export_options_read(struct scope *scope, const struct command_line *line,
                             struct export_wish *ret_wish) must_check;

#endif
