/* What the readers of both kinds of workbook share. Private to this directory. */
#ifndef PLATFORM_SHEET_READ_READING_H
#define PLATFORM_SHEET_READ_READING_H

#include "base/buf.h"
#include "base/date.h"
#include "platform/sheet_read/workbook.h"
#include "platform/i18n/explanation.h"

struct zip;

/* ---- part.c: XML in an archive ---- */

struct part;

struct element {
    str name; /* without its prefix */
    const char *space;
    const unsigned char *const *attributes; /* libxml2's: name, prefix, namespace, value, end */
    int count;
};

struct part_handler {
    enum err (*start)(struct part *part, const struct element *element);
    enum err (*end)(struct part *part, str name);
    enum err (*text)(struct part *part, str text);
};

struct part {
    struct scope *scope;
    const char *shown;
    const char *name;
    void *user;
    bool stop; /* the rest is not needed */
};

enum err archive_open(struct scope *scope, const char *path, const char *shown,
                      struct zip **ret_archive) must_check;
bool archive_has(struct zip *archive, const char *name);

/** Reads the XML of an entry. Errors: ERR_DATA, ERR_TOO_LARGE, the handler's, those of scope_check. */
enum err part_read(struct scope *scope, struct zip *archive, const char *shown, const char *name,
                   const struct part_handler *handler, void *user) must_check;

/**
 * The value of an attribute; p == NULL: it is not there. space: a part of its namespace, or NULL for any.
 * Where the file has an ampersand the value is made in out, which may be NULL for values that have none.
 */
str element_attribute(const struct element *element, const char *name, const char *space, struct buf *out);

/* ---- number_format.c ---- */

enum { SHOWS_DAY = 1, SHOWS_TIME = 2, SHOWS_DURATION = 4 };

/** What a number format makes of a number: a day, a time or a duration; 0: neither. */
int number_format_shows(str code);
int number_format_shows_builtin(int64_t id);

/* ---- value.c ---- */

#define VALUE_TEXT_BYTES 48
#define LISTED_MOST 10000      /* sheets, relations, number formats of a workbook */
#define LISTED_NAME_BYTES 1000 /* of their names, which are cut */

/** A number as it is written; shows says whether it is a date. scratch holds the text of a time. */
struct workbook_cell value_of_number(str text, int shows, bool is_1904, char scratch[VALUE_TEXT_BYTES]);
struct workbook_cell value_of_date(str text);
struct workbook_cell value_of_duration(str text, char scratch[VALUE_TEXT_BYTES]);
struct workbook_cell value_of_boolean(str text);
struct workbook_cell value_of_text(str text);

/* ---- strings.c: shared strings ---- */

struct strings {
    struct buf bytes;
    struct buf starts; /* size_t each */
    size_t count;
};

/** _xHHHH_ in a text of an XLSX stands for a character (ST_Xstring); they are replaced in place. */
void unescape(struct buf *text, size_t from);
enum err strings_read(struct scope *scope, struct zip *archive, const char *shown, const char *name,
                      struct strings *strings) must_check;
bool strings_find(const struct strings *strings, str index, str *ret_text);
void strings_done(struct strings *strings);

/* ---- row.c ---- */

struct row {
    const char *shown;
    str sheet;
    const struct workbook_visitor *visitor;
    struct workbook_cell *cells; /* WORKBOOK_COLUMNS */
    size_t count;
    int64_t number;
    struct buf text; /* of the cells whose text.p is NULL; whole says where it begins */
};

/** Texts are copied unless is_lasting. */
enum err row_add(struct scope *scope, struct row *row, size_t column, struct workbook_cell cell,
                 bool is_lasting) must_check;

/** Shows the row as the repeated next ones and empties it. */
enum err row_show(struct scope *scope, struct row *row, int64_t repeated, bool *ret_stop) must_check;

enum err row_fault(struct scope *scope, const struct row *row, enum message message) must_check;

/** Adds to a text of a cell. Errors: ERR_TOO_LARGE (LIMIT_CELL_BYTES). */
enum err cell_text_add(struct part *part, struct buf *out, str text) must_check;

/** "AB12": column 27, row 12. False when it is none or beyond the edges of a sheet. */
bool reference_read(str text, size_t *ret_column, int64_t *ret_row);

/* ---- xlsx.c, xlsx_rows.c, ods.c ---- */

struct workbook {
    const char *shown;
    struct zip *archive;
    bool is_ods;
    struct workbook_sheet *sheets;
    const char **parts;      /* XLSX: where each sheet is */
    size_t sheet_count;
    bool is_1904;
    struct buf styles;       /* XLSX: what each style of a cell shows, a byte each */
    struct strings strings;
};

enum err xlsx_open(struct scope *scope, struct workbook *workbook) must_check;
enum err xlsx_read(struct scope *scope, struct workbook *workbook, size_t sheet, struct row *row)
    must_check;
enum err ods_open(struct scope *scope, struct workbook *workbook) must_check;
enum err ods_read(struct scope *scope, struct workbook *workbook, size_t sheet, struct row *row)
    must_check;

#endif
