#include "web/front/condition.h"

#include "base/date.h"
#include "base/num.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/odsql/odsql.h"
#include "web/front/value.h"

#define ANY_KIND (CONDITION_TEXT | CONDITION_NUMBER | CONDITION_DATE | CONDITION_BOOLEAN)
#define RANGE_KINDS (CONDITION_NUMBER | CONDITION_DATE)
#define WORD_BYTES 80 /* of a value in words */

const struct operator_row condition_operators[OPERATOR__COUNT] = {
    [OPERATOR_IS] = {"is", MSG_CONDITION_IS, CONDITION_TEXT, 1, true},
    [OPERATOR_IS_NOT] = {"is_not", MSG_CONDITION_IS_NOT, CONDITION_TEXT, 1, true},
    [OPERATOR_CONTAINS] = {"contains", MSG_CONDITION_CONTAINS, CONDITION_TEXT, 1, true},
    [OPERATOR_BEGINS] = {"begins", MSG_CONDITION_BEGINS, CONDITION_TEXT, 1, true},
    [OPERATOR_ONE_OF] = {"one_of", MSG_CONDITION_ONE_OF, CONDITION_TEXT, 3, true},
    [OPERATOR_EQUALS] = {"equals", MSG_CONDITION_EQUALS, CONDITION_NUMBER, 1, true},
    [OPERATOR_DIFFERS] = {"differs", MSG_CONDITION_DIFFERS, CONDITION_NUMBER, 1, true},
    [OPERATOR_LESS] = {"less", MSG_CONDITION_LESS, CONDITION_NUMBER, 1, true},
    [OPERATOR_AT_MOST] = {"at_most", MSG_CONDITION_AT_MOST, CONDITION_NUMBER, 1, true},
    [OPERATOR_MORE] = {"more", MSG_CONDITION_MORE, CONDITION_NUMBER, 1, true},
    [OPERATOR_AT_LEAST] = {"at_least", MSG_CONDITION_AT_LEAST, CONDITION_NUMBER, 1, true},
    [OPERATOR_ON] = {"on", MSG_CONDITION_ON, CONDITION_DATE, 1, true},
    [OPERATOR_BEFORE] = {"before", MSG_CONDITION_BEFORE, CONDITION_DATE, 1, true},
    [OPERATOR_AFTER] = {"after", MSG_CONDITION_AFTER, CONDITION_DATE, 1, true},
    [OPERATOR_FROM] = {"from", MSG_CONDITION_FROM, CONDITION_DATE, 1, false},
    [OPERATOR_UNTIL] = {"until", MSG_CONDITION_UNTIL, CONDITION_DATE, 1, false},
    [OPERATOR_BETWEEN] = {"between", MSG_CONDITION_BETWEEN, RANGE_KINDS, 2, true},
    [OPERATOR_TRUE] = {"true", MSG_CONDITION_TRUE, CONDITION_BOOLEAN, 0, true},
    [OPERATOR_FALSE] = {"false", MSG_CONDITION_FALSE, CONDITION_BOOLEAN, 0, true},
    [OPERATOR_EMPTY] = {"empty", MSG_CONDITION_EMPTY, ANY_KIND, 0, true},
    [OPERATOR_FILLED] = {"filled", MSG_CONDITION_FILLED, ANY_KIND, 0, true},
};

/* Behind the name of the field: what stands before a value, if anything does. */
static const char *const signs[OPERATOR__COUNT] = {
    [OPERATOR_IS] = " = ",           [OPERATOR_IS_NOT] = " != ",
    [OPERATOR_CONTAINS] = " like ",  [OPERATOR_ONE_OF] = " in (",
    [OPERATOR_EQUALS] = " = ",       [OPERATOR_DIFFERS] = " != ",
    [OPERATOR_LESS] = " < ",         [OPERATOR_AT_MOST] = " <= ",
    [OPERATOR_MORE] = " > ",         [OPERATOR_AT_LEAST] = " >= ",
    [OPERATOR_ON] = " = ",           [OPERATOR_BEFORE] = " < ",
    [OPERATOR_AFTER] = " > ",        [OPERATOR_FROM] = " >= ",
    [OPERATOR_UNTIL] = " <= ",       [OPERATOR_BETWEEN] = " in [",
    [OPERATOR_TRUE] = " is true",    [OPERATOR_FALSE] = " is false",
    [OPERATOR_EMPTY] = " is null",   [OPERATOR_FILLED] = " is not null"};

enum condition_kind condition_kind_of(const struct field *field)
{
    switch (field->type) {
    case FIELD_INT:
    case FIELD_DOUBLE:
        return CONDITION_NUMBER;
    case FIELD_DATE:
    case FIELD_DATETIME:
        return CONDITION_DATE;
    case FIELD_BOOLEAN:
        return CONDITION_BOOLEAN;
    case FIELD_TEXT:
    case FIELD_FILE:
        return CONDITION_TEXT;
    case FIELD_GEO_POINT:
    case FIELD_GEO_SHAPE:
    case FIELD_JSON:
    case FIELD__COUNT:
        break;
    }
    return CONDITION_NONE;
}

