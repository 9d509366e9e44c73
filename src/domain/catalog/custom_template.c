#include "domain/catalog/custom_template.h"

#include "base/vec.h"
#include "platform/db/statement.h"

const enum metadata_type custom_types[] = {METADATA_TEXT, METADATA_HTML,    METADATA_TEXTS, METADATA_INT,
                                           METADATA_DOUBLE, METADATA_BOOLEAN, METADATA_DAY};
const size_t custom_type_count = ARRAY_LENGTH(custom_types);

str custom_type_name(enum metadata_type type)
{
    static const char *const names[] = {
        [METADATA_TEXT] = "text", [METADATA_HTML] = "html",     [METADATA_TEXTS] = "texts",
        [METADATA_INT] = "int",   [METADATA_DOUBLE] = "double", [METADATA_BOOLEAN] = "boolean",
        [METADATA_DAY] = "day",   [METADATA_INSTANT] = "",      [METADATA_SHAPE] = "",
        [METADATA_ANY] = ""};
    return str_from(names[type]);
}

bool custom_type_find(str name, enum metadata_type *ret_type)
{
    for (size_t i = 0; i < custom_type_count; i++) {
        if (str_eq(custom_type_name(custom_types[i]), name)) {
            *ret_type = custom_types[i];
            return true;
        }
    }
    return false;
}

const struct metadata_row *custom_row(struct arena *arena, const struct custom_field *field)
{
    struct metadata_row *row = arena_new(arena, struct metadata_row);
    row->in = metadata_template_find(S("custom"));
    row->name = field->name;
    row->type = field->type;
    row->flags = field->by_language ? METADATA_LANG : 0;
    return row;
}

const struct custom_field *custom_field_find(const struct custom_template *templates, size_t count, str name)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < templates[i].count; j++) {
            if (str_eq(templates[i].fields[j].name, name)) {
                return &templates[i].fields[j];
            }
        }
    }
    return NULL;
}

/* ---- reading ---- */

typedef VEC(struct custom_template) template_list;

static enum err read_templates(struct scope *scope, struct db_lease *lease, template_list *templates)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select name, labels from metadata_template where position >= ? order by position, name",
                               cell_int(0));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct custom_template template = {.name = row_text(&scope->arena, row, 0)};
        translated_read(scope, row_text(&scope->arena, row, 1), &template.label);
        vec_add(&scope->arena, templates, template);
    }
    return ERR_OK;
}

static struct custom_field read_field(struct scope *scope, const struct batch *row, str template_name)
{
    struct arena *arena = &scope->arena;
    struct custom_field field = {.name = row_text(arena, row, 0),
                                 .template_name = template_name,
                                 .choices = row_text(arena, row, 4),
                                 .is_required = row_number(row, 5) != 0,
                                 .by_language = row_number(row, 6) != 0};
    translated_read(scope, row_text(arena, row, 1), &field.label);
    translated_read(scope, row_text(arena, row, 2), &field.help);
    if (!custom_type_find(row_text(arena, row, 3), &field.type)) {
        field.type = METADATA_TEXT; /* of a later version of the program */
    }
    return field;
}

static enum err read_fields(struct scope *scope, struct db_lease *lease, struct custom_template *template)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct custom_field) fields = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select name, labels, help, type, choices, is_required, by_language "
                               "from metadata_field where template = ? order by position, name",
                               cell_text(template->name));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &fields, read_field(scope, row, template->name));
    }
    template->fields = fields.items;
    template->count = fields.count;
    return ERR_OK;
}

enum err custom_templates(struct scope *scope, struct catalog *catalog,
                          const struct custom_template **ret_templates, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    template_list templates = {0};
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(read_templates(scope, lease, &templates));
    for (size_t i = 0; i < templates.count; i++) {
        TRY(read_fields(scope, lease, &templates.items[i]));
    }
    *ret_templates = templates.items;
    *ret_count = templates.count;
    return ERR_OK;
}

/* ---- changing ---- */

