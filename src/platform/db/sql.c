#include "platform/db/sql.h"

#include "base/buf.h"

void sql_text_constant(struct sql *sql, str constant)
{
    vec_add(sql->arena, &sql->parts, (struct sql_part){.text = constant});
}

static void add_quoted(struct sql *sql, str text, char quote)
{
    struct buf quoted = {0};
    buf_add_char(&quoted, quote);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == quote) {
            buf_add_char(&quoted, quote);
        }
        buf_add_char(&quoted, text.p[i]);
    }
    buf_add_char(&quoted, quote);
    sql_text_constant(sql, buf_copy(&quoted, sql->arena));
    buf_done(&quoted);
}

void sql_name(struct sql *sql, str name)
{
    add_quoted(sql, name, '"');
}

void sql_file_name(struct sql *sql, str path)
{
    add_quoted(sql, path, '\'');
}

void sql_quoted(struct sql *sql, str text)
{
    add_quoted(sql, text, '\'');
}

void sql_bind(struct sql *sql, cell value)
{
    struct sql_value *bound = arena_new(sql->arena, struct sql_value);
    bound->value = value;
    vec_add(sql->arena, &sql->parts, (struct sql_part){.bound = bound});
}

void sql_join(struct sql *sql, const struct sql *other)
{
    for (size_t i = 0; i < other->parts.count; i++) {
        vec_add(sql->arena, &sql->parts, other->parts.items[i]);
    }
}

str sql_render(const struct sql *sql, const cell **ret_values, size_t *ret_count)
{
    struct buf text = {0};
    cell *values = arena_array(sql->arena, cell, sql->parts.count);
    size_t count = 0;
    for (size_t i = 0; i < sql->parts.count; i++) {
        if (sql->parts.items[i].bound) {
            sql->parts.items[i].bound->number = 0; /* of an earlier statement */
        }
    }
    for (size_t i = 0; i < sql->parts.count; i++) {
        const struct sql_part *part = &sql->parts.items[i];
        if (part->bound) {
            if (part->bound->number == 0) {
                values[count++] = part->bound->value;
                part->bound->number = count;
            }
            buf_add_char(&text, '$');
            buf_add_int(&text, (int64_t)part->bound->number);
        } else {
            buf_add(&text, part->text);
        }
    }
    str rendered = buf_copy(&text, sql->arena);
    buf_done(&text);
    *ret_values = values;
    *ret_count = count;
    return rendered;
}
