/*
 * Sheets of an OpenDocument spreadsheet: all are in content.xml, one after the other (OpenDocument 1.3
 * part 3: 9.1 tables, 6.1.2 white space, 19.385 office:value-type).
 */
#include "base/num.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "platform/i18n/explanation.h"
#include "platform/sheet_read/reading.h"

#define OFFICE "xmlns:office"
#define LISTING SIZE_MAX

struct table_reader {
    struct workbook *workbook;
    struct row *row;
    size_t wanted;      /* the sheet, or LISTING */
    size_t tables;      /* begun so far */
    bool in_table, in_row, in_cell, in_paragraph;
    int skipping;       /* depth in what is no text of a cell */
    int64_t next_row;
    int64_t rows;       /* the row stands for so many */
    size_t column;
    /* of the cell */
    size_t columns;     /* the cell stands for so many */
    char type;          /* f(loat), d(ate), t(ime), b(oolean), s(tring), e(rror), u(nsaved), 0: none */
    bool has_given;     /* the value is in an attribute */
    struct buf given;
    struct buf text;
    int paragraphs;
    bool is_start, has_blank; /* of a paragraph; white space that counts when a letter follows */
    /* listing */
    VEC(struct workbook_sheet) sheets;
    VEC(str) hidden;    /* styles of tables */
};

/* ---- listing ---- */

static str taken(struct part *part, const struct element *element, const char *name)
{
    struct table_reader *reader = part->user;
    str text = element_attribute(element, name, NULL, &reader->text);
    return text.p ? str_copy(&part->scope->arena, utf8_truncate(text, LISTED_NAME_BYTES)) : S("");
}

static enum err list_item(struct part *part, const struct element *element)
{
    struct table_reader *reader = part->user;
    struct arena *arena = &part->scope->arena;
    if (reader->sheets.count >= LISTED_MOST || reader->hidden.count >= LISTED_MOST) {
        return fail_in_words(
            part->scope, ERR_TOO_LARGE, MSG_FAULT_SHEET_SHEETS,
            SAYS(ARG_TEXT("file", str_from(part->shown)), argument_digits(&part->scope->arena, "most", LISTED_MOST)));
    }
    if (str_eq(element->name, S("table"))) {
        struct workbook_sheet sheet = {.name = taken(part, element, "name")};
        str style = element_attribute(element, "style-name", NULL, NULL);
        for (size_t i = 0; i < reader->hidden.count; i++) {
            sheet.is_hidden |= str_eq(reader->hidden.items[i], style);
        }
        vec_add(arena, &reader->sheets, sheet);
    } else if (str_eq(element->name, S("style"))) {
        str name = element_attribute(element, "name", NULL, NULL);
        buf_clear(&reader->given);
        buf_add(&reader->given, utf8_truncate(name, LISTED_NAME_BYTES));
    } else if (str_eq(element->name, S("table-properties")) &&
               str_eq(element_attribute(element, "display", NULL, NULL), S("false"))) {
        vec_add(arena, &reader->hidden, str_copy(arena, buf_str(&reader->given)));
    }
    return ERR_OK;
}

/* ---- rows and cells ---- */

/* How often a thing is repeated, at least once and no more than most. */
static int64_t count_of(const struct element *element, const char *name, int64_t most)
{
    int64_t count;
    bool is_number = num_read_int(element_attribute(element, name, NULL, NULL), &count);
    return !is_number || count < 1 ? 1 : count > most ? most : count;
}

static char type_of(const struct element *element)
{
    static const struct {
        const char *name;
        char type;
    } types[] = {{"float", 'f'}, {"percentage", 'f'}, {"currency", 'f'}, {"date", 'd'},
                 {"time", 't'},  {"boolean", 'b'},    {"string", 's'}};
    str name = element_attribute(element, "value-type", OFFICE, NULL);
    if (str_eq(element_attribute(element, "value-type", "calcext", NULL), S("error"))) {
        return 'e';
    }
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        if (str_eq(name, str_from(types[i].name))) {
            return types[i].type;
        }
    }
    return element_attribute(element, "formula", NULL, NULL).p ? 'u' : 0;
}

static void show_merge(const struct table_reader *reader, const struct element *element)
{
    const struct workbook_visitor *visitor = reader->row->visitor;
    int64_t columns = count_of(element, "number-columns-spanned", WORKBOOK_COLUMNS);
    int64_t rows = count_of(element, "number-rows-spanned", WORKBOOK_ROWS);
    if (visitor->merge && (columns > 1 || rows > 1)) {
        struct workbook_merge merge = {reader->next_row, reader->next_row + rows - 1, reader->column,
                                       reader->column + (size_t)columns - 1};
        visitor->merge(visitor->user, &merge);
    }
}

