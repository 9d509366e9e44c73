/*
 * SQL under construction: chunks of literal text, quoted identifiers, and values, kept apart so
 * that no value is ever pasted into text. Lives in the arena it was made with.
 */
#ifndef PLATFORM_DB_SQL_H
#define PLATFORM_DB_SQL_H

#include "base/vec.h"
#include "platform/db/cell.h"

#define POSTGRES_NAME_BYTES 63 /* of identifiers, longer ones are cut */

/* A bound value. Parts copied by sql_join share it, and so share one placeholder: an expression
 * written twice (in the select list and in GROUP BY) stays the same expression for the engine. */
struct sql_value {
    cell value;
    size_t number; /* of its placeholder, while a statement is rendered */
};

struct sql_part {
    struct sql_value *bound; /* NULL: text */
    bool is_name;            /* the text is a quoted identifier */
    str text;
};

struct sql {
    struct arena *arena;
    VEC(struct sql_part) parts;
};

/** An empty statement whose parts live in arena. */
static inline struct sql sql_in(struct arena *arena)
{
    return (struct sql){.arena = arena};
}

/** Appends SQL text; only a string literal compiles. */
#define sql_text(sql, literal) sql_text_constant((sql), S(literal))

/** Appends SQL text from a constant table of our own sources (function templates). Never client text. */
void sql_text_constant(struct sql *sql, str constant);

/** Appends a quoted identifier. The name comes from a schema, never directly from a client. */
void sql_name(struct sql *sql, str name);

/**
 * Appends a quoted text, for statements that take no placeholders (ATTACH, COPY … TO): names of files of
 * ours. Values of clients are bound.
 */
void sql_file_name(struct sql *sql, str path);

/**
 * The same for a text of ours that names outputs, which clients may have named (options of COPY): its
 * quotes are doubled, and nothing else ends it.
 */
void sql_quoted(struct sql *sql, str text);

/** Appends a placeholder and remembers its value; texts are borrowed. */
void sql_bind(struct sql *sql, cell value);

/** Appends all of other. */
void sql_join(struct sql *sql, const struct sql *other);

/**
 * Statement text with $1 … $n, NUL-terminated, in the sql's arena, and its values in order. Identifiers longer
 * than name_bytes (0: any length) are shortened, the same name always to the same one; with a limit, those that
 * PostgreSQL has for itself are others, too.
 */
str sql_render(const struct sql *sql, size_t name_bytes, const cell **ret_values, size_t *ret_count);

#endif
