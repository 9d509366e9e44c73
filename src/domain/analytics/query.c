/* Search terms, campaigns and the names of filtered fields (cookies-and-privacy.md 4.7). */
#include "base/utf8.h"
#include "domain/analytics/internal.h"
#include "domain/odsql/lexer.h"
#include "platform/text/fold.h"

#define TERM_BYTES 60
#define DIGITS_MOST 4 /* in a row */
#define FIELDS_MOST 16

/* Whether a folded term may be shown: no address, no number of a person, not long. */
static bool may_show(str term)
{
    size_t digits = 0;
    for (size_t i = 0; i < term.n; i++) {
        digits = is_ascii_digit(term.p[i]) ? digits + 1 : 0;
        if (digits > DIGITS_MOST || term.p[i] == '@') {
            return false;
        }
    }
    return term.n > 0 && term.n <= TERM_BYTES;
}

/* One blank between words, none around them. */
static str squeeze(struct arena *arena, str text)
{
    str word;
    struct buf out cleanup_with(buf_cleanup) = {0};
    while (str_split_blank(&text, &word)) {
        if (word.n) {
            buf_printf(&out, "%s%.*s", out.n ? " " : "", STR_ARG(word));
        }
    }
    return buf_copy(&out, arena);
}

/* Folded; p NULL: there is none, empty: it is not to be shown. */
static str read_free_text(struct scope *scope, str value)
{
    if (str_trim(value).n == 0 || !utf8_is_line(value)) {
        return STR_NONE;
    }
    str term = squeeze(&scope->arena, text_fold(&scope->arena, value));
    return may_show(term) ? term : S("");
}

/* What stands in links may name who got the link, as search terms may name people. */
static bool read_text(struct scope *scope, const struct query_parameter *parameter, struct asked *asked)
{
    if (str_eq(parameter->name, S("q"))) {
        str term = read_free_text(scope, parameter->value);
        asked->term = term.p ? term : asked->term;
    } else if (str_eq(parameter->name, S("utm_campaign"))) {
        asked->campaign = read_free_text(scope, parameter->value);
    } else {
        return false;
    }
    return true;
}

struct names {
    str items[FIELDS_MOST];
    size_t count;
};

/* Names of fields alone: what stands there besides may be anything. */
static void add_name(struct names *names, const struct schema *schema, str name)
{
    const struct field *field = schema ? schema_find(schema, name) : NULL;
    for (size_t i = 0; field && i < names->count; i++) {
        field = str_eq(names->items[i], field->name) ? NULL : field;
    }
    if (field && names->count < FIELDS_MOST) {
        names->items[names->count++] = field->name;
    }
}

static void read_where(struct scope *scope, str text, const struct schema *schema, struct names *names)
{
    struct clause clause = {"where", text};
    struct token token;
    size_t at = 0;
    while (at < text.n && lexer_next(scope, &clause, &at, &token) == ERR_OK && token.kind != TOKEN_END) {
        if (token.kind == TOKEN_NAME || token.kind == TOKEN_QUOTED) {
            add_name(names, schema, token.kind == TOKEN_NAME ? token.text : token.value);
        }
    }
    scope_forgive(scope);
}

static void read_parameter(struct scope *scope, const struct query_parameter *parameter, const struct schema *schema,
                           struct names *names)
{
    static const struct {
        const char *name;
        bool has_value; /* refine=FIELD:VALUE, refine.FIELD=VALUE */
    } filters[] = {{"refine", true}, {"exclude", true}, {"where", false}};
    for (size_t i = 0; i < ARRAY_LENGTH(filters); i++) {
        str name = str_from(filters[i].name);
        if (!str_starts(parameter->name, name)) {
            continue;
        }
        str rest = str_slice(parameter->name, name.n, parameter->name.n);
        if (rest.n == 0 && !filters[i].has_value) {
            read_where(scope, parameter->value, schema, names);
        } else if (rest.n == 0) {
            add_name(names, schema, str_slice(parameter->value, 0, str_find_char(parameter->value, ':', 0)));
        } else if (rest.p[0] == '.') {
            add_name(names, schema, str_slice(rest, 1, rest.n));
        }
    }
}

void query_read(struct scope *scope, const struct visit *visit, const struct schema *schema, struct asked *ret)
{
    struct query query;
    struct names names = {.count = 0};
    str text = visit_text_of(visit, VISIT_QUERY);
    *ret = (struct asked){.term = STR_NONE, .campaign = STR_NONE};
    if (query_parse(scope, text, &query) != ERR_OK) {
        scope_forgive(scope);
        return;
    }
    for (size_t i = 0; i < query.count; i++) {
        if (!read_text(scope, &query.items[i], ret)) {
            read_parameter(scope, &query.items[i], schema, &names);
        }
    }
    str *fields = arena_array(&scope->arena, str, names.count + 1);
    memcpy(fields, names.items, names.count * sizeof(*fields));
    ret->fields = fields;
    ret->field_count = names.count;
}
