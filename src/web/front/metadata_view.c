#include "web/front/metadata_view.h"

#include "base/date.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/catalog/custom_template.h"
#include "web/front/catalogue_names.h"
#include "web/front/vocabulary_label.h"

#define TEXT_BYTES 4000 /* of one value */
#define ITEMS_SHOWN 100
#define NAMES_SHOWN 100 /* of a template that takes any */
#define KEY_BYTES 200

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct metadata_item, text), TPL_URL(struct metadata_item, address),
    TPL_TEXT(struct metadata_item, language), TPL_BOOL(struct metadata_item, is_filter)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct metadata_item, item_members);

static const struct tpl_member line_members[] = {TPL_TEXT(struct metadata_line, label),
                                                 TPL_LIST(struct metadata_line, items, item_struct)};
static const struct tpl_struct line_struct = TPL_STRUCT(struct metadata_line, line_members);

static const struct tpl_member group_members[] = {TPL_TEXT(struct metadata_group, name),
                                                  TPL_TEXT(struct metadata_group, title),
                                                  TPL_LIST(struct metadata_group, lines, line_struct)};
const struct tpl_struct metadata_group_struct = TPL_STRUCT(struct metadata_group, group_members);

typedef VEC(struct metadata_item) item_list;
typedef VEC(struct metadata_line) line_list;

/* What values are made readable with. */
struct showing {
    struct call *call;
    const struct entry *entry;
    const struct zone *zone;
    const struct custom_template *customs; /* templates of the portal's own */
    size_t custom_count;
};

/* ---- labels ---- */

/* Keys of messages have small letters, digits and _ only. */
static enum message find_label(str first, str second)
{
    char key[KEY_BYTES];
    int n = snprintf(key, sizeof(key), "metadata.%.*s.%.*s", STR_ARG(first), STR_ARG(second));
    for (int i = 0; i < n && i < KEY_BYTES; i++) {
        key[i] = key[i] == '-' ? '_' : ascii_lower(key[i]);
    }
    return n > 0 && n < KEY_BYTES ? message_find((str){key, (size_t)n}) : MESSAGE_NONE;
}

enum message metadata_label(const struct metadata_row *row)
{
    return find_label(row->in->name, row->name);
}

enum message metadata_template_label(const struct metadata_template *in)
{
    return find_label(S("template"), in->name);
}

bool metadata_is_shown(const struct metadata_row *row)
{
    /* Shown elsewhere on the page, or of use to programs only. */
    static const char *const left_out[] = {"title", "description", "license", "license_url",
                                           "records_count", "federated", "geographic_reference_auto",
                                           "modified_updates_on_metadata_change",
                                           "modified_updates_on_data_change"};
    bool is_shown = row->in->kind == TEMPLATE_BASIC || row->in->kind == TEMPLATE_INTEROP;
    for (size_t i = 0; is_shown && i < ARRAY_LENGTH(left_out); i++) {
        is_shown = !(str_eq(row->in->name, S("default")) && str_eq(row->name, str_from(left_out[i])));
    }
    return is_shown;
}

enum message field_type_label(const struct field *field)
{
    char key[KEY_BYTES];
    str type = field_is_list(field) ? S("list") : field_type_text(field->type);
    int n = snprintf(key, sizeof(key), "field_type.%.*s", STR_ARG(type));
    return message_find((str){key, (size_t)n});
}

/* ---- values ---- */

str catalogue_refined(struct call *call, const char *facet, str value)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_printf(&out, "/explore/?refine.%s=", facet);
    url_encode(&out, value);
    return buf_copy(&out, &call->scope->arena);
}

static str cut(str text)
{
    return utf8_truncate(text, TEXT_BYTES);
}

/* An instant in the zone of the dataset, which is named; a day as it is. */
static str date_words(const struct showing *showing, str text, enum metadata_type type)
{
    struct arena *arena = &showing->call->scope->arena;
    language lang = showing->call->language;
    struct date_text date;
    usec instant;
    if (!date_read(text, &date) || date.precision == PRECISION_YEAR) {
        return text;
    }
    if (date.precision == PRECISION_MONTH) {
        return format_month(arena, lang, date_instant(&date.civil));
    }
    if (type == METADATA_DAY || date.precision == PRECISION_DAY || !interop_read_instant(text, &instant)) {
        return format_date(arena, lang, date_instant(&date.civil));
    }
    if (str_eq(zone_name(showing->zone), S("UTC"))) {
        return format_instant(arena, lang, instant);
    }
    usec local = instant + zone_offset_at(showing->zone, instant) * USEC_SECOND;
    return str_printf(arena, "%.*s (%.*s)", STR_ARG(format_local(arena, lang, local)),
                      STR_ARG(zone_name(showing->zone)));
}

