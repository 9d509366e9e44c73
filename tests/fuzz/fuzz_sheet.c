/*
 * Any bytes as the parts of a workbook, in an archive that is sound: never a crash; rows come in ascending
 * order with cells that are what they say; and a sheet reads the same twice.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/utf8.h"
#include "platform/sheet_read/workbook.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define PARTS_MOST 6

/* ---- an archive whose entries are stored ---- */

struct archive {
    struct buf bytes, directory;
    unsigned entries;
};

static void add_number(struct buf *out, uint32_t number, int n)
{
    for (int i = 0; i < n; i++) {
        buf_add_char(out, (char)(number >> (8 * i)));
    }
}

/* What a local header and one of the directory share. */
static void add_facts(struct buf *out, const char *name, str content)
{
    add_number(out, 20, 2);
    add_number(out, 0, 4);
    add_number(out, 0, 4);
    add_number(out, (uint32_t)crc32(0, (const Bytef *)content.p, (uInt)content.n), 4);
    add_number(out, (uint32_t)content.n, 4);
    add_number(out, (uint32_t)content.n, 4);
    add_number(out, (uint32_t)strlen(name), 2);
    add_number(out, 0, 2);
}

static void add_part(struct archive *archive, const char *name, str content)
{
    uint32_t at = (uint32_t)archive->bytes.n;
    buf_add(&archive->bytes, S("PK\x03\x04"));
    add_facts(&archive->bytes, name, content);
    buf_add(&archive->bytes, str_from(name));
    buf_add(&archive->bytes, content);
    buf_add(&archive->directory, S("PK\x01\x02"));
    add_number(&archive->directory, 20, 2);
    add_facts(&archive->directory, name, content);
    add_number(&archive->directory, 0, 4); /* comment, disk */
    add_number(&archive->directory, 0, 4); /* attributes */
    add_number(&archive->directory, 0, 2);
    add_number(&archive->directory, at, 4);
    buf_add(&archive->directory, str_from(name));
    archive->entries++;
}

static void finish(struct archive *archive)
{
    uint32_t at = (uint32_t)archive->bytes.n;
    buf_add(&archive->bytes, buf_str(&archive->directory));
    buf_add(&archive->bytes, S("PK\x05\x06"));
    add_number(&archive->bytes, 0, 4);
    add_number(&archive->bytes, archive->entries, 2);
    add_number(&archive->bytes, archive->entries, 2);
    add_number(&archive->bytes, (uint32_t)archive->directory.n, 4);
    add_number(&archive->bytes, at, 4);
    add_number(&archive->bytes, 0, 2);
}

/* ---- reading ---- */

struct sum {
    int64_t row, rows;
    uint64_t hash;
};

static enum err on_row(void *user, const struct workbook_row *row, bool *ret_stop)
{
    struct sum *sum = user;
    bug_if(row->number <= sum->row || row->number > WORKBOOK_ROWS);
    bug_if(row->count == 0 || row->count > WORKBOOK_COLUMNS);
    bug_if(row->cells[row->count - 1].kind == VALUE_EMPTY);
    for (size_t i = 0; i < row->count; i++) {
        const struct workbook_cell *value = &row->cells[i];
        bug_if(value->kind == VALUE_TEXT && value->text.n == 0);
        bug_if(value->text.n && !utf8_is_valid(value->text));
        bug_if(value->kind == VALUE_BOOLEAN && value->whole != 0 && value->whole != 1);
        sum->hash = sum->hash * 31 + (uint64_t)value->kind + (value->text.n ? str_hash(value->text) : 0);
        sum->hash += value->kind == VALUE_INT || value->kind == VALUE_DAY ? (uint64_t)value->whole : 0;
    }
    sum->row = row->number;
    *ret_stop = ++sum->rows == 1000; /* repeated rows take long */
    return ERR_OK;
}

static void on_merge(void *user, const struct workbook_merge *merge)
{
    struct sum *sum = user;
    sum->hash += (uint64_t)merge->first_row + merge->last_column;
}

static void read_book(const char *path, const char *format)
{
    struct scope scope;
    struct workbook *workbook;
    scope_open(&scope);
    if (book_open(&scope, path, "fuzz", format, &workbook) == ERR_OK) {
        size_t count;
        book_sheets(workbook, &count);
        for (size_t i = 0; i < count && i < 3; i++) {
            struct sum first = {0};
            struct sum second = {0};
            enum err once = book_read(&scope, workbook, i, &(struct workbook_visitor){on_row, on_merge, &first});
            scope_forgive(&scope);
            enum err twice = book_read(&scope, workbook, i, &(struct workbook_visitor){on_row, on_merge, &second});
            scope_forgive(&scope);
            bug_if(once != twice || first.rows != second.rows || first.hash != second.hash);
        }
        book_close(workbook);
    } else {
        bug_if(scope.failure.code != ERR_DATA && scope.failure.code != ERR_TOO_LARGE);
    }
    scope_close(&scope);
}

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

/* The first byte: an ODS, or an XLSX whose parts are what stands between NUL bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[PARTS_MOST] = {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml",
                                                  "xl/styles.xml", "xl/workbook.xml",
                                                  "xl/_rels/workbook.xml.rels", "_rels/.rels"};
    static const char *const usual[PARTS_MOST] = {
        "<worksheet/>", "<sst/>", "<styleSheet/>",
        "<workbook xmlns:r='" OFFICE "'><sheets><sheet name='S' r:id='a'/></sheets></workbook>",
        "<R><Relationship Id='a' Type='" OFFICE "worksheet' Target='worksheets/sheet1.xml'/>"
        "<Relationship Id='b' Type='" OFFICE "sharedStrings' Target='sharedStrings.xml'/>"
        "<Relationship Id='c' Type='" OFFICE "styles' Target='/xl/styles.xml'/></R>",
        "<R/>"};
    struct archive archive = {0};
    char path[64];
    if (size == 0) {
        return 0;
    }
    str rest = {(const char *)bytes + 1, size - 1};
    bool is_ods = bytes[0] == 'o';
    if (is_ods) {
        add_part(&archive, "content.xml", rest);
    }
    for (int i = 0; i < PARTS_MOST && !is_ods; i++) {
        str part = STR_NONE;
        bool is_given = rest.p && str_split(&rest, '\0', &part) && part.n;
        add_part(&archive, names[i], is_given ? part : str_from(usual[i]));
    }
    finish(&archive);
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    bug_if(file < 0 || write(file, archive.bytes.p, archive.bytes.n) != (ssize_t)archive.bytes.n);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    read_book(path, is_ods ? "ods" : "xlsx");
    close(file);
    buf_done(&archive.bytes);
    buf_done(&archive.directory);
    return 0;
}
