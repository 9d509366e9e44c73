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

/* The search is made now; the statement is given the address of what it found. */
static enum err append_rank(struct translation *translation, str text,
                            const struct search_options *options, struct sql *out)
{
    const struct catalogue_index *index = translation->source->index;
    const struct catalogue_ranks *ranks;
    TRY(index->rank(translation->scope, index->user, text, options, &ranks));
    vec_add(&translation->scope->arena, &translation->searches, ranks);
    sql_text(out, "catalogue_rank(");
    sql_bind(out, cell_int((int64_t)(uintptr_t)ranks));
    sql_text(out, "::bigint, rowid)");
    return ERR_OK;
}

/* A field's own words are looked at; the index tells first where that is worth while. */
static enum err append_field(struct translation *translation, str text,
                             const struct search_options *options, const struct field *field,
                             struct sql *out)
{
    sql_text(out, "(");
    for (size_t i = 0; i < ARRAY_LENGTH(indexed); i++) {
        if (str_eq(field->name, str_from(indexed[i].field))) {
            struct search_options narrow = *options;
            narrow.parts = indexed[i].parts;
            TRY(append_rank(translation, text, &narrow, out));
            sql_text(out, " is not null and ");
        }
    }
    sql_text_constant(out, field_is_list(field) ? S("has_words(array_to_string(") : S("has_words("));
    sql_name(out, field->name);
    sql_text_constant(out, field_is_list(field) ? S(", ' '), ") : S(", "));
    sql_bind(out, cell_text(text));
    sql_text_constant(out, options->last_is_start ? S("::text, true, ") : S("::text, false, "));
    sql_text_constant(out, options->is_fuzzy ? S("true))") : S("false))"));
    return ERR_OK;
}

static enum err check_words(struct translation *translation, str text,
                            const struct search_options *options, bool *ret_any)
{
    str expression;
    struct scope *scope = translation->scope;
    enum err result = search_expression(scope, text, options, &expression);
    if (result == ERR_USAGE) {
        scope_forgive(scope);
        return query_error(scope, translation->clause, MSG_ODSQL_SEARCH_WORDS,
                           SAYS(argument_digits(&scope->arena, "most", LIMIT_SEARCH_WORDS)));
    }
    *ret_any = expression.n > 0;
    return result;
}

enum err translate_catalogue_text(struct translation *translation, str text,
                                  const struct search_options *options,
                                  const struct field *const *fields, size_t count, struct sql *out)
{
    static const struct catalogue_ranks nothing = {0};
    bool any;
    TRY(check_words(translation, text, options, &any));
    translation->words += count ? count : 1; /* each makes a list of the catalogue's size */
    if (translation->words > LOOKUPS_MOST) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_SEARCHES_MOST,
                           SAYS(argument_digits(&translation->scope->arena, "most", LOOKUPS_MOST)));
    }
    if (!any) {
        vec_add(&translation->scope->arena, &translation->searches, &nothing);
        sql_text(out, "false");
        return ERR_OK;
    }
    translation->only_lookups &= count == 0;
    sql_text(out, "(");
    for (size_t i = 0; i < count; i++) {
        sql_text_constant(out, i ? S(" or ") : S(""));
        TRY(append_field(translation, text, options, fields[i], out));
    }
    if (count == 0) {
        struct sql rank = sql_in(out->arena);
        TRY(append_rank(translation, text, options, &rank));
        sql_join(out, &rank);
        sql_text(out, " is not null");
        if (translation->relevance.parts.count == 0) {
            translation->relevance = rank;
        }
    }
    sql_text(out, ")");
    return ERR_OK;
}
