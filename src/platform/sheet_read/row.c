/* A row on its way from the XML to the visitor. */
#include "base/limits.h"
#include "platform/i18n/explanation.h"
#include "platform/sheet_read/reading.h"

enum err row_fault(struct scope *scope, const struct row *row, enum message message)
{
    return fail_in_words(scope, ERR_DATA, message,
                         SAYS(ARG_TEXT("file", str_from(row->shown)), ARG_TEXT("sheet", row->sheet),
                              argument_digits(&scope->arena, "row", row->number)));
}

enum err row_add(struct scope *scope, struct row *row, size_t column, struct workbook_cell cell,
                 bool is_lasting)
{
    if (cell.kind == VALUE_EMPTY) {
        return ERR_OK;
    }
    if (!is_lasting && cell.text.n) {
        cell.whole = (int64_t)row->text.n;
        if (row->text.n + cell.text.n > LIMIT_RECORD_BYTES) {
            return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_SHEET_ROW_LARGE,
                                 SAYS(ARG_TEXT("file", str_from(row->shown)), ARG_TEXT("sheet", row->sheet),
                                      argument_digits(&scope->arena, "row", row->number),
                                      argument_digits(&scope->arena, "most", LIMIT_RECORD_BYTES >> 20)));
        }
        buf_add(&row->text, cell.text);
        cell.text.p = NULL;
    }
    row->cells[column] = cell;
    row->count = column + 1 > row->count ? column + 1 : row->count;
    return ERR_OK;
}

enum err row_show(struct scope *scope, struct row *row, int64_t repeated, bool *ret_stop)
{
    struct workbook_row shown = {row->number, row->cells, row->count};
    for (size_t i = 0; i < row->count; i++) {
        struct workbook_cell *cell = &row->cells[i];
        if (cell->text.n && !cell->text.p) {
            cell->text.p = row->text.p + cell->whole;
        }
    }
    for (int64_t i = 0; row->count && i < repeated && !*ret_stop; i++, shown.number++) {
        TRY(scope_check(scope));
        TRY(row->visitor->row(row->visitor->user, &shown, ret_stop));
    }
    memset(row->cells, 0, row->count * sizeof(*row->cells));
    row->count = 0;
    buf_clear(&row->text);
    return ERR_OK;
}

enum err cell_text_add(struct part *part, struct buf *out, str text)
{
    if (out->n + text.n > LIMIT_CELL_BYTES) {
        return fail_in_words(part->scope, ERR_TOO_LARGE, MSG_FAULT_SHEET_CELL_LARGE,
                             SAYS(ARG_TEXT("file", str_from(part->shown)), ARG_TEXT("part", str_from(part->name)),
                                  argument_digits(&part->scope->arena, "most", LIMIT_CELL_BYTES >> 10)));
    }
    buf_add(out, text);
    return ERR_OK;
}

bool reference_read(str text, size_t *ret_column, int64_t *ret_row)
{
    size_t column = 0;
    int64_t row = 0;
    size_t i = 0;
    for (; i < text.n && is_ascii_letter(text.p[i]) && column <= WORKBOOK_COLUMNS; i++) {
        column = column * 26 + (size_t)(ascii_lower(text.p[i]) - 'a' + 1);
    }
    for (; i < text.n && is_ascii_digit(text.p[i]) && row <= WORKBOOK_ROWS; i++) {
        row = row * 10 + (text.p[i] - '0');
    }
    *ret_column = column - 1;
    *ret_row = row;
    return i == text.n && column >= 1 && column <= WORKBOOK_COLUMNS && row >= 1 && row <= WORKBOOK_ROWS;
}

size_t book_column_letters(size_t column, char *out)
{
    char letters[8];
    size_t n = 0;
    for (size_t rest = column + 1; rest; rest = (rest - 1) / 26) {
        letters[n++] = (char)('A' + (rest - 1) % 26);
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = letters[n - 1 - i];
    }
    return n;
}
