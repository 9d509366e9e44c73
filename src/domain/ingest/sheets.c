#include "domain/ingest/sheets.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/num.h"
#include "domain/ingest/loading.h"
#include "domain/records/spool_files.h"
#include "platform/i18n/explanation.h"
#include "platform/text/fold.h"

#define TEXT (1u << VALUE_TEXT)
#define INT (1u << VALUE_INT)
#define DOUBLE (1u << VALUE_DOUBLE)
#define BOOLEAN (1u << VALUE_BOOLEAN)
#define DAY (1u << VALUE_DAY)
#define INSTANT (1u << VALUE_INSTANT)

bool sheets_know(const char *format)
{
    return strcmp(format, "xlsx") == 0 || strcmp(format, "ods") == 0;
}

/* How a column is written. */
struct output {
    size_t column;
    enum field_type type;
    bool is_open;    /* the type is found out from what is written */
    bool are_points;
    bool are_documents;
    str key;
    str label;
};

/* One conversion under way. */
struct conversion {
    struct scope *scope;
    const struct publish_options *options;
    const char *shown;
    struct workbook *workbook;
    struct sheet_survey survey;
    size_t sheet;
    struct output *outputs;
    size_t output_count;
    FILE *output;
    struct buf line;
    int64_t records; /* written */
    uint64_t bytes;
    VEC(struct remark) notes;
};

/* ---- which sheet ---- */

static enum err count_row(void *user, const struct workbook_row *row, bool *ret_stop)
{
    (void)row, (void)ret_stop;
    ++*(int64_t *)user;
    return ERR_OK;
}

static enum err list_sheets(struct conversion *conversion, str *ret_list)
{
    size_t count;
    const struct workbook_sheet *sheets = book_sheets(conversion->workbook, &count);
    str list = STR_NONE;
    for (size_t i = 0; i < count && list.n < 1000; i++) {
        int64_t rows = 0;
        struct workbook_visitor visitor = {count_row, NULL, &rows};
        TRY(book_read(conversion->scope, conversion->workbook, i, &visitor));
        list = str_printf(&conversion->scope->arena, "%.*s%s%zu '%.*s' (%lld rows%s)", STR_ARG(list),
                          i ? ", " : "", i + 1, STR_ARG(sheets[i].name), (long long)rows,
                          sheets[i].is_hidden ? ", hidden" : "");
    }
    *ret_list = list;
    return ERR_OK;
}

static enum err survey_sheet(struct conversion *conversion, size_t sheet)
{
    conversion->sheet = sheet;
    conversion->survey = (struct sheet_survey){.scope = conversion->scope,
                                               .shown = conversion->shown,
                                               .wanted_header = conversion->options->header_row,
                                               .records_most = conversion->options->sample_rows,
                                               .columns = conversion->survey.columns};
    return sheet_survey_read(conversion->scope, conversion->workbook, sheet, &conversion->survey);
}

static enum err choose_named_sheet(struct conversion *conversion)
{
    str wanted = str_from(conversion->options->sheet);
    size_t count;
    const struct workbook_sheet *sheets = book_sheets(conversion->workbook, &count);
    int64_t number;
    str list;
    for (size_t i = 0; i < count; i++) {
        if (str_eq(sheets[i].name, wanted)) {
            return survey_sheet(conversion, i);
        }
    }
    if (num_read_int(wanted, &number) && number >= 1 && (uint64_t)number <= count) {
        return survey_sheet(conversion, (size_t)number - 1);
    }
    TRY(list_sheets(conversion, &list));
    return fail_and_tell(
        conversion->scope, ERR_USAGE, MSG_FAULT_SHEET_ABSENT,
        SAYS(ARG_TEXT("file", str_from(conversion->shown)), ARG_TEXT("sheet", wanted), ARG_TEXT("sheets", list)),
        "--sheet: %s has no sheet '%.*s'; it has %.*s", conversion->shown, STR_ARG(wanted), STR_ARG(list));
}

static void tell_sheets(struct conversion *conversion)
{
    struct publish_parts *parts = conversion->options->parts;
    size_t count;
    const struct workbook_sheet *sheets = book_sheets(conversion->workbook, &count);
    if (parts) {
        str *names = arena_array(&conversion->scope->arena, str, count);
        for (size_t i = 0; i < count; i++) {
            names[i] = str_copy(&conversion->scope->arena, sheets[i].name);
        }
        *parts = (struct publish_parts){true, names, count};
    }
}

