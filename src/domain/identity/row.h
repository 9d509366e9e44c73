/* Values of a row of the catalogue's database, of which each batch has one. Private to this
 * directory. */
#ifndef DOMAIN_IDENTITY_ROW_H
#define DOMAIN_IDENTITY_ROW_H

#include "platform/db/db.h"

static inline int64_t row_number(const struct batch *row, size_t column)
{
    cell value = column_cell(&row->columns[column], 0);
    return value.type == CELL_INT ? value.number : 0;
}

/** Text or bytes in the arena; empty for null. */
static inline str row_text(struct arena *arena, const struct batch *row, size_t column)
{
    cell value = column_cell(&row->columns[column], 0);
    bool is_text = value.type == CELL_TEXT || value.type == CELL_BYTES;
    return is_text ? str_copy(arena, value.text) : S("");
}

#endif
