/*
 * Full text over the inverted index of a version: postings(term, field, packed).
 * A word is an equality, a prefix a range of terms: both are pruned by the engine's zone maps.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/odsql/registry.h"
#include "platform/text/fold.h"

#define LOOKUPS_MOST 128 /* in the inverted index, by one query */

enum word_match { MATCH_WORD, MATCH_PREFIX, MATCH_FUZZY };

/* The fields searched; count 0: all there are. */
struct searched {
    const struct field **fields;
    size_t count;
};

static str prefix_end(struct arena *arena, str prefix)
{
    return str_printf(arena, "%.*s\xf4\x8f\xbf\xbf", STR_ARG(prefix)); /* U+10FFFF */
}

static int edit_distance(str word)
{
    size_t length = utf8_length(word);
    return length < 3 ? 0 : length <= 5 ? 1 : 2;
}

/* Terms of another length cannot be near enough, and need not be compared. */
static void add_fuzzy(str word, int distance, struct sql *out)
{
    sql_text(out, "abs(length(term) - ");
    sql_bind(out, cell_int((int64_t)utf8_length(word)));
    sql_text(out, "::bigint) <= ");
    sql_bind(out, cell_int(distance));
    sql_text(out, "::bigint and levenshtein(term, ");
    sql_bind(out, cell_text(word));
    sql_text(out, "::varchar) <= ");
    sql_bind(out, cell_int(distance));
    sql_text(out, "::bigint");
}

/* Restricts a look-up to fields. The index has words of hidden fields, too. */
static void add_fields(const struct source *source, const struct searched *searched,
                       struct sql *out)
{
    bool everywhere = searched->count == 0;
    size_t count = everywhere ? source->schema->count : searched->count;
    size_t found = 0;
    if (everywhere && !source->table_schema) {
        return;
    }
    struct buf list cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < count; i++) {
        const struct field *field = everywhere ? &source->schema->fields[i] : searched->fields[i];
        if (field->type == FIELD_TEXT) {
            buf_add(&list, found++ ? S(", ") : S(" and field in ("));
            buf_add_int(&list, (int64_t)table_position(source, field));
        }
    }
    buf_add(&list, found ? S(")") : S(" and false"));
    sql_text_constant(out, buf_copy(&list, out->arena)); /* nothing but numbers of ours */
}

static void add_word(struct translation *translation, str word, enum word_match match,
                     const struct searched *searched, struct sql *out)
{
    int distance = match == MATCH_FUZZY ? edit_distance(word) : 0;
    struct sql lookup = sql_in(out->arena);
    sql_text(&lookup, "select unnest(posting_rows(packed)) as \"row\" from ");
    append_relation(&lookup, translation->source, translation->source->postings);
    sql_text(&lookup, " where ");
    if (match == MATCH_PREFIX) {
        sql_text(&lookup, "term >= ");
        sql_bind(&lookup, cell_text(word));
        sql_text(&lookup, "::varchar and term < ");
        sql_bind(&lookup, cell_text(prefix_end(out->arena, word)));
        sql_text(&lookup, "::varchar");
    } else if (distance) {
        add_fuzzy(word, distance, &lookup);
    } else {
        sql_text(&lookup, "term = ");
        sql_bind(&lookup, cell_text(word));
        sql_text(&lookup, "::varchar");
    }
    add_fields(translation->source, searched, &lookup);
    sql_text(out, "rowid in (");
    sql_join(out, &lookup);
    sql_text(out, ")");
    vec_add(out->arena, &translation->lookups, lookup);
}

bool is_text_search(const struct node *node)
{
    if (node->kind == NODE_AND) {
        bool all = true;
        for (size_t i = 0; i < node->children.count; i++) {
            all &= is_text_search(node->children.items[i]);
        }
        return all;
    }
    return node->kind == NODE_STRING ||
           (node->kind == NODE_CALL &&
            (str_eq(node->name, S("search")) || str_eq(node->name, S("suggest"))));
}

void append_matches(const struct translation *translation, struct sql *out)
{
    bool single = translation->lookups.count == 1;
    sql_text_constant(out, single ? S("select distinct \"row\" from (") : S(""));
    for (size_t i = 0; i < translation->lookups.count; i++) {
        sql_text_constant(out, i ? S(" intersect ") : S(""));
        sql_join(out, &translation->lookups.items[i]);
    }
    sql_text_constant(out, single ? S(")") : S(""));
}

static enum err check_searchable(struct translation *translation)
{
    return translation->source->postings.n
               ? ERR_OK
               : query_error(translation->scope, translation->clause,
                             "full-text search is not available here");
}

/* All words must occur; how the last one and the others match is the caller's choice. */
static enum err add_words(struct translation *translation, str text, enum word_match others,
                          enum word_match last, const struct searched *searched, struct sql *out)
{
    str words[LIMIT_SEARCH_WORDS + 1];
    size_t count =
        text_words(&translation->scope->arena, text, words, ARRAY_LENGTH(words));
    TRY(check_searchable(translation));
    if (count > LIMIT_SEARCH_WORDS) {
        return query_error(translation->scope, translation->clause,
                           "a search has more than %d words", LIMIT_SEARCH_WORDS);
    }
    if (count == 0) {
        translation->only_lookups = false;
        sql_text(out, "false");
        return ERR_OK;
    }
    if (translation->lookups.count + count > LOOKUPS_MOST) {
        return query_error(translation->scope, translation->clause,
                           "the searches of a query have more than %d words", LOOKUPS_MOST);
    }
    sql_text(out, "(");
    for (size_t i = 0; i < count; i++) {
        if (i) {
            sql_text(out, " and ");
        }
        add_word(translation, words[i], i + 1 == count ? last : others, searched, out);
    }
    sql_text(out, ")");
    return ERR_OK;
}