/* Raises the generation, so that pages that show labels are made anew. */
static enum err finish(struct scope *scope, struct db_lease *lease)
{
    return catalog_finish_change(scope, lease);
}

enum err custom_template_put(struct scope *scope, struct catalog *catalog, str name,
                             const struct translated *label)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell count;
    str labels = translated_json(scope, label);
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &count, "select count(*) from metadata_template where name <> ?", cell_text(name)));
    if (count.number >= CUSTOM_TEMPLATES_MOST) {
        return fail(scope, ERR_CONFLICT, "There are %d templates already, the most there may be.",
                    CUSTOM_TEMPLATES_MOST);
    }
    TRY(DB_RUN(scope, lease,
               "insert into metadata_template (name, labels, position) values (?, ?, ?) "
               "on conflict (name) do update set labels = excluded.labels",
               cell_text(name), cell_text(labels), cell_int(count.number)));
    return finish(scope, lease);
}

static enum err check_there(struct scope *scope, cell count, str name)
{
    return count.number ? ERR_OK : fail(scope, ERR_NO_RECORD, "There is no '%.*s'.", STR_ARG(name));
}

enum err custom_template_remove(struct scope *scope, struct catalog *catalog, str name)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell count;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &count, "select count(*) from metadata_template where name = ?", cell_text(name)));
    TRY(check_there(scope, count, name));
    TRY(DB_RUN(scope, lease, "delete from metadata_field where template = ?", cell_text(name)));
    TRY(DB_RUN(scope, lease, "delete from metadata_template where name = ?", cell_text(name)));
    return finish(scope, lease);
}

static enum err check_field(struct scope *scope, struct db_lease *lease, const struct custom_field *field,
                            bool is_new, int64_t *ret_position)
{
    cell count;
    TRY(DB_ASK(scope, lease, &count, "select count(*) from metadata_template where name = ?",
               cell_text(field->template_name)));
    TRY(check_there(scope, count, field->template_name));
    TRY(DB_ASK(scope, lease, &count, "select count(*) from metadata_field where name = ?",
               cell_text(field->name)));
    if (is_new && count.number) {
        return fail(scope, ERR_CONFLICT, "There is a field '%.*s' already.", STR_ARG(field->name));
    }
    TRY(DB_ASK(scope, lease, &count, "select count(*) from metadata_field where name <> ?",
               cell_text(field->name)));
    if (count.number >= CUSTOM_FIELDS_MOST) {
        return fail(scope, ERR_CONFLICT, "There are %d fields already, the most there may be.",
                    CUSTOM_FIELDS_MOST);
    }
    TRY(DB_ASK(scope, lease, &count, "select coalesce(max(position), 0) from metadata_field where template = ?",
               cell_text(field->template_name)));
    *ret_position = count.number + 1;
    return ERR_OK;
}

enum err custom_field_put(struct scope *scope, struct catalog *catalog, const struct custom_field *field,
                          bool is_new)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t position;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(check_field(scope, lease, field, is_new, &position));
    TRY(DB_RUN(scope, lease,
               "insert into metadata_field (name, template, labels, help, type, choices, is_required, "
               "by_language, position) values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (name) do update set "
               "template = excluded.template, labels = excluded.labels, help = excluded.help, "
               "type = excluded.type, choices = excluded.choices, is_required = excluded.is_required, "
               "by_language = excluded.by_language",
               cell_text(field->name), cell_text(field->template_name),
               cell_text(translated_json(scope, &field->label)), cell_text(translated_json(scope, &field->help)),
               cell_text(custom_type_name(field->type)), cell_text(field->choices), cell_int(field->is_required),
               cell_int(field->by_language), cell_int(position)));
    return finish(scope, lease);
}

enum err custom_field_remove(struct scope *scope, struct catalog *catalog, str name)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell count;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &count, "select count(*) from metadata_field where name = ?", cell_text(name)));
    TRY(check_there(scope, count, name));
    TRY(DB_RUN(scope, lease, "delete from metadata_field where name = ?", cell_text(name)));
    return finish(scope, lease);
}
