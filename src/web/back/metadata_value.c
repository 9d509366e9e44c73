/* Values of metadata as controls hold them, and back. */
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "domain/catalog/metadata_read.h"
#include "domain/catalog/typed_html.h"
#include "platform/crypto/crypto.h"
#include "web/back/metadata_form.h"

#define DIGEST_LETTERS 16

/* ---- what controls hold ---- */

/* Line breaks as browsers send them are one sign; blanks around are none of the value. */
static str plain(struct arena *arena, str text)
{
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\r') {
            out[n++] = text.p[i];
        }
    }
    return str_trim((str){out, n});
}

static void add(struct arena *arena, texts *held, str text)
{
    str one = plain(arena, text);
    if (one.n) {
        vec_add(arena, held, one);
    }
}

static str as_json(struct arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    str copy = str_copy(arena, str_from(text ? text : ""));
    free(text);
    return copy;
}

/* "2026-08-29T10:00:00+02:00" as a browser's control has it, in UTC; others as they are. */
static str instant_text(struct arena *arena, str text)
{
    struct date_text date;
    if (!date_read(text, &date) || date.precision < PRECISION_HOUR) {
        return text;
    }
    usec instant = date_instant(&date.civil) - (usec)date.zone_offset_minutes * 60 * USEC_SECOND;
    struct civil civil = date_civil_instant(instant);
    return str_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d", civil.year, civil.month, civil.day, civil.hour,
                      civil.minute, civil.second);
}

bool metadata_is_prose(const struct metadata_row *row)
{
    return row->type == METADATA_HTML && !str_eq(row->in->name, S("visualization"));
}

texts metadata_texts_of(struct arena *arena, const struct metadata_row *row, const json_t *value)
{
    texts held = {0};
    str text = json_read_text(value);
    if (!value || json_is_null(value)) {
        return held;
    }
    if (json_is_array(value) && row->type == METADATA_TEXTS) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            const json_t *item = json_array_get(value, i);
            add(arena, &held, json_is_string(item) ? json_read_text(item) : as_json(arena, item));
        }
    } else if (!json_is_string(value)) {
        add(arena, &held, as_json(arena, value));
    } else {
        add(arena, &held, row->type == METADATA_INSTANT ? instant_text(arena, text)
                          : metadata_is_prose(row)         ? typed_text(arena, text)
                                                        : text);
    }
    return held;
}

str metadata_date_input(const struct metadata_row *row, const texts *held)
{
    struct date_text date;
    bool is_modified = str_eq(row->name, S("modified"));
    if (held->count == 0) {
        return is_modified ? S("datetime-local") : S("date");
    }
    if (!date_read(held->items[0], &date) || date.precision < PRECISION_DAY || held->items[0].p[4] != '-') {
        return S("text");
    }
    return date.precision > PRECISION_DAY ? S("datetime-local") : S("date");
}

/* Keywords are typed with semicolons between, as other programs want them. */
void metadata_texts_split(struct arena *arena, const struct metadata_row *row, str text, texts *held)
{
    str part;
    if (!str_eq(row->name, S("keyword"))) {
        add(arena, held, text);
        return;
    }
    while (text.n && str_split(&text, ';', &part)) {
        add(arena, held, part);
    }
}

texts metadata_texts_sent(struct call *call, const struct metadata_row *row, str name)
{
    struct arena *arena = &call->scope->arena;
    texts held = {0};
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_item *item = &call->form.items[i];
        if (!item->is_file && str_eq(item->name, name)) {
            str text = row->type == METADATA_INSTANT ? instant_text(arena, str_trim(item->value)) : item->value;
            metadata_texts_split(arena, row, text, &held);
        }
    }
    return held;
}

bool metadata_texts_equal(const texts *a, const texts *b)
{
    bool is_equal = a->count == b->count;
    for (size_t i = 0; is_equal && i < a->count; i++) {
        is_equal = str_eq(a->items[i], b->items[i]);
    }
    return is_equal;
}

str metadata_texts_shown(struct arena *arena, const texts *held)
{
    return held->count ? str_join(arena, held->items, held->count, sizeof(str), S("\n")) : S("");
}

str metadata_texts_digest(struct arena *arena, const texts *held)
{
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(held->count ? str_join(arena, held->items, held->count, sizeof(str), S("\x1f")) : S(""), digest);
    return str_slice(hex_encode(arena, digest, sizeof(digest)), 0, DIGEST_LETTERS);
}

/* ---- what is stored ---- */

static bool read_json(struct scope *scope, str text, json_t **ret_value)
{
    json_t *wrapped cleanup_with(json_cleanup) = NULL; /* a document is a list or an object */
    str list = str_printf(&scope->arena, "[%.*s]", STR_ARG(text));
    if (json_read(scope, ERR_METADATA, list, "value", &wrapped) != ERR_OK) {
        scope_forgive(scope);
        return false;
    }
    *ret_value = json_array_size(wrapped) == 1 ? json_incref(json_array_get(wrapped, 0)) : NULL;
    return *ret_value != NULL;
}

