/* The first reading of a sheet: its header, its columns and what they hold. */
#include "base/json_read.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/ingest/infer.h"
#include "domain/ingest/sheets.h"
#include "platform/i18n/explanation.h"

#define LABEL_BYTES 1000
#define MERGES_MOST 10000
#define EXACT_WHOLE ((int64_t)1 << 53)

/* ---- columns ---- */

static enum err use_column(struct sheet_survey *survey, size_t column)
{
    if (!survey->columns[column].is_used) {
        survey->columns[column] = (struct sheet_column){.is_used = true,
                                                               .are_points = true,
                                                               .are_documents = true};
        survey->used_count++;
        survey->column_count = column + 1 > survey->column_count ? column + 1 : survey->column_count;
    }
    return survey->used_count <= LIMIT_FIELDS
               ? ERR_OK
               : fail_in_words(survey->scope, ERR_DATA, MSG_FAULT_SHEET_COLUMNS,
                               SAYS(ARG_TEXT("file", str_from(survey->shown)), ARG_TEXT("sheet", survey->sheet),
                                    argument_digits(&survey->scope->arena, "most", LIMIT_FIELDS)));
}

static bool is_document(struct scope *scope, str text)
{
    json_t *json cleanup_with(json_cleanup) = NULL;
    text = str_trim(text);
    if (!str_starts(text, S("{")) || text.n > LIMIT_CELL_BYTES) {
        return false;
    }
    struct arena_mark mark = arena_get_mark(&scope->arena);
    bool is_read = json_read(scope, ERR_DATA, text, "cell", &json) == ERR_OK;
    if (!is_read) {
        scope_forgive(scope);
    }
    arena_rewind(&scope->arena, mark);
    return is_read;
}

static enum err note_value(struct sheet_survey *survey, int64_t row, size_t at,
                           const struct workbook_cell *value, bool is_text_document)
{
    double latitude;
    double longitude;
    TRY(use_column(survey, at));
    struct sheet_column *column = &survey->columns[at];
    if (value->kind == VALUE_ERROR || value->kind == VALUE_UNSAVED) {
        if (value->kind == VALUE_ERROR && survey->errors++ == 0) {
            survey->first_error = str_copy(&survey->scope->arena, utf8_truncate(value->text, 40));
        }
        survey->unsaved += value->kind == VALUE_UNSAVED;
        return ERR_OK;
    }
    column->kinds |= 1u << value->kind;
    if (value->kind == VALUE_TEXT) {
        column->text_row = column->text_row ? column->text_row : row;
        column->are_documents &= is_text_document;
        column->are_points = column->are_points && read_point(str_trim(value->text), &latitude, &longitude);
    } else if (value->kind == VALUE_INT) {
        column->has_large |= value->whole > EXACT_WHOLE || value->whole < -EXACT_WHOLE;
    }
    return ERR_OK;
}

/* ---- the header ---- */