static str frequency_words(const struct showing *showing, str text)
{
    const struct frequency *frequency = entry_frequency(showing->entry);
    char key[KEY_BYTES];
    if (!frequency) {
        return text;
    }
    int n = snprintf(key, sizeof(key), "frequency.%.*s", STR_ARG(frequency->code));
    for (int i = 0; i < n; i++) {
        key[i] = ascii_lower(key[i]);
    }
    enum message message = message_find((str){key, (size_t)n});
    return message == MESSAGE_NONE ? text : message_plain(showing->call->language, message);
}

static str geometry_words(const struct showing *showing, str kind)
{
    struct arena *arena = &showing->call->scope->arena;
    str key = str_printf(arena, "geometry.%.*s", STR_ARG(str_lower_ascii(arena, kind)));
    enum message message = message_find(key);
    return message == MESSAGE_NONE ? kind : message_plain(showing->call->language, message);
}

/* Texts that are names or codes of something are shown as what they mean; addresses lead there. */
static struct metadata_item text_item(const struct showing *showing, str template_name, str name, str text)
{
    struct call *call = showing->call;
    struct metadata_item item = {.text = cut(text)};
    bool is_default = str_eq(template_name, S("default"));
    if (is_default && (str_eq(name, S("keyword")) || str_eq(name, S("theme")) ||
                       str_eq(name, S("publisher")) || str_eq(name, S("territory")))) {
        item.address = catalogue_refined(call, str_cz(&call->scope->arena, name), text);
        item.is_filter = true;
        item.text = str_eq(name, S("theme")) ? cut(theme_label(call, text)) : item.text;
    } else if (is_default && str_eq(name, S("language"))) {
        item.text = format_language_name(&call->scope->arena, call->language, text);
        item.address = catalogue_refined(call, "language", text);
        item.is_filter = true;
    } else if (is_default && str_eq(name, S("metadata_languages"))) {
        item.text = format_language_name(&call->scope->arena, call->language, text);
    } else if (is_default && str_eq(name, S("geometry_types"))) {
        item.text = geometry_words(showing, text);
    } else if (str_eq(name, S("accrualperiodicity")) || str_eq(name, S("update_frequency"))) {
        item.text = cut(frequency_words(showing, text));
    } else if (str_eq(name, S("contact_email")) && str_find_char(text, '@', 0) != SIZE_MAX) {
        item.address = interop_mail_address(&call->scope->arena, cut(text));
    } else if (text.n <= TEXT_BYTES && interop_is_web_address(text)) {
        const struct metadata_row *row = metadata_find(template_name, name);
        item.text = row ? vocabulary_label(call->language, row, text) : item.text;
        item.address = text;
    }
    return item;
}

static str degrees(const struct showing *showing, double value, enum message above, enum message below)
{
    double size = value < 0 ? -value : value;
    double rounded = (double)(int64_t)(size * 100 + 0.5) / 100;
    return message_text(&showing->call->scope->arena, showing->call->language,
                        value < 0 ? below : above, &ARG_DOUBLE("degrees", rounded), 1);
}

/* The corners of a rectangle in words: "51.29° N – 51.69° N, 0.51° W – 0.33° E". */
static str box_words(const struct showing *showing, const json_t *feature)
{
    const json_t *ring = json_array_get(
        json_object_get(json_object_get(feature, "geometry"), "coordinates"), 0);
    const json_t *first = json_array_get(ring, 0);
    const json_t *third = json_array_get(ring, 2);
    if (json_array_size(first) < 2 || json_array_size(third) < 2) {
        return S("");
    }
    str west = degrees(showing, json_number_value(json_array_get(first, 0)), MSG_DEGREE_EAST, MSG_DEGREE_WEST);
    str south = degrees(showing, json_number_value(json_array_get(first, 1)), MSG_DEGREE_NORTH, MSG_DEGREE_SOUTH);
    str east = degrees(showing, json_number_value(json_array_get(third, 0)), MSG_DEGREE_EAST, MSG_DEGREE_WEST);
    str north = degrees(showing, json_number_value(json_array_get(third, 1)), MSG_DEGREE_NORTH, MSG_DEGREE_SOUTH);
    return str_printf(&showing->call->scope->arena, "%.*s – %.*s, %.*s – %.*s", STR_ARG(south),
                      STR_ARG(north), STR_ARG(west), STR_ARG(east));
}

