/* What a statement reads of a source: its rows and fields, made of the table that others share. */
#include "base/vec.h"
#include "domain/records/catalogue_source.h"

/* Values of a stored column as those of a field of another type. */
static void add_converted(struct sql *sql, str name, enum metadata_type from, enum metadata_type to)
{
    bool is_item = to == METADATA_TEXTS && from != METADATA_TEXTS;
    if (is_item) {
        sql_text(sql, "case when ");
        sql_name(sql, name);
        sql_text(sql, " is not null then [");
    }
    sql_text_constant(sql, from == to ? S("") : S("cast("));
    sql_name(sql, name);
    sql_text_constant(sql, from == to                ? S("")
                           : to == METADATA_DOUBLE   ? S(" as double)")
                                                     : S(" as varchar)"));
    sql_text_constant(sql, is_item ? S("] end") : S(""));
}

/* A field with values of one row in one of several columns. */
static void add_open_field(struct sql *sql, const struct catalogue_source *source, size_t at)
{
    const struct catalogue_column *field = &source->fields.items[at];
    sql_text(sql, ", coalesce(");
    for (size_t i = 0, count = 0; i < source->used_count; i++) {
        const struct catalogue_column *column = &source->stored.items[source->used[i]];
        if (catalogue_is_open(column) && catalogue_is_same_name(column, field->template_name, field->name)) {
            sql_text_constant(sql, count++ ? S(", ") : S(""));
            add_converted(sql, source->stored_schema.fields[source->used[i]].name, column->type,
                          field->type);
        }
    }
    sql_text(sql, ") as ");
    sql_name(sql, source->schema.fields[at].name);
}

static void add_place(struct sql *sql, const struct catalogue_source *source)
{
    sql_text(sql, "catalogue_rank(");
    sql_bind(sql, cell_int((int64_t)(uintptr_t)&source->order));
    sql_text(sql, "::bigint, whole.rowid)");
}

/* Whether a translation serves who asks for a language: fr for fr and for fr-CA, that for fr first. */
static bool serves(const struct catalogue_column *column, str lang, bool exactly)
{
    bool is_regional = column->lang.n > lang.n && str_starts(column->lang, lang) &&
                       column->lang.p[lang.n] == '-';
    return lang.n && (exactly ? str_eq(column->lang, lang) : is_regional);
}

/* The column of a metadata in the first language after one, in their order, that serves; SIZE_MAX: none. */
static size_t next_translation(const struct catalogue_source *source, const struct metadata_row *row,
                               str lang, bool exactly, str after)
{
    size_t next = SIZE_MAX;
    for (size_t i = 0; i < source->stored.count; i++) {
        const struct catalogue_column *column = &source->stored.items[i];
        if (column->row == row && serves(column, lang, exactly) &&
            str_compare(column->lang, after) > 0 &&
            (next == SIZE_MAX || str_compare(column->lang, source->stored.items[next].lang) < 0)) {
            next = i;
        }
    }
    return next;
}

size_t catalogue_translations(struct arena *arena, const struct catalogue_source *source, size_t at,
                              str lang, size_t **ret_columns)
{
    const struct metadata_row *row = source->fields.items[at].row;
    bool has_some = lang.n && row && row->flags & METADATA_LANG;
    VEC(size_t) columns = {0};
    for (int pass = 0; pass < 2 && has_some; pass++) {
        str after = S("");
        for (size_t i; (i = next_translation(source, row, lang, pass == 0, after)) != SIZE_MAX;) {
            vec_add(arena, &columns, i);
            after = source->stored.items[i].lang;
        }
    }
    *ret_columns = columns.items;
    return columns.count;
}

static void add_translations_of(struct sql *sql, const struct catalogue_source *source, str lang)
{
    size_t total = 0;
    for (size_t i = 0; i < source->fields.count && lang.n; i++) {
        size_t *columns;
        size_t count = catalogue_translations(sql->arena, source, i, lang, &columns);
        if (count == 0) {
            continue;
        }
        sql_text_constant(sql, total++ ? S(", ") : S(" replace ("));
        for (size_t j = 0; j < count; j++) {
            sql_text_constant(sql, j ? S(", ") : S("coalesce("));
            sql_name(sql, source->stored_schema.fields[columns[j]].name);
        }
        sql_text(sql, ", ");
        sql_name(sql, source->schema.fields[i].name);
        sql_text(sql, ") as ");
        sql_name(sql, source->schema.fields[i].name);
    }
    sql_text_constant(sql, total ? S(")") : S(""));
}

const struct sql *catalogue_rows(struct arena *arena, const struct catalogue_source *source,
                                 str lang)
{
    struct sql *sql = arena_new(arena, struct sql);
    *sql = sql_in(arena);
    sql_text(sql, "(select ");
    if (source->is_in_order) {
        sql_text(sql, "whole.rowid");
    } else {
        add_place(sql, source);
        sql_text(sql, " - 1");
    }
    sql_text(sql, " as rowid, whole.*");
    add_translations_of(sql, source, lang);
    for (size_t i = 0; i < source->fields.count; i++) {
        if (catalogue_is_open(&source->fields.items[i])) {
            add_open_field(sql, source, i);
        }
    }
    sql_text(sql, " from ");
    sql_name(sql, source->table->database);
    sql_text(sql, ".datasets as whole where ");
    if (source->is_in_order) {
        sql_text(sql, "whole.rowid < ");
        sql_bind(sql, cell_int((int64_t)source->order.count));
        sql_text(sql, "::bigint)");
    } else {
        add_place(sql, source);
        sql_text(sql, " is not null)");
    }
    return sql;
}