/* The first that people see and that has records. */
static enum err choose_sheet(struct conversion *conversion)
{
    struct arena *arena = &conversion->scope->arena;
    size_t count;
    const struct workbook_sheet *sheets = book_sheets(conversion->workbook, &count);
    str list;
    if (conversion->options->sheet) {
        TRY(choose_named_sheet(conversion));
        if (conversion->survey.lacks_header) {
            return fail_and_tell(
                conversion->scope, ERR_USAGE, MSG_FAULT_SHEET_HEADER_EMPTY,
                SAYS(argument_digits(&conversion->scope->arena, "row", conversion->options->header_row),
                     ARG_TEXT("sheet", conversion->survey.sheet), ARG_TEXT("file", str_from(conversion->shown))),
                "--header-row: row %lld of the sheet '%.*s' of %s is empty", (long long)conversion->options->header_row,
                STR_ARG(conversion->survey.sheet), conversion->shown);
        }
        return conversion->survey.records ? ERR_OK
                                          : fail_and_tell(conversion->scope, ERR_DATA, MSG_FAULT_SHEET_NO_RECORDS,
                                                          SAYS(ARG_TEXT("file", str_from(conversion->shown)),
                                                               ARG_TEXT("sheet", conversion->survey.sheet)),
                                                          "%s: the sheet '%.*s' has no records%s", conversion->shown,
                                                          STR_ARG(conversion->survey.sheet),
                                                          conversion->survey.header ? " below its header" : "");
    }
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_get_mark(arena);
        if (sheets[i].is_hidden) {
            continue;
        }
        TRY(survey_sheet(conversion, i));
        if (conversion->survey.records) {
            return ERR_OK;
        }
        arena_rewind(arena, mark);
    }
    TRY(list_sheets(conversion, &list));
    return fail_and_tell(
        conversion->scope, ERR_DATA, MSG_FAULT_SHEET_NONE_FILLED,
        SAYS(ARG_TEXT("file", str_from(conversion->shown)), ARG_TEXT("sheets", list)),
        "%s: no sheet that is visible has records below a header; it has %.*s; choose one with --sheet NAME",
        conversion->shown, STR_ARG(list));
}

/* ---- columns ---- */

static void note(struct conversion *conversion, struct remark remark)
{
    vec_add(&conversion->scope->arena, &conversion->notes, remark);
}

static void type_output(const struct sheet_column *column, struct output *output)
{
    unsigned kinds = column->kinds;
    output->type = kinds == INT                                                ? FIELD_INT
                   : (kinds & ~(INT | DOUBLE)) == 0 && kinds && !column->has_large ? FIELD_DOUBLE
                   : kinds == BOOLEAN                                          ? FIELD_BOOLEAN
                   : kinds == DAY                                              ? FIELD_DATE
                   : (kinds & ~(DAY | INSTANT)) == 0 && kinds                  ? FIELD_DATETIME
                                                                               : FIELD_TEXT;
    /* Dates before 1900 are texts in a workbook, as are geometries. */
    output->is_open = output->type == FIELD_TEXT && (kinds & ~(TEXT | DAY | INSTANT)) == 0;
}

static void note_mixture(struct conversion *conversion, const struct output *output)
{
    const struct sheet_column *column = &conversion->survey.columns[output->column];
    if (output->type == FIELD_TEXT && !output->is_open && (column->kinds & (column->kinds - 1))) {
        struct arena *arena = &conversion->scope->arena;
        note(conversion, remark_in_words(arena, MSG_NOTE_TEXT,
                                         SAYS(ARG_TEXT("column", output->label),
                                              ARG_TEXT("kind", column->text_row ? S("text") : S("several")),
                                              argument_digits(arena, "row", column->text_row))));
    }
}

static void make_outputs(struct conversion *conversion)
{
    struct arena *arena = &conversion->scope->arena;
    const struct sheet_survey *survey = &conversion->survey;
    conversion->outputs = arena_array(arena, struct output, survey->used_count);
    for (size_t i = 0; i < survey->column_count; i++) {
        const struct sheet_column *column = &survey->columns[i];
        char letters[4];
        if (!column->is_used) {
            continue;
        }
        struct output *output = &conversion->outputs[conversion->output_count++];
        output->column = i;
        output->key = str_copy(arena, (str){letters, book_column_letters(i, letters)});
        output->label = column->label.p ? column->label
                                        : str_printf(arena, "Column %.*s", STR_ARG(output->key));
        type_output(column, output);
        output->are_points = column->kinds == TEXT && column->are_points &&
                             name_suggests_point(text_identifier(arena, output->label));
        output->are_documents = column->kinds == TEXT && column->are_documents;
        note_mixture(conversion, output);
    }
}