static bool read_whole(struct scope *scope, str text, json_t **ret_value)
{
    bool is_read = read_json(scope, text, ret_value);
    if (is_read && !json_is_integer(*ret_value)) {
        json_decref(*ret_value);
        *ret_value = NULL;
        return false;
    }
    return is_read;
}

static bool read_number(struct scope *scope, str text, json_t **ret_value)
{
    bool is_read = read_json(scope, text, ret_value);
    if (is_read && !json_is_number(*ret_value)) {
        json_decref(*ret_value);
        *ret_value = NULL;
        return false;
    }
    return is_read;
}

static bool read_date(enum metadata_type type, str text, json_t **ret_value)
{
    struct date_text date;
    if (!date_read(text, &date)) {
        return false;
    }
    bool needs_zone = type == METADATA_INSTANT && date.precision >= PRECISION_HOUR && !date.has_zone;
    char zoned[DATE_TEXT_BYTES + 1];
    int n = snprintf(zoned, sizeof(zoned), "%.*s%s", STR_ARG(text), needs_zone ? "Z" : "");
    *ret_value = n < (int)sizeof(zoned) ? json_stringn(zoned, (size_t)n) : NULL;
    return *ret_value != NULL;
}

static bool read_list(const texts *held, json_t **ret_value)
{
    *ret_value = json_array();
    for (size_t i = 0; i < held->count; i++) {
        json_array_append_new(*ret_value, json_stringn(held->items[i].p, held->items[i].n));
    }
    return true;
}

static bool is_code(const struct metadata_row *row)
{
    return (str_eq(row->in->name, S("default")) && str_eq(row->name, S("language"))) ||
           (str_eq(row->in->name, S("internal")) && str_eq(row->name, S("metadata_source_language")));
}

static bool fits_text(const struct metadata_row *row, str text, enum message *ret_fault)
{
    if (is_code(row) && !metadata_is_language(text)) {
        *ret_fault = MSG_BACKOFFICE_METADATA_FAULT_LANGUAGE;
        return false;
    }
    size_t at = str_find_char(text, '@', 0);
    if (str_ends(row->name, S("_email")) && (at == SIZE_MAX || at == 0 || at + 1 == text.n)) {
        *ret_fault = MSG_BACKOFFICE_METADATA_FAULT_EMAIL;
        return false;
    }
    return true;
}

bool metadata_texts_read(struct scope *scope, const struct metadata_row *row, const texts *held,
                         json_t **ret_value, enum message *ret_fault)
{
    *ret_value = NULL;
    if (held->count == 0) {
        return true;
    }
    str text = held->items[0];
    switch (row->type) {
    case METADATA_TEXTS:
        return read_list(held, ret_value);
    case METADATA_INT:
        *ret_fault = MSG_BACKOFFICE_METADATA_FAULT_WHOLE;
        return read_whole(scope, text, ret_value);
    case METADATA_DOUBLE:
        *ret_fault = MSG_BACKOFFICE_METADATA_FAULT_NUMBER;
        return read_number(scope, text, ret_value);
    case METADATA_BOOLEAN:
        *ret_fault = MSG_BACKOFFICE_FAULT_CHOOSE;
        return (str_eq(text, S("true")) || str_eq(text, S("false"))) && read_json(scope, text, ret_value);
    case METADATA_DAY:
    case METADATA_INSTANT:
        *ret_fault = row->type == METADATA_DAY ? MSG_BACKOFFICE_METADATA_FAULT_DAY
                                               : MSG_BACKOFFICE_METADATA_FAULT_INSTANT;
        return read_date(row->type, text, ret_value);
    case METADATA_SHAPE:
    case METADATA_ANY:
        *ret_fault = MSG_BACKOFFICE_METADATA_FAULT_JSON;
        return read_json(scope, text, ret_value);
    case METADATA_HTML:
        text = metadata_is_prose(row) ? typed_html(&scope->arena, text) : text;
        break;
    case METADATA_TEXT:
        break;
    }
    *ret_value = fits_text(row, text, ret_fault) ? json_stringn(text.p, text.n) : NULL;
    return *ret_value != NULL;
}

enum err metadata_form_set(struct scope *scope, json_t *metadata, str lang, const struct metadata_row *row,
                           const struct custom_field *custom, const json_t *value)
{
    if (custom) {
        return metadata_set_row(scope, metadata, lang, row, value);
    }
    str path = str_printf(&scope->arena, "%.*s.%.*s", STR_ARG(row->in->name), STR_ARG(row->name));
    return metadata_set(scope, metadata, lang, path, value);
}
