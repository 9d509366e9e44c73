/* What the template shows of each field of the form. */
#include "domain/catalog/typed_html.h"
#include "web/back/metadata_form.h"
#include "web/front/description.h"

#define EMPTY_LINES 2   /* behind those of a list */
#define LINES_LEAST 3

static const struct tpl_member option_members[] = {
    TPL_TEXT(struct metadata_option, id), TPL_TEXT(struct metadata_option, value),
    TPL_TEXT(struct metadata_option, label), TPL_BOOL(struct metadata_option, chosen)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct metadata_option, option_members);
static const struct tpl_member text_members[] = {TPL_TEXT(struct metadata_text, id),
                                                 TPL_TEXT(struct metadata_text, value)};
static const struct tpl_struct text_struct = TPL_STRUCT(struct metadata_text, text_members);

static const struct tpl_member field_members[] = {
    TPL_TEXT(struct metadata_field, id),          TPL_TEXT(struct metadata_field, name),
    TPL_TEXT(struct metadata_field, label),       TPL_TEXT(struct metadata_field, help),
    TPL_TEXT(struct metadata_field, fault),       TPL_TEXT(struct metadata_field, described),
    TPL_TEXT(struct metadata_field, invalid),     TPL_TEXT(struct metadata_field, value),
    TPL_TEXT(struct metadata_field, type),        TPL_TEXT(struct metadata_field, list),
    TPL_TEXT(struct metadata_field, source),      TPL_TEXT(struct metadata_field, was_name),
    TPL_TEXT(struct metadata_field, was),         TPL_TEXT(struct metadata_field, choose_name),
    TPL_TEXT(struct metadata_field, stored_text), TPL_TEXT(struct metadata_field, stored_id),
    TPL_TEXT(struct metadata_field, mine_id),     TPL_BOOL(struct metadata_field, is_line),
    TPL_BOOL(struct metadata_field, is_area),     TPL_BOOL(struct metadata_field, is_lines),
    TPL_BOOL(struct metadata_field, is_select),   TPL_BOOL(struct metadata_field, is_checks),
    TPL_BOOL(struct metadata_field, is_required), TPL_BOOL(struct metadata_field, is_missing),
    TPL_BOOL(struct metadata_field, has_conflict), TPL_BOOL(struct metadata_field, takes_stored),
    TPL_BOOL(struct metadata_field, takes_mine),  TPL_BOOL(struct metadata_field, has_preview),
    TPL_HTML(struct metadata_field, preview),     TPL_LIST(struct metadata_field, options, option_struct),
    TPL_LIST(struct metadata_field, lines, text_struct),
    TPL_LIST(struct metadata_field, suggestions, option_struct)};
const struct tpl_struct metadata_field_struct = TPL_STRUCT(struct metadata_field, field_members);

/* Rows that are sentences rather than words. */
static bool is_long(const struct metadata_row *row)
{
    static const char *const names[] = {"dataquality", "purpose", "extend_description", "lineage",
                                        "rml_mapping", "contact_address"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_eq(row->name, str_from(names[i]))) {
            return true;
        }
    }
    return row->type == METADATA_HTML || row->type == METADATA_ANY || row->type == METADATA_SHAPE;
}

static bool holds(const texts *held, str value)
{
    for (size_t i = 0; i < held->count; i++) {
        if (str_eq(held->items[i], value)) {
            return true;
        }
    }
    return false;
}

/* A term whose address was stored in another spelling is that term, and keeps the spelling. */
static bool is_chosen(const struct metadata_field *field, str value, str *ret_spelling)
{
    bool is_closed;
    enum vocabulary vocabulary = field->custom ? VOCABULARY_NONE : vocabulary_of(field->row, &is_closed);
    for (size_t i = 0; i < field->typed.count; i++) {
        const struct vocabulary_term *term = vocabulary_find(vocabulary, field->typed.items[i]);
        if (str_eq(field->typed.items[i], value) || (term && str_eq(term->value, value))) {
            *ret_spelling = field->typed.items[i];
            return true;
        }
    }
    return false;
}