str condition_kind_text(enum condition_kind kind)
{
    return kind == CONDITION_TEXT      ? S("text")
           : kind == CONDITION_NUMBER  ? S("number")
           : kind == CONDITION_DATE    ? S("date")
           : kind == CONDITION_BOOLEAN ? S("boolean")
                                       : S("");
}

/* ---- as ODSQL ---- */

static void add_value(struct arena *arena, const struct field *field, str value, struct buf *out)
{
    enum condition_kind kind = condition_kind_of(field);
    if (kind == CONDITION_NUMBER) {
        buf_add(out, value);
    } else if (kind == CONDITION_DATE) {
        buf_printf(out, "date'%.*s'", STR_ARG(value));
    } else {
        buf_add(out, odsql_literal(arena, value));
    }
}

str condition_write(struct arena *arena, const struct condition *condition)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    str name = odsql_name(arena, condition->field->name);
    bool is_call = condition->operator_ == OPERATOR_BEGINS;
    if (is_call) {
        buf_printf(&out, "startswith(%.*s, ", STR_ARG(name));
    } else {
        buf_printf(&out, "%.*s%s", STR_ARG(name), signs[condition->operator_]);
    }
    str joint = condition->operator_ == OPERATOR_BETWEEN ? S("..") : S(", ");
    for (size_t i = 0; i < condition->count; i++) {
        buf_add(&out, i ? joint : S(""));
        add_value(arena, condition->field, condition->values[i], &out);
    }
    buf_add(&out, condition->operator_ == OPERATOR_BETWEEN               ? S("]")
                  : is_call || condition->operator_ == OPERATOR_ONE_OF ? S(")")
                                                                        : S(""));
    return buf_copy(&out, arena);
}

/* ---- back from ODSQL: taken apart loosely, and right when writing gives the same text ---- */

static bool take(str *text, str start)
{
    bool is_there = str_starts(*text, start);
    *text = is_there ? str_slice(*text, start.n, text->n) : *text;
    return is_there;
}

static bool take_name(str *text, str *ret_name)
{
    if (take(text, S("`"))) {
        size_t end = str_find_char(*text, '`', 0);
        *ret_name = end == SIZE_MAX ? S("") : str_slice(*text, 0, end);
        *text = end == SIZE_MAX ? S("") : str_slice(*text, end + 1, text->n);
        return end != SIZE_MAX;
    }
    size_t n = 0;
    while (n < text->n && (is_ascii_letter(text->p[n]) || is_ascii_digit(text->p[n]) || text->p[n] == '_')) {
        n++;
    }
    *ret_name = str_slice(*text, 0, n);
    *text = str_slice(*text, n, text->n);
    return n > 0;
}

static bool take_string(struct arena *arena, str *text, str *ret_value)
{
    char *value = arena_alloc(arena, text->n);
    size_t n = 0;
    for (size_t i = 0; i < text->n; i++) {
        if (text->p[i] == '"') {
            *ret_value = (str){value, n};
            *text = str_slice(*text, i + 1, text->n);
            return true;
        }
        i += text->p[i] == '\\' && i + 1 < text->n;
        value[n++] = text->p[i];
    }
    return false;
}

static bool take_value(struct arena *arena, str *text, str *ret_value)
{
    if (take(text, S("\""))) {
        return take_string(arena, text, ret_value);
    }
    bool is_date = take(text, S("date'"));
    size_t n = 0;
    while (n < text->n && (is_ascii_digit(text->p[n]) || text->p[n] == '-' ||
                           (text->p[n] == '.' && !str_starts(str_slice(*text, n, text->n), S(".."))) ||
                           (is_date && text->p[n] == '/'))) {
        n++;
    }
    *ret_value = str_slice(*text, 0, n);
    *text = str_slice(*text, n, text->n);
    return n > 0 && (!is_date || take(text, S("'")));
}

static bool read_values(struct arena *arena, str text, struct condition *condition)
{
    VEC(str) values = {0};
    str value;
    while (values.count < CONDITION_VALUES_MOST && take_value(arena, &text, &value)) {
        vec_add(arena, &values, value);
        if (!take(&text, S(", ")) && !take(&text, S(".."))) {
            break;
        }
    }
    condition->values = values.items;
    condition->count = values.count;
    return values.count > 0;
}

static bool is_written(struct arena *arena, const struct condition *condition, str text)
{
    const struct operator_row *row = &condition_operators[condition->operator_];
    bool fits = (row->kinds & condition_kind_of(condition->field)) &&
                (row->values == 3 ? condition->count > 0 : condition->count == (size_t)row->values);
    return fits && str_eq(condition_write(arena, condition), text);
}

