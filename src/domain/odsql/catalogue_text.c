/*
 * Full text over the catalogue, whose index is the catalogue's own: catalogue_rank() tells the place of a
 * row among what it finds.
 */
#include "base/limits.h"
#include "domain/catalog/search.h"
#include "domain/odsql/translate.h"

static const struct {
    const char *field;
    unsigned parts; /* where the index has its words, among others */
} indexed[] = {{"default.title", SEARCH_TITLE},
               {"default.keyword", SEARCH_KEYWORD},
               {"default.theme", SEARCH_KEYWORD},
               {"default.publisher", SEARCH_PUBLISHER}};

static void append_rank(const struct translation *translation, str text, bool last_is_start,
                        unsigned parts, struct sql *out)
{
    sql_text(out, "catalogue_rank(");
    sql_bind(out, cell_int((int64_t)(uintptr_t)translation->source->search));
    sql_text(out, "::bigint, ");
    sql_bind(out, cell_text(text));
    sql_text(out, "::varchar, ");
    sql_bind(out, cell_int(parts));
    sql_text_constant(out, last_is_start ? S("::bigint, true, rowid)") : S("::bigint, false, rowid)"));
}

/* A field's own words are looked at; the index tells first where that is worth while. */
static void append_field(const struct translation *translation, str text, bool last_is_start,
                         const struct field *field, struct sql *out)
{
    sql_text(out, "(");
    for (size_t i = 0; i < ARRAY_LENGTH(indexed); i++) {
        if (str_eq(field->name, str_from(indexed[i].field))) {
            append_rank(translation, text, last_is_start, indexed[i].parts, out);
            sql_text(out, " is not null and ");
        }
    }
    sql_text_constant(out, field_is_list(field) ? S("has_words(array_to_string(") : S("has_words("));
    sql_name(out, field->name);
    sql_text_constant(out, field_is_list(field) ? S(", ' '), ") : S(", "));
    sql_bind(out, cell_text(text));
    sql_text_constant(out, last_is_start ? S("::varchar, true))") : S("::varchar, false))"));
}

enum err translate_catalogue_text(struct translation *translation, str text, bool last_is_start,
                                  const struct field *const *fields, size_t count, struct sql *out)
{
    const struct search_options options = {0, last_is_start};
    str expression;
    struct scope *scope = translation->scope;
    enum err result = search_expression(scope, text, &options, &expression);
    if (result == ERR_USAGE) {
        scope_forgive(scope);
        return query_error(scope, translation->clause, "a search has more than %d words",
                           LIMIT_SEARCH_WORDS);
    }
    TRY(result);
    translation->only_lookups = false;
    if (!expression.n) {
        sql_text(out, "false");
        return ERR_OK;
    }
    sql_text(out, "(");
    for (size_t i = 0; i < count; i++) {
        sql_text_constant(out, i ? S(" or ") : S(""));
        append_field(translation, text, last_is_start, fields[i], out);
    }
    if (count == 0) {
        struct sql rank = sql_in(out->arena);
        append_rank(translation, text, last_is_start, SEARCH_EVERYWHERE, &rank);
        sql_join(out, &rank);
        sql_text(out, " is not null");
        if (translation->relevance.parts.count == 0) {
            translation->relevance = rank;
        }
    }
    sql_text(out, ")");
    return ERR_OK;
}