/* Choices, and behind them what is stored and none of them: it is not lost by saving. */
static void show_options(struct metadata_form *form, struct metadata_field *field)
{
    struct arena *arena = &form->call->scope->arena;
    const struct metadata_option *offered = field->options.items;
    size_t count = field->options.count;
    size_t n = count;
    struct metadata_option *options =
        arena_array(arena, struct metadata_option, count + field->typed.count + 1);
    texts known = {0};
    for (size_t i = 0; i < count; i++) {
        options[i] = offered[i];
        options[i].chosen = is_chosen(field, offered[i].value, &options[i].value);
        vec_add(arena, &known, offered[i].value);
    }
    for (size_t i = 0; i < field->typed.count; i++) {
        str value = field->typed.items[i];
        bool is_closed;
        enum vocabulary in = field->custom ? VOCABULARY_NONE : vocabulary_of(field->row, &is_closed);
        if (!holds(&known, value) && !vocabulary_find(in, value)) {
            options[n++] = (struct metadata_option){.value = value, .label = value, .chosen = true};
        }
    }
    for (size_t i = 0; i < n; i++) {
        options[i].id = i ? str_printf(arena, "%.*s-%zu", STR_ARG(field->id), i) : field->id;
    }
    field->options = (struct tpl_list){options, n};
}

static void show_lines(struct metadata_form *form, struct metadata_field *field)
{
    struct arena *arena = &form->call->scope->arena;
    size_t n = field->typed.count + EMPTY_LINES;
    n = n < LINES_LEAST ? LINES_LEAST : n;
    struct metadata_text *lines = arena_array(arena, struct metadata_text, n);
    for (size_t i = 0; i < n; i++) {
        lines[i] = (struct metadata_text){
            i ? str_printf(arena, "%.*s-%zu", STR_ARG(field->id), i) : field->id,
            i < field->typed.count ? field->typed.items[i] : S("")};
    }
    field->lines = (struct tpl_list){lines, n};
    field->is_lines = true;
}

static void show_control(struct metadata_form *form, struct metadata_field *field)
{
    const struct metadata_row *row = field->row;
    field->value = field->typed.count ? field->typed.items[0] : S("");
    if (field->is_checks || field->is_select) {
        show_options(form, field);
    } else if (row->type == METADATA_TEXTS) {
        show_lines(form, field);
    } else if (is_long(row) || str_find_char(field->value, '\n', 0) != SIZE_MAX) {
        field->is_area = true;
    } else {
        bool is_date = row->type == METADATA_DAY || row->type == METADATA_INSTANT;
        field->is_line = true;
        field->type = is_date ? metadata_date_input(row, &field->typed)
                      : str_ends(row->name, S("_email")) ? S("email")
                                                         : S("text");
    }
}

static void describe(struct arena *arena, struct metadata_field *field)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    const struct {
        bool is_there;
        const char *ending;
    } parts[] = {{field->help.n > 0, "help"}, {field->source.n > 0, "source"}, {field->fault.n > 0, "error"}};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (parts[i].is_there) {
            buf_printf(&out, "%s%.*s-%s", out.n ? " " : "", STR_ARG(field->id), parts[i].ending);
        }
    }
    field->described = buf_copy(&out, arena);
    field->invalid = field->fault.n ? S("true") : S("false");
}

void metadata_controls(struct metadata_form *form)
{
    struct arena *arena = &form->call->scope->arena;
    for (size_t i = 0; i < form->fields.count; i++) {
        struct metadata_field *field = &form->fields.items[i];
        show_control(form, field);
        field->list = field->suggestions.count ? str_printf(arena, "%.*s-list", STR_ARG(field->id)) : S("");
        field->stored_id = str_printf(arena, "%.*s-stored", STR_ARG(field->id));
        field->mine_id = str_printf(arena, "%.*s-mine", STR_ARG(field->id));
        field->stored_text = metadata_texts_shown(arena, &field->stored);
        if (field->row->type == METADATA_HTML && field->value.n) {
            field->preview = sanitized_html(form->call, metadata_is_prose(field->row) ? typed_html(arena, field->value) : field->value);
            field->has_preview = field->preview.text.n > 0;
        }
        describe(arena, field);
    }
}
