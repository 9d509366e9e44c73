/*
 * Full text over the inverted index of a version: postings(term, field, rows).
 * A word is an equality, a prefix a range of terms: both are pruned by the engine's zone maps.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/catalog/search.h"
#include "domain/odsql/dialect.h"
#include "domain/odsql/registry.h"
#include "platform/text/fold.h"
#include "platform/text/near.h"

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

/* The rows of a word: a statement over the index. */
static void add_word(const struct translation *translation, str word, enum word_match match,
                     const struct searched *searched, struct sql *out)
{
    int distance = match == MATCH_FUZZY ? text_near_distance(word) : 0;
    sql_text(out, "select ");
    append_posting_rows(translation->source, out);
    sql_text(out, " as \"row\" from ");
    append_relation(out, translation->source, translation->source->postings);
    sql_text(out, " where ");
    if (match == MATCH_PREFIX) {
        sql_text(out, "term >= ");
        sql_bind(out, cell_text(word));
        sql_text(out, "::text and term < ");
        sql_bind(out, cell_text(prefix_end(out->arena, word)));
        sql_text(out, "::text");
    } else if (distance) {
        append_near(translation->source, word, distance, out);
    } else {
        sql_text(out, "term = ");
        sql_bind(out, cell_text(word));
        sql_text(out, "::text");
    }
    add_fields(translation->source, searched, out);
}

/* Only rows of the look-up. */
static void add_lookup(struct translation *translation, const struct sql *lookup, struct sql *out)
{
    sql_text(out, "rowid in (");
    sql_join(out, lookup);
    sql_text(out, ")");
    vec_add(out->arena, &translation->lookups, *lookup);
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
    sql_text_constant(out, single ? S(") as found") : S(""));
}

static enum err check_searchable(struct translation *translation)
{
    return translation->source->postings.n || translation->source->index
               ? ERR_OK
               : query_error(translation->scope, translation->clause, MSG_ODSQL_NO_SEARCH, NULL);
}

static enum err refuse_words(struct translation *translation)
{
    return query_error(translation->scope, translation->clause, MSG_ODSQL_SEARCH_WORDS,
                       SAYS(argument_digits(&translation->scope->arena, "most", LIMIT_SEARCH_WORDS)));
}

/* A text between blanks: its words, how the last one and the others match, and what it is as a value. */
struct part {
    str words[LIMIT_SEARCH_WORDS + 1];
    size_t count;
    enum word_match others, last;
    struct sql values; /* condition for the rows that have it as a value; no parts: none */
};

/* A number or date is in no text, so it is not in the index: its rows are found by their columns. */
static void add_part_with_values(struct translation *translation, const struct part *part,
                                 const struct searched *searched, struct sql *out)
{
    const struct source *source = translation->source;
    struct sql lookup = sql_in(out->arena);
    sql_text(&lookup, "select \"row\" from (select rowid as \"row\" from ");
    append_relation(&lookup, source, source->table);
    sql_text(&lookup, " where ");
    sql_join(&lookup, &part->values);
    sql_text_constant(&lookup, part->count ? S(" union all (") : S(""));
    for (size_t i = 0; i < part->count; i++) {
        sql_text_constant(&lookup, i ? S(" intersect ") : S(""));
        add_word(translation, part->words[i], i + 1 == part->count ? part->last : part->others,
                 searched, &lookup);
    }
    sql_text_constant(&lookup, part->count ? S(")) as found") : S(") as found"));
    add_lookup(translation, &lookup, out);
}

static enum err add_part(struct translation *translation, const struct part *part,
                         const struct searched *searched, struct sql *out)
{
    if (part->count > LIMIT_SEARCH_WORDS) {
        return refuse_words(translation);
    }
    translation->words += part->count ? part->count : 1;
    if (translation->words > LOOKUPS_MOST) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_SEARCHES_WORDS,
                           SAYS(argument_digits(&translation->scope->arena, "most", LOOKUPS_MOST)));
    }
    if (part->values.parts.count) {
        add_part_with_values(translation, part, searched, out);
        return ERR_OK;
    }
    for (size_t i = 0; i < part->count; i++) {
        struct sql lookup = sql_in(out->arena);
        sql_text_constant(out, i ? S(" and ") : S(""));
        add_word(translation, part->words[i], i + 1 == part->count ? part->last : part->others,
                 searched, &lookup);
        add_lookup(translation, &lookup, out);
    }
    return ERR_OK;
}

