#include "platform/db/sql.h"

#include "base/buf.h"
#include "base/utf8.h"

void sql_text_constant(struct sql *sql, str constant)
{
    vec_add(sql->arena, &sql->parts, (struct sql_part){.text = constant});
}

static str quoted(struct arena *arena, str text, char quote)
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
    str copy = buf_copy(&quoted, arena);
    buf_done(&quoted);
    return copy;
}

void sql_name(struct sql *sql, str name)
{
    vec_add(sql->arena, &sql->parts,
            (struct sql_part){.is_name = true, .text = quoted(sql->arena, name, '"')});
}

void sql_file_name(struct sql *sql, str path)
{
    sql_text_constant(sql, quoted(sql->arena, path, '\''));
}

void sql_quoted(struct sql *sql, str text)
{
    sql_text_constant(sql, quoted(sql->arena, text, '\''));
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

/* FNV-1a: part of names that are stored. */
static uint64_t name_hash(str name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.n; i++) {
        hash = (hash ^ (unsigned char)name.p[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* Columns that each table of PostgreSQL has already. */
static bool is_taken(str name)
{
    static const char *const names[] = {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_eq(name, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

/* name is in quotes, which count not; 17 bytes of the hash tell it from others that begin alike. */
static void add_name(struct buf *text, str name, size_t bytes_most)
{
    str inner = str_slice(name, 1, name.n - 1);
    if (bytes_most == 0 || (inner.n <= bytes_most && !is_taken(inner))) {
        buf_add(text, name);
        return;
    }
    str kept = utf8_truncate(inner, bytes_most - 17);
    while (str_ends(kept, S("\""))) { /* half of a doubled quote */
        kept.n--;
    }
    buf_printf(text, "\"%.*s~%016llx\"", STR_ARG(kept), (unsigned long long)name_hash(inner));
}

str sql_render(const struct sql *sql, size_t name_bytes, const cell **ret_values, size_t *ret_count)
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
        } else if (part->is_name) {
            add_name(&text, part->text, name_bytes);
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