static void note_reading(struct conversion *conversion)
{
    struct arena *arena = &conversion->scope->arena;
    const struct sheet_survey *survey = &conversion->survey;
    str header = survey->header ? S("row") : conversion->options->header_row == 0 ? S("none") : S("letters");
    const struct message_argument *arguments = SAYS(ARG_TEXT("sheet", survey->sheet), ARG_TEXT("header", header),
                                                    argument_digits(arena, "row", survey->header));
    note(conversion, str_eq(header, S("letters"))
                         ? remark_and_tell(arena, MSG_NOTE_SHEET, arguments,
                                           str_printf(arena, "the sheet '%.*s' was read; no row was taken for a header, so "
                                                             "columns are called by their letters; --header-row N names one",
                                                      STR_ARG(survey->sheet)))
                         : remark_in_words(arena, MSG_NOTE_SHEET, arguments));
    if (survey->errors) {
        note(conversion, remark_in_words(arena, MSG_NOTE_CELL_ERRORS,
                                         SAYS(ARG_INT("count", survey->errors), ARG_TEXT("example", survey->first_error))));
    }
    if (survey->unsaved) {
        note(conversion, remark_in_words(arena, MSG_NOTE_FORMULAS, SAYS(ARG_INT("count", survey->unsaved))));
    }
}

/* ---- writing ---- */

static void write_double(double real, bool is_text, struct json_writer *json)
{
    char text[NUM_DOUBLE_BYTES];
    if (!is_text && fabs(real) < 1e15) {
        json_double(json, real);
        return;
    }
    if (fabs(real) < 1e15) {
        json_text(json, (str){text, num_write_double(text, real)});
        return;
    }
    /* Whole numbers of so many digits are taken for codes; an exponent says that this is none. */
    int n = snprintf(text, sizeof(text), "%.16e", real);
    json_text(json, (str){text, (size_t)n});
}

static void write_point(str text, struct json_writer *json)
{
    double latitude;
    double longitude;
    if (!read_point(str_trim(text), &latitude, &longitude)) {
        json_write_null(json);
        return;
    }
    json_object_begin(json);
    json_key(json, S("lat"));
    json_double(json, latitude);
    json_key(json, S("lon"));
    json_double(json, longitude);
    json_object_end(json);
}

/* Line ends between its parts would end the record. */
static void write_document(str text, struct json_writer *json)
{
    struct buf *out = json->out;
    size_t from = out->n;
    json_raw(json, str_trim(text));
    for (size_t i = from; i < out->n; i++) {
        out->p[i] = out->p[i] == '\n' || out->p[i] == '\r' ? ' ' : out->p[i];
    }
}

static void write_value(struct conversion *conversion, const struct output *output,
                        const struct workbook_cell *value, struct json_writer *json)
{
    bool has_times = conversion->survey.columns[output->column].kinds & INSTANT;
    bool is_text = output->type == FIELD_TEXT;
    char text[DATE_TEXT_BYTES];
    switch (value->kind) {
    case VALUE_TEXT:
        if (output->are_points) {
            write_point(value->text, json);
        } else if (output->are_documents) {
            write_document(value->text, json);
        } else {
            json_text(json, value->text);
        }
        break;
    case VALUE_INT:
        json_int(json, value->whole);
        break;
    case VALUE_DOUBLE:
        write_double(value->real, is_text, json);
        break;
    case VALUE_BOOLEAN:
        json_bool(json, value->whole);
        break;
    case VALUE_DAY:
        json_text(json, (str){text, has_times ? date_write_instant(text, value->whole * USEC_DAY, 0)
                                              : date_write_day(text, (int32_t)value->whole)});
        break;
    case VALUE_INSTANT:
        json_text(json, (str){text, date_write_instant(text, value->whole, 0)});
        break;
    default:
        json_write_null(json);
    }
}