/* How the words of a search match. */
struct matching {
    enum word_match others, last;
    bool stars; /* a text that ends in * is the beginning of a word */
};

/* All words must occur. What is between blanks and has neither words nor a value asks for nothing. */
static enum err add_words(struct translation *translation, str text, struct matching matching,
                          const struct searched *searched, struct sql *out)
{
    bool any = false;
    str rest = text;
    str piece;
    size_t count = 0;
    sql_text(out, "(");
    while (str_split_blank(&rest, &piece)) {
        struct part part = {.others = matching.others, .values = sql_in(out->arena)};
        bool is_start = matching.stars ? str_ends(piece, S("*")) : rest.n == 0;
        part.last = !is_start ? matching.others : matching.stars ? MATCH_PREFIX : matching.last;
        part.count = text_words(&translation->scope->arena, piece, part.words,
                                ARRAY_LENGTH(part.words));
        count += part.count;
        if (count > LIMIT_SEARCH_WORDS) {
            return refuse_words(translation);
        }
        if (searched->count == 0) {
            TRY(translate_values_like(translation, piece, &part.values));
        }
        if (part.count || part.values.parts.count) {
            sql_text_constant(out, any ? S(" and ") : S(""));
            any = true;
            TRY(add_part(translation, &part, searched, out));
        }
    }
    translation->only_lookups &= any;
    sql_text_constant(out, any ? S(")") : S("false)"));
    return ERR_OK;
}

static const struct search_options plain_search = {0};
static const struct matching whole_words = {MATCH_WORD, MATCH_WORD, true};

enum err translate_full_text(struct translation *translation, str text, struct sql *out)
{
    struct searched everywhere = {0};
    TRY(check_searchable(translation));
    return translation->source->index
               ? translate_catalogue_text(translation, text, &plain_search, NULL, 0, out)
               : add_words(translation, text, whole_words, &everywhere, out);
}

static enum err text_field(struct translation *translation, const struct node *node,
                           const struct field **ret_field)
{
    if (node->kind != NODE_FIELD) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_NO_FIELD_TEXT,
                           SAYS(ARG_TEXT("text", node->text)));
    }
    TRY(resolve_field(translation, node->name, ret_field));
    if ((*ret_field)->type != FIELD_TEXT) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_NO_TEXT_FIELD,
                           SAYS(ARG_TEXT("name", node->name)));
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
        return translation->source->index
                   ? translate_catalogue_text(translation, node->name, &plain_search, &field, 1, out)
                   : add_words(translation, node->name, whole_words, &searched, out);
    }
    str folded = text_fold(&translation->scope->arena, node->name);
    sql_text_constant(out, field_is_list(field) ? S("(fold_text(array_to_string(")
                                                : S("(fold_text("));
    sql_name(out, field->name);
    sql_text_constant(out, field_is_list(field) ? S(", ' '))") : S(")"));
    append_like(translation->source, folded, out);
    sql_text(out, ")");
    return ERR_OK;
}

static void add_starts_with(const struct source *source, const struct field *field, str text,
                            struct sql *out)
{
    struct sql condition = sql_in(out->arena);
    sql_text(&condition, "starts_with(");
    if (field_is_list(field)) {
        sql_text(&condition, "x");
    } else {
        sql_name(&condition, field->name);
    }
    sql_text(&condition, ", ");
    sql_bind(&condition, cell_text(text));
    sql_text(&condition, "::text)");
    if (field_is_list(field)) {
        append_any_item(source, field->name, &condition, out);
    } else {
        sql_join(out, &condition);
    }
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
            add_starts_with(translation->source, &schema->fields[i], text, out);
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
    bool is_fuzzy = str_eq(node->name, S("search"));
    struct matching matching = {is_fuzzy ? MATCH_FUZZY : MATCH_WORD, MATCH_PREFIX, false};
    const struct search_options options = {.last_is_start = true, .is_fuzzy = is_fuzzy};
    TRY(check_searchable(translation));
    return translation->source->index
               ? translate_catalogue_text(translation, text->name, &options, searched.fields,
                                          searched.count, out)
               : add_words(translation, text->name, matching, &searched, out);
}