/* One line; NULL when nothing is left. */
static str label_of(struct arena *arena, const struct workbook_cell *value)
{
    char text[DATE_TEXT_BYTES];
    if (value->kind == VALUE_INT) {
        return str_printf(arena, "%lld", (long long)value->whole);
    }
    if (value->kind == VALUE_DOUBLE) {
        return str_printf(arena, "%.15g", value->real);
    }
    if (value->kind == VALUE_DAY) {
        return str_copy(arena, (str){text, date_write_day(text, (int32_t)value->whole)});
    }
    str label = str_copy(arena, str_trim(value->text));
    char *bytes = (char *)(uintptr_t)label.p;
    for (size_t i = 0; i < label.n; i++) {
        bytes[i] = (unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f ? ' ' : bytes[i];
    }
    return label.n ? label : STR_NONE;
}

static str label_at(const struct sheet_survey *survey, int64_t row, size_t column)
{
    for (size_t i = 0; i < survey->head.count; i++) {
        const struct head_row *head = &survey->head.items[i];
        for (size_t j = 0; head->number == row && j < head->count; j++) {
            if (head->cells[j].column == column) {
                return label_of(&survey->scope->arena, &head->cells[j].cell);
            }
        }
    }
    return STR_NONE;
}

/* Cells of the header that are merged with others have the value of the first. */
static enum err spread_labels(struct sheet_survey *survey)
{
    for (size_t i = 0; i < survey->merges.count; i++) {
        const struct workbook_merge *merge = &survey->merges.items[i];
        if (survey->header < merge->first_row || survey->header > merge->last_row) {
            continue;
        }
        str label = label_at(survey, merge->first_row, merge->first_column);
        for (size_t at = merge->first_column; label.p && at <= merge->last_column && at < WORKBOOK_COLUMNS; at++) {
            if (!survey->columns[at].label.p) {
                TRY(use_column(survey, at));
                survey->columns[at].label = label;
            }
        }
    }
    return ERR_OK;
}

static bool has_wanted(const struct sheet_survey *survey)
{
    for (size_t i = 0; i < survey->head.count; i++) {
        if (survey->head.items[i].number == survey->wanted_header) {
            return true;
        }
    }
    return survey->wanted_header == 0;
}

/* The header is known from here on: what was kept is looked at again as header and records. */
static enum err decide(struct sheet_survey *survey)
{
    survey->is_decided = true;
    survey->header = survey->wanted_header;
    if (survey->wanted_header == SHEET_HEADER_FIND) {
        size_t at = sheet_find_header(&survey->scope->arena, survey->head.items, survey->head.count);
        survey->header = at == SIZE_MAX ? 0 : survey->head.items[at].number;
    } else if (!has_wanted(survey)) {
        survey->lacks_header = true;
        return ERR_OK;
    }
    for (size_t i = 0; i < survey->head.count; i++) {
        const struct head_row *row = &survey->head.items[i];
        survey->records += row->number > survey->header;
        for (size_t j = 0; row->number >= survey->header && j < row->count; j++) {
            size_t column = row->cells[j].column;
            if (row->number > survey->header) {
                TRY(note_value(survey, row->number, column, &row->cells[j].cell, row->cells[j].is_document));
                continue;
            }
            TRY(use_column(survey, column));
            survey->columns[column].label = label_of(&survey->scope->arena, &row->cells[j].cell);
        }
    }
    return ERR_OK;
}

/* ---- rows ---- */

static enum err keep_row(struct sheet_survey *survey, const struct workbook_row *row)
{
    struct arena *arena = &survey->scope->arena;
    struct head_row head = {.number = row->number};
    size_t filled = 0;
    for (size_t i = 0; i < row->count; i++) {
        filled += row->cells[i].kind != VALUE_EMPTY;
    }
    if (filled > LIMIT_FIELDS) {
        return fail_in_words(survey->scope, ERR_DATA, MSG_FAULT_SHEET_ROW_COLUMNS,
                             SAYS(ARG_TEXT("file", str_from(survey->shown)), ARG_TEXT("sheet", survey->sheet),
                                  argument_digits(&survey->scope->arena, "row", row->number),
                                  argument_digits(&survey->scope->arena, "most", LIMIT_FIELDS)));
    }
    head.cells = arena_array(arena, struct head_cell, filled);
    for (size_t i = 0; i < row->count; i++) {
        if (row->cells[i].kind != VALUE_EMPTY) {
            struct workbook_cell value = row->cells[i];
            bool is_text_document = is_document(survey->scope, value.text);
            value.text = str_copy(arena, utf8_truncate(value.text, LABEL_BYTES));
            head.cells[head.count++] = (struct head_cell){i, value.kind, value, is_text_document};
        }
    }
    vec_add(arena, &survey->head, head);
    return ERR_OK;
}

static enum err on_row(void *user, const struct workbook_row *row, bool *ret_stop)
{
    struct sheet_survey *survey = user;
    bool has_wish = survey->wanted_header != SHEET_HEADER_FIND;
    if (!survey->is_decided && has_wish && row->number > survey->wanted_header) {
        TRY(decide(survey));
    }
    if (survey->lacks_header) {
        *ret_stop = true;
        return ERR_OK;
    }
    if (!survey->is_decided) {
        bool is_kept = survey->head.count < SHEET_HEAD_ROWS || row->number == survey->wanted_header;
        TRY(is_kept ? keep_row(survey, row) : ERR_OK);
        return survey->head.count == SHEET_HEAD_ROWS && !has_wish ? decide(survey) : ERR_OK;
    }
    *ret_stop = ++survey->records == survey->records_most;
    for (size_t i = 0; i < row->count; i++) {
        const struct workbook_cell *value = &row->cells[i];
        const struct sheet_column *column = &survey->columns[i];
        bool may_be = value->kind == VALUE_TEXT && (column->are_documents || !column->is_used);
        if (value->kind != VALUE_EMPTY) {
            TRY(note_value(survey, row->number, i, value, may_be && is_document(survey->scope, value->text)));
        }
    }
    return ERR_OK;
}

static void on_merge(void *user, const struct workbook_merge *merge)
{
    struct sheet_survey *survey = user;
    bool can_matter = !survey->is_decided ||
                      (merge->first_row <= survey->header && merge->last_row >= survey->header);
    if (can_matter && survey->merges.count < MERGES_MOST) {
        vec_add(&survey->scope->arena, &survey->merges, *merge);
    }
}

enum err sheet_survey_read(struct scope *scope, struct workbook *workbook, size_t sheet,
                           struct sheet_survey *survey)
{
    struct workbook_visitor visitor = {on_row, on_merge, survey};
    size_t count;
    survey->sheet = book_sheets(workbook, &count)[sheet].name;
    memset(survey->columns, 0, WORKBOOK_COLUMNS * sizeof(*survey->columns));
    TRY(book_read(scope, workbook, sheet, &visitor));
    if (!survey->is_decided) {
        TRY(decide(survey));
    }
    return spread_labels(survey);
}