static void add_value(const struct showing *showing, str template_name, str name, enum metadata_type type,
                      const json_t *value, item_list *items)
{
    struct arena *arena = &showing->call->scope->arena;
    struct metadata_item item = {0};
    str text = json_read_text(value);
    if (type == METADATA_SHAPE) {
        item.text = box_words(showing, value);
    } else if (json_is_string(value) && (type == METADATA_INSTANT || type == METADATA_DAY)) {
        item.text = cut(date_words(showing, text, type));
    } else if (json_is_string(value)) {
        item = text_item(showing, template_name, name, text);
    } else {
        struct value_view view = value_view_plain(showing->call, value, TEXT_BYTES);
        item.text = view.text;
    }
    if (item.text.n) {
        item.text = str_copy(arena, item.text);
        item.address = str_copy(arena, item.address);
        vec_add(arena, items, item);
    }
}

static void add_line(const struct showing *showing, str template_name, str name, str label,
                     enum metadata_type type, const json_t *value, line_list *lines)
{
    item_list items = {0};
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value) && i < ITEMS_SHOWN; i++) {
            add_value(showing, template_name, name, type, json_array_get(value, i), &items);
        }
    } else if (value && !json_is_null(value)) {
        add_value(showing, template_name, name, type, value, &items);
    }
    if (items.count) {
        struct metadata_line line = {str_copy(&showing->call->scope->arena, label),
                                     {items.items, items.count}};
        vec_add(&showing->call->scope->arena, lines, line);
    }
}

/* ---- groups ---- */

static void add_rows(const struct showing *showing, const struct metadata_template *in, const json_t *values,
                     line_list *lines)
{
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].in == in && metadata_is_shown(&rows[i])) {
            const json_t *value = json_object_getn(values, rows[i].name.p, rows[i].name.n);
            str label = message_plain(showing->call->language, metadata_label(&rows[i]));
            add_line(showing, in->name, rows[i].name, label, rows[i].type, value, lines);
        }
    }
}

/* Names that a publisher made up are their own labels. */
static void add_names(const struct showing *showing, const struct metadata_template *in, json_t *values,
                      line_list *lines)
{
    const char *name;
    json_t *value;
    json_object_foreach(values, name, value) {
        bool is_labelled = str_eq(in->name, S("custom")) &&
                           custom_field_find(showing->customs, showing->custom_count, str_from(name));
        if (lines->count < NAMES_SHOWN && !is_labelled) {
            add_line(showing, in->name, str_from(name), cut(str_from(name)), METADATA_ANY, value, lines);
        }
    }
}

typedef VEC(struct metadata_group) group_list;

/* What the fields of the portal's own templates hold, by template. */
static void add_customs(const struct showing *showing, const json_t *metas, group_list *groups)
{
    struct call *call = showing->call;
    const json_t *values = json_object_get(metas, "custom");
    for (size_t i = 0; i < showing->custom_count; i++) {
        const struct custom_template *template = &showing->customs[i];
        line_list lines = {0};
        for (size_t j = 0; j < template->count; j++) {
            const struct custom_field *field = &template->fields[j];
            str label = translated_text(&field->label, call->language);
            add_line(showing, S("custom"), field->name, label.n ? label : field->name, field->type,
                     json_object_getn(values, field->name.p, field->name.n), &lines);
        }
        if (lines.count) {
            str title = translated_text(&template->label, call->language);
            struct metadata_group group = {
                str_printf(&call->scope->arena, "custom-%.*s", STR_ARG(template->name)),
                title.n ? title : template->name, {lines.items, lines.count}};
            vec_add(&call->scope->arena, groups, group);
        }
    }
}

struct tpl_list metadata_groups(struct call *call, const struct entry *entry, const struct zone *zone)
{
    struct showing showing = {.call = call, .entry = entry, .zone = zone};
    group_list groups = {0};
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    json_t *metas = json_object_get(entry->document, "metas");
    for (size_t i = 0; i < count; i++) {
        const struct metadata_template *in = &templates[i];
        json_t *values = json_object_getn(metas, in->name.p, in->name.n);
        line_list lines = {0};
        if (in->kind != TEMPLATE_BASIC && in->kind != TEMPLATE_INTEROP) {
            continue;
        }
        if (str_eq(in->name, S("custom"))) {
            if (custom_templates(call->scope, call->app->catalog, &showing.customs, &showing.custom_count) != ERR_OK) {
                scope_forgive(call->scope); /* names stand for labels */
            }
            add_customs(&showing, metas, &groups);
        }
        if (metadata_is_open(in)) {
            add_names(&showing, in, values, &lines);
        } else {
            add_rows(&showing, in, values, &lines);
        }
        if (lines.count) {
            struct metadata_group group = {in->name,
                                           message_plain(call->language, metadata_template_label(in)),
                                           {lines.items, lines.count}};
            vec_add(&call->scope->arena, &groups, group);
        }
    }
    return (struct tpl_list){groups.items, groups.count};
}