static enum err begin_cell(struct part *part, const struct element *element)
{
    static const struct {
        char type;
        const char *name;
    } values[] = {{'f', "value"}, {'d', "date-value"}, {'t', "time-value"}, {'b', "boolean-value"},
                  {'s', "string-value"}};
    struct table_reader *reader = part->user;
    reader->in_cell = true;
    reader->columns = (size_t)count_of(element, "number-columns-repeated", WORKBOOK_COLUMNS + 1);
    reader->type = type_of(element);
    reader->has_given = false;
    reader->paragraphs = 0;
    show_merge(reader, element);
    buf_clear(&reader->given);
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        str given = values[i].type == reader->type
                        ? element_attribute(element, values[i].name, OFFICE, &reader->text)
                        : STR_NONE;
        if (given.p) {
            reader->has_given = true;
            TRY(cell_text_add(part, &reader->given, given));
        }
    }
    buf_clear(&reader->text);
    return ERR_OK;
}

static struct workbook_cell value_of(struct table_reader *reader, char scratch[VALUE_TEXT_BYTES])
{
    str text = buf_str(&reader->text);
    str given = reader->has_given ? buf_str(&reader->given) : text;
    switch (reader->type) {
    case 'f':
        return value_of_number(given, 0, false, scratch);
    case 'd':
        return value_of_date(given);
    case 't':
        return value_of_duration(given, scratch);
    case 'b':
        return value_of_boolean(given);
    case 'e':
        return (struct workbook_cell){.kind = VALUE_ERROR, .text = text};
    case 'u':
        return (struct workbook_cell){.kind = VALUE_UNSAVED};
    default:
        return value_of_text(given);
    }
}

static enum err finish_cell(struct part *part)
{
    struct table_reader *reader = part->user;
    char scratch[VALUE_TEXT_BYTES];
    struct workbook_cell cell = value_of(reader, scratch);
    reader->in_cell = false;
    if (cell.kind != VALUE_EMPTY && reader->column + reader->columns > WORKBOOK_COLUMNS) {
        reader->row->number = reader->next_row;
        return row_fault(part->scope, reader->row, MSG_FAULT_SHEET_ROW_WIDE);
    }
    for (size_t i = 0; cell.kind != VALUE_EMPTY && i < reader->columns; i++) {
        TRY(row_add(part->scope, reader->row, reader->column + i, cell, false));
    }
    reader->column += reader->columns;
    reader->column = reader->column > WORKBOOK_COLUMNS ? WORKBOOK_COLUMNS : reader->column;
    return ERR_OK;
}

static enum err finish_row(struct part *part)
{
    struct table_reader *reader = part->user;
    reader->in_row = false;
    reader->row->number = reader->next_row;
    reader->next_row += reader->rows;
    if (reader->next_row > WORKBOOK_ROWS + 1) {
        if (reader->row->count) {
            return row_fault(part->scope, reader->row, MSG_FAULT_SHEET_ROW_ROWS);
        }
        reader->next_row = WORKBOOK_ROWS + 1;
    }
    return row_show(part->scope, reader->row, reader->rows, &part->stop);
}

/* ---- texts ---- */

static enum err add_blanks(struct part *part, str text)
{
    struct table_reader *reader = part->user;
    if (reader->has_blank) {
        TRY(cell_text_add(part, &reader->text, S(" ")));
    }
    reader->has_blank = reader->is_start = false;
    return cell_text_add(part, &reader->text, text);
}

static enum err on_text(struct part *part, str text)
{
    struct table_reader *reader = part->user;
    if (!reader->in_paragraph || reader->skipping) {
        return ERR_OK;
    }
    for (size_t i = 0; i < text.n;) {
        size_t from = i;
        while (i < text.n && !is_ascii_space(text.p[i])) {
            i++;
        }
        if (i > from) {
            TRY(add_blanks(part, str_slice(text, from, i)));
        }
        for (; i < text.n && is_ascii_space(text.p[i]); i++) {
            reader->has_blank = !reader->is_start;
        }
    }
    return ERR_OK;
}

