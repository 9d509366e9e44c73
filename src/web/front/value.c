#include "web/front/value.h"

#include "base/date.h"
#include "base/utf8.h"
#include "domain/interop/interop.h"
#include "platform/markup/sanitize.h"

#define LIST_SHOWN 50

static void set_text(struct value_view *view, str text, size_t longest)
{
    view->text = utf8_truncate(text, longest);
    view->is_cut = view->text.n < text.n;
    if (!view->is_cut && text.n > 10 && interop_is_web_address(text)) {
        view->address = text;
    }
}

static str date_text(struct call *call, const struct field *field, str text)
{
    struct date_text date;
    struct arena *arena = &call->scope->arena;
    if (!date_read(text, &date)) {
        return text;
    }
    if (date.precision == PRECISION_YEAR) {
        return text;
    }
    usec local = date_instant(&date.civil);
    bool is_day = date.precision <= PRECISION_DAY || (field && field->type == FIELD_DATE);
    return date.precision == PRECISION_MONTH ? format_month(arena, call->language, local)
           : is_day                          ? format_date(arena, call->language, local)
                                             : format_local(arena, call->language, local);
}

static bool is_date(const struct field *field)
{
    return field && (field->type == FIELD_DATE || field->type == FIELD_DATETIME);
}

static str list_text(struct call *call, const json_t *list)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count && i < LIST_SHOWN; i++) {
        buf_add(&out, i ? S(", ") : S(""));
        buf_add(&out, json_read_text(json_array_get(list, i)));
    }
    buf_add(&out, count > LIST_SHOWN ? S(", …") : S(""));
    return buf_copy(&out, &call->scope->arena);
}

/* A point by its coordinates, as maps write them; a shape by its kind. */
static str place_text(struct call *call, const json_t *value)
{
    const json_t *lon = json_object_get(value, "lon");
    const json_t *lat = json_object_get(value, "lat");
    if (json_is_number(lon) && json_is_number(lat)) {
        return str_printf(&call->scope->arena, "%.6g, %.6g", json_number_value(lat),
                          json_number_value(lon));
    }
    const json_t *geometry = json_object_get(value, "geometry");
    str kind = json_read_text(json_object_get(geometry ? geometry : value, "type"));
    if (kind.n) {
        return kind;
    }
    char *text = json_dumps(value, JSON_COMPACT);
    str copy = str_copy(&call->scope->arena, str_from(text ? text : ""));
    free(text);
    return copy;
}

struct value_view value_view(struct call *call, const struct field *field, const json_t *value,
                             size_t longest)
{
    struct value_view view = {0};
    struct arena *arena = &call->scope->arena;
    if (!value || json_is_null(value)) {
        view.is_missing = true;
    } else if (json_is_boolean(value)) {
        view.text = message_plain(call->language, json_is_true(value) ? MSG_VALUE_YES : MSG_VALUE_NO);
    } else if (json_is_integer(value)) {
        view.is_number = true;
        view.text = format_whole(arena, call->language, json_integer_value(value));
    } else if (json_is_real(value)) {
        view.is_number = true;
        view.text = format_number(arena, call->language, json_real_value(value),
                                  field && field->decimals >= 0 ? field->decimals : -1);
    } else if (json_is_array(value)) {
        set_text(&view, list_text(call, value), longest);
    } else if (json_is_object(value)) {
        set_text(&view, place_text(call, value), longest);
    } else {
        str text = json_read_text(value);
        set_text(&view, is_date(field) ? date_text(call, field, text) : text, longest);
    }
    return view;
}

str modified_text(const struct call *call, const struct dataset *dataset)
{
    bool is_day = dataset->modified % USEC_DAY == 0; /* metadata without a time of day are stored as midnight in UTC */
    return !dataset->modified ? S("")
           : is_day           ? format_date(&call->scope->arena, call->language, dataset->modified)
                              : format_instant_date(&call->scope->arena, call->language, dataset->modified);
}

str records_text(struct call *call, int64_t count)
{
    /* In some languages "millions" is followed by "of"; 3.3 of them, too. */
    int64_t counted = count >= 1000000 ? count / 1000000 * 1000000 : count;
    /* "38 thousand" is longer than the number, and says less. */
    str text = count < 1000000 ? format_int(&call->scope->arena, call->language, count)
                               : format_compact(&call->scope->arena, call->language, count);
    struct message_argument arguments[] = {
        ARG_TEXT("text", text),
        ARG_INT("count", counted)};
    return message_text(&call->scope->arena, call->language, MSG_DATASET_RECORDS_SHORT, arguments,
                        ARRAY_LENGTH(arguments));
}

str description_plain(struct arena *arena, str html, size_t most)
{
    return markup_plain(arena, utf8_truncate(html, 16 * most), most);
}

struct value_view value_view_plain(struct call *call, const json_t *value, size_t longest)
{
    return value_view(call, NULL, value, longest);
}
