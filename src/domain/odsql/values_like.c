/*
 * Numbers and dates in a full-text search. They are in no text and so not in the index; a column of them is
 * scanned, and only for what can be one.
 */
#include "base/date.h"
#include "base/num.h"
#include "domain/odsql/translate.h"

/* -12 or 12.5, without an exponent. */
static bool is_plain_number(str text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.n; i++) {
        bool is_sign = i == 0 && text.p[i] == '-';
        digits += is_ascii_digit(text.p[i]);
        if (!is_sign && text.p[i] != '.' && !is_ascii_digit(text.p[i])) {
            return false;
        }
    }
    return digits > 0;
}

static void add_or(struct sql *out)
{
    sql_text_constant(out, out->parts.count > 1 ? S(" or ") : S(""));
}

static void add_number(const struct field *field, str text, struct sql *out)
{
    int64_t number;
    double real;
    bool is_int = num_read_int(text, &number);
    if (field->type == FIELD_INT && is_int) {
        add_or(out);
        sql_name(out, field->name);
        sql_text(out, " = ");
        sql_bind(out, cell_int(number));
        sql_text(out, "::bigint");
    } else if (field->type == FIELD_DOUBLE && num_read_double(text, &real)) {
        add_or(out);
        sql_name(out, field->name);
        sql_text(out, " = ");
        sql_bind(out, cell_double(real));
        sql_text(out, "::double precision");
    }
}

static enum err add_date(struct translation *translation, const struct field *field, str text,
                         struct sql *out)
{
    struct node name = {.kind = NODE_FIELD, .name = field->name};
    struct node literal = {.kind = NODE_DATE, .name = text};
    struct node *children[] = {&name, &literal};
    struct node comparison = {.kind = NODE_COMPARE, .op = '=', .children = {children, 2, 2}};
    add_or(out);
    return translate_condition(translation, &comparison, out);
}

enum err translate_values_like(struct translation *translation, str text, struct sql *out)
{
    const struct schema *schema = translation->source->schema;
    struct date_text date;
    bool is_number = is_plain_number(text);
    bool is_date = date_read(text, &date) && date.precision <= PRECISION_DAY;
    struct sql values = sql_in(out->arena);
    sql_text(&values, "(");
    for (size_t i = 0; i < schema->count && (is_number || is_date); i++) {
        const struct field *field = &schema->fields[i];
        if (is_date && is_time(value_type_of(field))) {
            TRY(add_date(translation, field, text, &values));
        } else if (is_number) {
            add_number(field, text, &values);
        }
        TRY(check_size(translation, &values));
    }
    if (values.parts.count > 1) {
        sql_text(&values, ")");
        sql_join(out, &values);
    }
    return ERR_OK;
}