static enum err begin_in_cell(struct part *part, const struct element *element)
{
    static const char blanks[64] = "                                                               ";
    struct table_reader *reader = part->user;
    str name = element->name;
    if (str_eq(name, S("p")) || str_eq(name, S("h"))) {
        reader->in_paragraph = reader->is_start = true;
        reader->has_blank = false;
        return reader->paragraphs++ ? cell_text_add(part, &reader->text, S("\n")) : ERR_OK;
    }
    if (!reader->in_paragraph) {
        return ERR_OK;
    }
    if (str_eq(name, S("tab")) || str_eq(name, S("line-break"))) {
        return add_blanks(part, str_eq(name, S("tab")) ? S("\t") : S("\n"));
    }
    if (str_eq(name, S("s"))) {
        int64_t count = count_of(element, "c", WORKBOOK_ROWS);
        for (; count > 0; count -= 63) {
            TRY(add_blanks(part, (str){blanks, count > 63 ? 63 : (size_t)count}));
        }
    }
    return ERR_OK;
}

/* ---- the document ---- */

static bool is_beside_text(const struct table_reader *reader, const struct element *element)
{
    str name = element->name;
    return strstr(element->space, "xmlns:drawing") || str_eq(name, S("annotation")) ||
           str_eq(name, S("shapes")) || str_eq(name, S("ruby-text")) || str_eq(name, S("note")) ||
           (reader->in_table && str_eq(name, S("table")));
}

static bool is_cell(str name)
{
    return str_eq(name, S("table-cell")) || str_eq(name, S("covered-table-cell"));
}

static enum err on_start(struct part *part, const struct element *element)
{
    struct table_reader *reader = part->user;
    str name = element->name;
    if (reader->skipping || is_beside_text(reader, element)) {
        reader->skipping++;
        return ERR_OK;
    }
    if (reader->wanted == LISTING) {
        reader->in_table |= str_eq(name, S("table"));
        return list_item(part, element);
    }
    if (str_eq(name, S("table"))) {
        reader->in_table = true;
        reader->tables++;
    } else if (reader->tables != reader->wanted + 1 || !reader->in_table) {
        return ERR_OK;
    } else if (reader->in_cell) {
        return begin_in_cell(part, element);
    } else if (str_eq(name, S("table-row"))) {
        reader->in_row = true;
        reader->rows = count_of(element, "number-rows-repeated", WORKBOOK_ROWS + 1);
        reader->column = 0;
    } else if (reader->in_row && is_cell(name)) {
        return begin_cell(part, element);
    }
    return ERR_OK;
}

static enum err on_end(struct part *part, str name)
{
    struct table_reader *reader = part->user;
    if (reader->skipping) {
        reader->skipping--;
    } else if (str_eq(name, S("table"))) {
        reader->in_table = false;
        part->stop = reader->wanted != LISTING && reader->tables == reader->wanted + 1;
    } else if (reader->in_cell && is_cell(name)) {
        return finish_cell(part);
    } else if (reader->in_cell && (str_eq(name, S("p")) || str_eq(name, S("h")))) {
        reader->in_paragraph = false;
    } else if (reader->in_row && !reader->in_cell && str_eq(name, S("table-row"))) {
        return finish_row(part);
    }
    return ERR_OK;
}

static enum err read_content(struct scope *scope, struct workbook *workbook, struct table_reader *reader)
{
    static const struct part_handler handler = {on_start, on_end, on_text};
    enum err result = part_read(scope, workbook->archive, workbook->shown, "content.xml", &handler, reader);
    buf_done(&reader->given);
    buf_done(&reader->text);
    return result;
}

static enum err on_manifest(struct part *part, const struct element *element)
{
    return str_eq(element->name, S("encryption-data")) ? fail_in_words(part->scope, ERR_DATA, MSG_FAULT_SHEET_PASSWORD,
                                                                       SAYS(ARG_TEXT("file", str_from(part->shown))))
                                                       : ERR_OK;
}

enum err ods_open(struct scope *scope, struct workbook *workbook)
{
    static const struct part_handler handler = {.start = on_manifest};
    static const char manifest[] = "META-INF/manifest.xml";
    struct table_reader reader = {.workbook = workbook, .wanted = LISTING};
    if (archive_has(workbook->archive, manifest)) {
        TRY(part_read(scope, workbook->archive, workbook->shown, manifest, &handler, NULL));
    }
    TRY(read_content(scope, workbook, &reader));
    workbook->sheets = reader.sheets.items;
    workbook->sheet_count = reader.sheets.count;
    return ERR_OK;
}

enum err ods_read(struct scope *scope, struct workbook *workbook, size_t sheet, struct row *row)
{
    struct table_reader reader = {.workbook = workbook, .row = row, .wanted = sheet, .next_row = 1};
    return read_content(scope, workbook, &reader);
}