/* Words split at blanks; one that ends in * is a prefix. */
static enum err add_pattern_words(struct translation *translation, str text,
                                  const struct searched *searched, struct sql *out)
{
    bool any = false;
    str rest = text;
    str part;
    sql_text(out, "(");
    size_t count = 0;
    while (str_split(&rest, ' ', &part)) {
        if (part.n == 0) {
            continue;
        }
        if (++count > LIMIT_SEARCH_WORDS) {
            return query_error(translation->scope, translation->clause,
                               "a search has more than %d words", LIMIT_SEARCH_WORDS);
        }
        if (any) {
            sql_text(out, " and ");
        }
        any = true;
        enum word_match last = str_ends(part, S("*")) ? MATCH_PREFIX : MATCH_WORD;
        TRY(add_words(translation, part, MATCH_WORD, last, searched, out));
    }
    translation->only_lookups &= any;
    sql_text_constant(out, any ? S(")") : S("false)"));
    return ERR_OK;
}

enum err translate_full_text(struct translation *translation, str text, struct sql *out)
{
    struct searched everywhere = {0};
    TRY(check_searchable(translation));
    return add_pattern_words(translation, text, &everywhere, out);
}

static enum err text_field(struct translation *translation, const struct node *node,
                           const struct field **ret_field)
{
    if (node->kind != NODE_FIELD) {
        return query_error(translation->scope, translation->clause, "%.*s is not a field",
                           STR_ARG(node->text));
    }
    TRY(resolve_field(translation, node->name, ret_field));
    if ((*ret_field)->type != FIELD_TEXT) {
        return query_error(translation->scope, translation->clause,
                           "%.*s is not a text field", STR_ARG(node->name));
    }
    return ERR_OK;
}

enum err translate_like(struct translation *translation, const struct node *node, struct sql *out)
{
    const struct field *field;
    TRY(text_field(translation, node->children.items[0], &field));
    if (str_find_char(node->name, '%', 0) == SIZE_MAX) {
        struct searched searched = {&field, 1};
        TRY(check_searchable(translation));
        return add_pattern_words(translation, node->name, &searched, out);
    }
    str folded = text_fold(&translation->scope->arena, node->name);
    sql_text_constant(out, field_is_list(field) ? S("(fold_text(array_to_string(")
                                                : S("(fold_text("));
    sql_name(out, field->name);
    sql_text_constant(out, field_is_list(field) ? S(", ' ')) like ") : S(") like "));
    sql_bind(out, cell_text(folded));
    sql_text(out, "::varchar)");
    return ERR_OK;
}

static void add_starts_with(const struct field *field, str text, struct sql *out)
{
    if (field_is_list(field)) {
        sql_text(out, "len(list_filter(");
        sql_name(out, field->name);
        sql_text(out, ", lambda x: starts_with(x, ");
        sql_bind(out, cell_text(text));
        sql_text(out, "::varchar))) > 0");
        return;
    }
    sql_text(out, "starts_with(");
    sql_name(out, field->name);
    sql_text(out, ", ");
    sql_bind(out, cell_text(text));
    sql_text(out, "::varchar)");
}

static enum err translate_starts_with(struct translation *translation,
                                      const struct searched *searched, str text, struct sql *out)
{
    const struct schema *schema = translation->source->schema;
    bool any = false;
    sql_text(out, "(");
    for (size_t i = 0; i < schema->count; i++) {
        bool wanted = searched->count == 0 && schema->fields[i].type == FIELD_TEXT;
        for (size_t j = 0; j < searched->count; j++) {
            wanted |= searched->fields[j] == &schema->fields[i];
        }
        if (wanted) {
            if (any) {
                sql_text(out, " or ");
            }
            any = true;
            add_starts_with(&schema->fields[i], text, out);
        }
    }
    sql_text_constant(out, any ? S(")") : S("false)"));
    return ERR_OK;
}

enum err translate_text_search(struct translation *translation, const struct node *node,
                               struct sql *out, enum value_type *ret_type)
{
    *ret_type = VALUE_BOOL;
    size_t count = node->children.count;
    const struct node *text = node->children.items[count - 1];
    if (text->kind != NODE_STRING) {
        return wrong_arguments(translation, node);
    }
    struct searched searched = {
        arena_array(&translation->scope->arena, const struct field *, count), 0};
    for (size_t i = 0; i + 1 < count; i++) {
        const struct field *field;
        if (node->children.items[i]->kind == NODE_STAR) {
            searched.count = 0;
            break;
        }
        TRY(text_field(translation, node->children.items[i], &field));
        searched.fields[searched.count++] = field;
    }
    if (str_eq(node->name, S("startswith"))) {
        return translate_starts_with(translation, &searched, text->name, out);
    }
    bool fuzzy = str_eq(node->name, S("search"));
    return add_words(translation, text->name, fuzzy ? MATCH_FUZZY : MATCH_WORD, MATCH_PREFIX,
                     &searched, out);
}