static enum err write_line(struct conversion *conversion, int64_t row)
{
    struct scope *scope = conversion->scope;
    struct buf *line = &conversion->line;
    buf_add_char(line, '\n');
    conversion->bytes += line->n;
    if (line->n > LIMIT_RECORD_BYTES) {
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_FILE_ROW_LARGE,
                             SAYS(ARG_TEXT("file", str_from(conversion->shown)),
                                  argument_digits(&scope->arena, "row", row),
                                  argument_digits(&scope->arena, "most", LIMIT_RECORD_BYTES >> 20)));
    }
    if (conversion->bytes > LIMIT_SPOOL_BYTES) {
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_FILE_LARGE,
                             SAYS(ARG_TEXT("file", str_from(conversion->shown)),
                                  argument_digits(&scope->arena, "most", LIMIT_SPOOL_BYTES >> 30)));
    }
    return fwrite(line->p, 1, line->n, conversion->output) == line->n
               ? ERR_OK
               : fail(scope, ERR_FILE, "the spool directory cannot be written (%s)", strerror(errno));
}

static enum err write_row(void *user, const struct workbook_row *row, bool *ret_stop)
{
    struct conversion *conversion = user;
    struct ingest_progress *progress = conversion->options->progress;
    struct json_writer json = json_writer_to(&conversion->line);
    if (row->number <= conversion->survey.header) {
        return ERR_OK;
    }
    *ret_stop = ++conversion->records == conversion->options->sample_rows;
    buf_clear(&conversion->line);
    json_object_begin(&json);
    json_key_int(&json, S(INGEST_ROW_KEY), row->number);
    for (size_t i = 0; i < conversion->output_count; i++) {
        const struct output *output = &conversion->outputs[i];
        if (output->column < row->count && row->cells[output->column].kind != VALUE_EMPTY) {
            json_key(&json, output->key);
            write_value(conversion, output, &row->cells[output->column], &json);
        }
    }
    json_object_end(&json);
    if (progress) {
        atomic_fetch_add(&progress->rows, 1);
    }
    return write_line(conversion, row->number);
}

static enum err convert(struct conversion *conversion)
{
    struct ingest_progress *progress = conversion->options->progress;
    struct workbook_visitor visitor = {write_row, NULL, conversion};
    if (progress) {
        atomic_store(&progress->phase, "converting");
    }
    tell_sheets(conversion);
    TRY(choose_sheet(conversion));
    note_reading(conversion);
    make_outputs(conversion);
    if (progress) {
        atomic_store(&progress->rows_expected, conversion->survey.records);
    }
    return book_read(conversion->scope, conversion->workbook, conversion->sheet, &visitor);
}

static void describe(struct conversion *conversion, const char *path, struct readable_file *ret)
{
    struct arena *arena = &conversion->scope->arena;
    struct known_column *columns = arena_array(arena, struct known_column, conversion->output_count);
    for (size_t i = 0; i < conversion->output_count; i++) {
        const struct output *output = &conversion->outputs[i];
        columns[i] = (struct known_column){.label = output->label,
                                           .key = output->key,
                                           .type = output->type,
                                           .is_open = output->is_open};
    }
    *ret = (struct readable_file){.path = path,
                                  .format = "jsonl",
                                  .is_spooled = true,
                                  .columns = columns,
                                  .column_count = conversion->output_count,
                                  .has_rows = true,
                                  .is_cut = conversion->records == conversion->options->sample_rows,
                                  .notes = conversion->notes.items,
                                  .note_count = conversion->notes.count};
}

static enum err convert_to(struct conversion *conversion, const char *path)
{
    struct scope *scope = conversion->scope;
    conversion->output = fopen(path, "wxe");
    if (!conversion->output) {
        return fail_system(scope, errno, path, "it cannot be made");
    }
    enum err result = convert(conversion);
    if (fclose(conversion->output) != 0 && result == ERR_OK) {
        result = fail_system(scope, errno, path, "it cannot be written");
    }
    if (result != ERR_OK) {
        unlink(path);
    }
    return result;
}

enum err sheets_convert(struct scope *scope, const struct publish_options *options, const char *data,
                        const char *path, const char *format, struct readable_file *ret)
{
    struct conversion conversion = {.scope = scope, .options = options, .shown = readable_shown_path(options)};
    str spool = str_printf(&scope->arena, "%s/spool", data);
    str output = spool_name(&scope->arena, spool.p, "import");
    TRY(book_open(scope, path, conversion.shown, format, &conversion.workbook));
    conversion.survey.columns = arena_array(&scope->arena, struct sheet_column, WORKBOOK_COLUMNS);
    enum err result = convert_to(&conversion, output.p);
    book_close(conversion.workbook);
    buf_done(&conversion.line);
    if (result == ERR_OK) {
        describe(&conversion, output.p, ret);
    }
    return result;
}
