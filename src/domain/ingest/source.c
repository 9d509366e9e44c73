#include "domain/ingest/source.h"

#include "base/limits.h"
#include "platform/i18n/explanation.h"

enum err source_list_texts(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                           str **ret_texts, size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(str) texts = {0};
    TRY(db_run(scope, lease, sql, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t i = 0; i < batch->rows; i++) {
            cell value = column_cell(&batch->columns[0], i);
            str text = value.type == CELL_TEXT ? value.text : S("");
            vec_add(&scope->arena, &texts, str_copy(&scope->arena, text));
        }
        if (texts.count > LIMIT_FIELDS) {
            return fail_in_words(scope, ERR_DATA, MSG_FAULT_FIELD_FILE_MOST,
                                 SAYS(argument_digits(&scope->arena, "most", LIMIT_FIELDS)));
        }
    }
    *ret_texts = texts.items;
    *ret_count = texts.count;
    return ERR_OK;
}

static bool is_json(const struct ingest_options *options)
{
    str format = str_from(options->format);
    return !str_eq(format, S("csv")) && !str_eq(format, S("parquet"));
}

/* The engine knows the file by the name of our copy. */
static str without_path(struct arena *arena, str text, const struct ingest_options *options)
{
    size_t at = str_find(text, str_from(options->path), 0);
    return at == SIZE_MAX ? text
                          : str_printf(arena, "%.*s%s%.*s", STR_ARG(str_slice(text, 0, at)),
                                       options->shown_path,
                                       STR_ARG(str_slice(text, at + strlen(options->path), text.n)));
}

enum err source_explain(struct scope *scope, const struct ingest_options *options,
                        enum err result)
{
    if (result != ERR_DATABASE) {
        return result;
    }
    str cause = str_copy(&scope->arena, scope->failure.cause);
    struct json_fault fault;
    scope_forgive(scope);
    if (is_json(options) && source_find_json_fault(&scope->arena, options, &fault)) {
        return fail_in_words_because(scope, ERR_DATA, cause, MSG_FAULT_FILE_JSON,
                                     SAYS(ARG_TEXT("file", str_from(options->shown_path)),
                                          argument_digits(&scope->arena, "line", (int64_t)fault.line),
                                          argument_digits(&scope->arena, "column", (int64_t)fault.column),
                                          ARG_TEXT("reason", fault.reason)));
    }
    size_t colon = str_find(cause, S(": "), 0);
    str text = str_slice(cause, colon == SIZE_MAX ? 0 : colon + 2, cause.n);
    text = str_slice(text, 0, str_find_char(text, '\n', 0));
    text = without_path(&scope->arena, text, options);
    return fail_in_words_because(scope, ERR_DATA, cause, MSG_FAULT_FILE_UNREADABLE,
                                 SAYS(ARG_TEXT("file", str_from(options->shown_path)),
                                      ARG_TEXT("format", str_from(options->format)), ARG_TEXT("reason", text)));
}
