#include "domain/interop/table.h"

#include "base/num.h"
#include "base/vec.h"
#include "domain/catalog/metadata.h"

typedef VEC(struct table_column) column_list;

static bool is_of(str column, str template_name)
{
    return column.n > template_name.n + 1 && str_starts(column, template_name) &&
           column.p[template_name.n] == '.';
}

static bool is_used(const struct schema *schema, str template_name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (is_of(schema->fields[i].name, template_name)) {
            return true;
        }
    }
    return str_eq(template_name, S("default"));
}

static void add(const struct catalogue_writing *writing, column_list *columns, str template_name,
                str name, str label)
{
    struct arena *arena = &writing->scope->arena;
    bool has_label = writing->options.cells.use_labels && label.n;
    struct table_column column = {
        .template_name = str_cz(arena, template_name),
        .name = str_cz(arena, name),
        .heading = has_label
                       ? label
                       : str_printf(arena, "%.*s.%.*s", STR_ARG(template_name), STR_ARG(name))};
    vec_add(arena, columns, column);
}

/* Names that are no rows: those of the template "custom", of later templates. */
static void add_further(const struct catalogue_writing *writing, column_list *columns,
                        str template_name)
{
    const struct schema *schema = writing->columns;
    for (size_t i = 0; i < schema->count; i++) {
        str column = schema->fields[i].name;
        str name = str_slice(column, template_name.n + 1, column.n);
        if (is_of(column, template_name) && !metadata_find(template_name, name)) {
            add(writing, columns, template_name, name, STR_NONE);
        }
    }
}

static void add_template(const struct catalogue_writing *writing, column_list *columns,
                         const struct metadata_template *template)
{
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].in == template) {
            add(writing, columns, template->name, rows[i].name, rows[i].label);
        }
    }
    add_further(writing, columns, template->name);
}

struct table table_columns(const struct catalogue_writing *writing)
{
    column_list columns = {0};
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    for (size_t i = 0; i < count; i++) {
        bool is_shown =
            templates[i].kind == TEMPLATE_BASIC || templates[i].kind == TEMPLATE_INTEROP;
        if (is_shown && is_used(writing->columns, templates[i].name)) {
            add_template(writing, &columns, &templates[i]);
        }
    }
    return (struct table){columns.items, columns.count};
}

static str list_cell(struct arena *arena, const struct catalogue_options *options,
                     const json_t *list)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (i) {
            buf_add(&out, options->cells.list_separator);
        }
        buf_add(&out, table_cell(arena, options, json_array_get(list, i)));
    }
    return buf_copy(&out, arena);
}

static str object_cell(struct arena *arena, const json_t *object)
{
    char *text = json_dumps(object, JSON_REAL_PRECISION(15));
    str copy = str_copy(arena, str_from(text));
    free(text);
    return copy;
}

str table_cell(struct arena *arena, const struct catalogue_options *options, const json_t *value)
{
    char *number;
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        return json_read_text(value);
    case JSON_TRUE:
        return S("True");
    case JSON_FALSE:
        return S("False");
    case JSON_INTEGER:
        return str_printf(arena, "%lld", (long long)json_integer_value(value));
    case JSON_REAL:
        number = arena_alloc(arena, NUM_DOUBLE_BYTES);
        return (str){number, num_write_double(number, json_real_value(value))};
    case JSON_ARRAY:
        return list_cell(arena, options, value);
    case JSON_OBJECT:
        return object_cell(arena, value);
    case JSON_NULL:
        break;
    }
    return STR_NONE;
}
