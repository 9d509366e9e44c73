#include "platform/db/statement.h"

#include "base/bug.h"

struct sql statement_make(struct arena *arena, str text, const cell *values, size_t count)
{
    struct sql sql = sql_in(arena);
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = str_find_char(text, '?', from);
        bug_if(at == SIZE_MAX);
        sql_text_constant(&sql, str_slice(text, from, at));
        sql_bind(&sql, values[i]);
        from = at + 1;
    }
    bug_if(str_find_char(text, '?', from) != SIZE_MAX);
    sql_text_constant(&sql, str_slice(text, from, text.n));
    return sql;
}