bool condition_read(struct arena *arena, const struct schema *schema, str text,
                    struct condition *ret_condition)
{
    str rest = text, name;
    bool is_call = take(&rest, S("startswith("));
    if (text.n > CONDITION_VALUES_MOST * CONDITION_VALUE_BYTES || !take_name(&rest, &name)) {
        return false;
    }
    const struct field *field = schema_find(schema, name);
    for (int i = 0; field && i < OPERATOR__COUNT; i++) {
        str sign = i == OPERATOR_BEGINS ? S(", ") : str_from(signs[i]);
        struct condition condition = {.field = field, .operator_ = (enum condition_operator)i};
        str values = rest;
        if (is_call != (i == OPERATOR_BEGINS) || !take(&values, sign)) {
            continue;
        }
        if (condition_operators[i].values && !read_values(arena, values, &condition)) {
            continue;
        }
        if (is_written(arena, &condition, text)) {
            *ret_condition = condition;
            return true;
        }
    }
    return false;
}

/* ---- in words ---- */

static str value_words(struct call *call, const struct condition *condition, str value)
{
    struct arena *arena = &call->scope->arena;
    enum condition_kind kind = condition_kind_of(condition->field);
    struct date_text date;
    double number;
    int64_t whole;
    if (kind == CONDITION_NUMBER && num_read_int(value, &whole)) {
        return format_whole(arena, call->language, whole);
    }
    if (kind == CONDITION_NUMBER && num_read_double(value, &number)) {
        return format_number(arena, call->language, number, -1);
    }
    if (kind == CONDITION_DATE && date_read(value, &date) && date.precision == PRECISION_DAY) {
        return format_date(arena, call->language, date_instant(&date.civil));
    }
    str cut = utf8_truncate(value, WORD_BYTES);
    return cut.n < value.n ? str_printf(arena, "%.*s…", STR_ARG(cut)) : value;
}

str condition_words(struct call *call, const struct condition *condition)
{
    struct buf values cleanup_with(buf_cleanup) = {0};
    const struct operator_row *row = &condition_operators[condition->operator_];
    str joint = condition->operator_ == OPERATOR_BETWEEN ? S(" – ") : S(", ");
    for (size_t i = 0; i < condition->count; i++) {
        buf_add(&values, i ? joint : S(""));
        buf_add(&values, value_words(call, condition, condition->values[i]));
    }
    str operator_ = message_plain(call->language, row->label);
    if (row->kinds == CONDITION_NUMBER) { /* "> more than" */
        operator_ = str_slice(operator_, 0, str_find_char(operator_, ' ', 0));
    }
    struct message_argument arguments[] = {
        ARG_TEXT("field", field_title(condition->field)), ARG_TEXT("operator", operator_),
        ARG_TEXT("value", buf_str(&values))};
    return str_trim(message_text(&call->scope->arena, call->language, MSG_CONDITION_WORDS, arguments,
                                 ARRAY_LENGTH(arguments)));
}

/* ---- what people type ---- */

/* Blanks between figures go; a comma is the decimal one unless it sets thousands apart. */
static str plain_number(struct arena *arena, str typed, bool has_decimal_comma)
{
    static const str blanks[] = {{" ", 1}, {"\u00a0", 2}, {"\u202f", 3}, {"'", 1}, {"\u2019", 3}};
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < typed.n;) {
        str rest = str_slice(typed, i, typed.n);
        size_t skipped = 0;
        for (size_t k = 0; k < ARRAY_LENGTH(blanks) && !skipped; k++) {
            skipped = str_starts(rest, blanks[k]) ? blanks[k].n : 0;
        }
        if (skipped) {
            i += skipped;
            continue;
        }
        bool is_comma = typed.p[i] == ',';
        if (!is_comma || has_decimal_comma) {
            buf_add_char(&out, is_comma ? '.' : typed.p[i]);
        }
        i++;
    }
    return buf_copy(&out, arena);
}

static bool sets_thousands(str typed)
{
    size_t at = str_find_char(typed, ',', 0);
    bool all = at != SIZE_MAX && at > 0;
    while (at != SIZE_MAX && all) {
        size_t next = str_find_char(typed, ',', at + 1);
        size_t end = next != SIZE_MAX ? next : str_find_char(typed, '.', at);
        all = (end == SIZE_MAX ? typed.n : end) - at == 4;
        at = next;
    }
    return all;
}

enum message condition_value(struct call *call, enum condition_kind kind, str typed, str *ret_value)
{
    struct arena *arena = &call->scope->arena;
    str value = str_trim(typed);
    struct date_text date;
    double number;
    *ret_value = value;
    if (value.n == 0) {
        return MSG_CONDITION_NO_VALUE;
    }
    if (value.n > CONDITION_VALUE_BYTES) {
        return MSG_CONDITION_TOO_LONG;
    }
    if (kind == CONDITION_NUMBER) {
        bool is_grouped = call->language == language_find(S("en")) && sets_thousands(value);
        value = plain_number(arena, value, !is_grouped);
        *ret_value = str_starts(value, S("+")) ? str_slice(value, 1, value.n) : value;
        return num_read_double(value, &number) ? MESSAGE_NONE : MSG_CONDITION_NO_NUMBER;
    }
    if (kind == CONDITION_DATE) {
        bool is_day = date_read(value, &date) && date.precision <= PRECISION_DAY;
        return is_day ? MESSAGE_NONE : MSG_CONDITION_NO_DATE;
    }
    return MESSAGE_NONE;
}
