/* The cells of a sheet of an XLSX (ECMA-376 part 1, 18.3.1). */
#include "base/num.h"
#include "platform/sheet_read/reading.h"

struct sheet_reader {
    struct workbook *workbook;
    struct row *row;
    int64_t last_row;   /* that was shown or passed over */
    size_t next_column;
    bool in_row, in_cell;
    /* of the cell */
    size_t column;
    char type;          /* s(hared), i(nline), t(ext of a formula), b(oolean), e(rror), d(ate), n(umber) */
    int shows;
    bool has_formula;
    int phonetic;
    bool captures;
    struct buf text;
};

static enum err begin_row(struct part *part, const struct element *element)
{
    struct sheet_reader *reader = part->user;
    struct row *row = reader->row;
    str given = element_attribute(element, "r", NULL, NULL);
    int64_t number = reader->last_row + 1;
    if (given.p && (!num_read_int(given, &number) || number < 1 || number > WORKBOOK_ROWS)) {
        return row_fault(part->scope, row, MSG_FAULT_SHEET_ROW_NUMBER_HIGH);
    }
    if (number <= reader->last_row || number > WORKBOOK_ROWS) {
        return row_fault(part->scope, row, MSG_FAULT_SHEET_ROW_NUMBER_LOW);
    }
    row->number = reader->last_row = number;
    reader->next_column = 0;
    reader->in_row = true;
    return ERR_OK;
}

static char type_of(str type)
{
    return str_eq(type, S("inlineStr")) ? 'i' : str_eq(type, S("str")) ? 't' : type.n == 1 ? type.p[0] : 'n';
}

static enum err begin_cell(struct part *part, const struct element *element)
{
    struct sheet_reader *reader = part->user;
    str place = element_attribute(element, "r", NULL, NULL);
    int64_t number = reader->row->number;
    int64_t style;
    reader->column = reader->next_column;
    if (place.p && (!reference_read(place, &reader->column, &number) || number != reader->row->number)) {
        return row_fault(part->scope, reader->row, MSG_FAULT_SHEET_ROW_ELSEWHERE);
    }
    if (reader->column >= WORKBOOK_COLUMNS) {
        return row_fault(part->scope, reader->row, MSG_FAULT_SHEET_ROW_WIDE);
    }
    bool has_style = num_read_int(element_attribute(element, "s", NULL, NULL), &style) && style >= 0 &&
                     (uint64_t)style < reader->workbook->styles.n;
    reader->shows = has_style ? reader->workbook->styles.p[style] : 0;
    reader->type = type_of(element_attribute(element, "t", NULL, NULL));
    reader->next_column = reader->column + 1;
    reader->in_cell = true;
    reader->has_formula = false;
    reader->phonetic = 0;
    buf_clear(&reader->text);
    return ERR_OK;
}

static void show_merge(struct sheet_reader *reader, str range)
{
    const struct workbook_visitor *visitor = reader->row->visitor;
    struct workbook_merge merge;
    size_t colon = str_find_char(range, ':', 0);
    if (visitor->merge && colon != SIZE_MAX &&
        reference_read(str_slice(range, 0, colon), &merge.first_column, &merge.first_row) &&
        reference_read(str_slice(range, colon + 1, range.n), &merge.last_column, &merge.last_row)) {
        visitor->merge(visitor->user, &merge);
    }
}

static enum err on_start(struct part *part, const struct element *element)
{
    struct sheet_reader *reader = part->user;
    str name = element->name;
    if (str_eq(name, S("c")) && reader->in_row) {
        return begin_cell(part, element);
    }
    if (str_eq(name, S("row"))) {
        return begin_row(part, element);
    }
    if (str_eq(name, S("v")) || str_eq(name, S("t"))) {
        reader->captures = reader->in_cell && !reader->phonetic;
    } else if (str_eq(name, S("f"))) {
        reader->has_formula = true;
    } else if (str_eq(name, S("rPh"))) {
        reader->phonetic++;
    } else if (str_eq(name, S("mergeCell"))) {
        show_merge(reader, element_attribute(element, "ref", NULL, NULL));
    }
    return ERR_OK;
}

static enum err finish_cell(struct part *part)
{
    struct sheet_reader *reader = part->user;
    char scratch[VALUE_TEXT_BYTES];
    str text = buf_str(&reader->text);
    struct workbook_cell cell = {.kind = VALUE_EMPTY};
    reader->in_cell = false;
    switch (reader->type) {
    case 's':
        if (text.n && !strings_find(&reader->workbook->strings, text, &text)) {
            return row_fault(part->scope, reader->row, MSG_FAULT_SHEET_ROW_TEXT_MISSING);
        }
        return row_add(part->scope, reader->row, reader->column, value_of_text(text), true);
    case 'i':
    case 't':
        unescape(&reader->text, 0);
        cell = value_of_text(buf_str(&reader->text));
        break;
    case 'b':
        cell = value_of_boolean(text);
        break;
    case 'e':
        cell = (struct workbook_cell){.kind = VALUE_ERROR, .text = text};
        break;
    case 'd':
        cell = value_of_date(text);
        break;
    default:
        cell = value_of_number(text, reader->shows, reader->workbook->is_1904, scratch);
    }
    if (cell.kind == VALUE_EMPTY && reader->has_formula && reader->type != 't') {
        cell.kind = VALUE_UNSAVED;
    }
    return row_add(part->scope, reader->row, reader->column, cell, false);
}

static enum err on_end(struct part *part, str name)
{
    struct sheet_reader *reader = part->user;
    if (str_eq(name, S("v")) || str_eq(name, S("t"))) {
        reader->captures = false;
    } else if (str_eq(name, S("c")) && reader->in_cell) {
        return finish_cell(part);
    } else if (str_eq(name, S("row")) && reader->in_row) {
        reader->in_row = false;
        return row_show(part->scope, reader->row, 1, &part->stop);
    } else if (str_eq(name, S("rPh"))) {
        reader->phonetic--;
    }
    return ERR_OK;
}

static enum err on_text(struct part *part, str text)
{
    struct sheet_reader *reader = part->user;
    return reader->captures ? cell_text_add(part, &reader->text, text) : ERR_OK;
}

enum err xlsx_read(struct scope *scope, struct workbook *workbook, size_t sheet, struct row *row)
{
    static const struct part_handler handler = {on_start, on_end, on_text};
    struct sheet_reader reader = {.workbook = workbook, .row = row};
    enum err result =
        part_read(scope, workbook->archive, workbook->shown, workbook->parts[sheet], &handler, &reader);
    buf_done(&reader.text);
    return result;
}
