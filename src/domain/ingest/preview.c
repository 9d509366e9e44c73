#include "domain/ingest/preview.h"

#include <stdio.h>
#include <unistd.h>

#include "base/utf8.h"
#include "domain/ingest/loading.h"
#include "domain/ingest/readable.h"
#include "domain/records/records.h"
#include "domain/records/spool_files.h"
#include "platform/geometry/geometry.h"

#define ENGINE_MEMORY ((uint64_t)512 << 20)
#define ENGINE_THREADS 2
#define LINE_BYTES (1 << 16) /* of a rejected row that is read */

/* ---- rows ---- */

/* A value as text: what a reader of the table would see, about. */
static void add_shown(const struct field *field, struct sql *out)
{
    str names[2];
    size_t count = column_names(out->arena, field, names);
    sql_text(out, "left(");
    if (count == 2) {
        sql_name(out, names[1]);
        sql_text(out, " || ', ' || ");
        sql_name(out, names[0]);
    } else if (field_is_list(field)) {
        sql_text(out, "array_to_string(");
        sql_name(out, names[0]);
        sql_text(out, ", ' · ')");
    } else if (field->type == FIELD_GEO_SHAPE) {
        sql_text(out, "shape_kind(");
        sql_name(out, names[0]);
        sql_text(out, ")::varchar");
    } else {
        sql_name(out, names[0]);
        sql_text(out, "::varchar");
    }
    sql_text_constant(out, str_printf(out->arena, ", %d)", PREVIEW_TEXT_BYTES));
}

static str shape_text(str bits)
{
    static const char *const names[] = {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString",
                                        "MultiPolygon", "GeometryCollection"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char number[24];
        int n = snprintf(number, sizeof(number), "%d", 1 << (i + GEOMETRY_POINT));
        if (str_eq(bits, (str){number, (size_t)n})) {
            return str_from(names[i]);
        }
    }
    return S("Geometry");
}

static void take_row(struct scope *scope, const struct batch *batch, size_t at, const struct schema *schema, str *row)
{
    for (size_t i = 0; i < schema->count; i++) {
        cell value = column_cell(&batch->columns[i], at);
        bool is_shape = schema->fields[i].type == FIELD_GEO_SHAPE;
        row[i] = value.type != CELL_TEXT ? STR_NONE
                 : is_shape              ? shape_text(value.text)
                                         : str_copy(&scope->arena, value.text);
    }
}

static enum err read_rows(struct scope *scope, struct db *db, struct preview *preview)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    str *rows = arena_array(&scope->arena, str, PREVIEW_ROWS * preview->schema.count);
    sql_text(&sql, "select ");
    for (size_t i = 0; i < preview->schema.count; i++) {
        sql_text_constant(&sql, i ? S(", ") : S(""));
        add_shown(&preview->schema.fields[i], &sql);
    }
    sql_text_constant(&sql, str_printf(&scope->arena, " from records limit %d", PREVIEW_ROWS));
    TRY(db_lease(scope, db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    preview->rows = rows;
    EACH_BATCH(scope, cursor, batch) {
        for (size_t i = 0; i < batch->rows && preview->row_count < PREVIEW_ROWS; i++) {
            take_row(scope, batch, i, &preview->schema, rows + preview->row_count++ * preview->schema.count);
        }
    }
    return ERR_OK;
}

/* ---- rows that do not fit ---- */

static str member_text(struct arena *arena, const json_t *row, const char *name)
{
    str text = json_read_text(json_object_get(row, name));
    return str_copy(arena, utf8_truncate(text.p ? text : S(""), PREVIEW_TEXT_BYTES));
}

static bool read_reject(struct scope *scope, str line, struct preview_reject *ret)
{
    json_t *row cleanup_with(json_cleanup) = NULL;
    struct arena *arena = &scope->arena;
    if (json_read(scope, ERR_DATA, line, "a rejected row", &row) != ERR_OK) {
        scope_forgive(scope);
        return false;
    }
    *ret = (struct preview_reject){.line = json_integer_value(json_object_get(row, "line")),
                                   .record = json_integer_value(json_object_get(row, "record")),
                                   .column = member_text(arena, row, "column"),
                                   .found = member_text(arena, row, "found"),
                                   .expected = member_text(arena, row, "expected"),
                                   .reason = member_text(arena, row, "reason"),
                                   .shape = member_text(arena, row, "shape")};
    return true;
}

const struct preview_reject *ingest_read_rejects(struct scope *scope, str lines, size_t most, size_t *ret_count)
{
    struct preview_reject *rejects = arena_array(&scope->arena, struct preview_reject, most);
    *ret_count = 0;
    while (lines.n && *ret_count < most) {
        str line;
        str_split(&lines, '\n', &line);
        *ret_count += line.n && read_reject(scope, line, &rejects[*ret_count]);
    }
    return rejects;
}

static void read_rejects(struct scope *scope, const char *path, struct preview *preview)
{
    FILE *file = preview->rejected ? fopen(path, "re") : NULL;
    char *bytes = file ? arena_alloc(&scope->arena, PREVIEW_REJECTS * LINE_BYTES) : NULL;
    size_t n = file ? fread(bytes, 1, PREVIEW_REJECTS * LINE_BYTES, file) : 0;
    preview->rejects = ingest_read_rejects(scope, (str){bytes, n}, PREVIEW_REJECTS, &preview->reject_count);
    if (file) {
        fclose(file);
    }
}

/* People find a row of a text by its line. */
static void find_lines(struct scope *scope, const struct readable_file *file, const struct layout *layout,
                       struct preview *preview)
{
    struct preview_reject *rejects = arena_array(&scope->arena, struct preview_reject, preview->reject_count);
    for (size_t i = 0; i < preview->reject_count; i++) {
        rejects[i] = preview->rejects[i];
        if (layout && !rejects[i].line && rejects[i].record) {
            rejects[i].line = find_line(file->path, rejects[i].record, str_trim(rejects[i].found), layout);
        }
    }
    preview->rejects = rejects;
}

/* ---- the sample ---- */

static enum err load_sample(struct scope *scope, struct db *db, const struct publish_options *options,
                            const struct readable_file *file, const char *rejects, struct preview *preview)
{
    struct ingest_result loaded;
    struct ingest_options ingest = {.path = file->path,
                                    .shown_path = readable_shown_path(options),
                                    .format = file->format,
                                    .is_compressed = file->is_compressed,
                                    .columns = file->columns,
                                    .column_count = file->column_count,
                                    .has_rows = file->has_rows,
                                    .wishes = options->wishes,
                                    .wish_count = options->wish_count,
                                    .points = options->points,
                                    .point_count = options->point_count,
                                    .skip_bad_rows = true,
                                    .empty_bad_cells = options->empty_bad_cells,
                                    .sample_rows = PREVIEW_SAMPLE,
                                    .rejects_path = rejects};
    TRY(ingest_load(scope, db, &ingest, &loaded));
    preview->schema = loaded.schema;
    preview->records = loaded.rows;
    preview->rejected = loaded.rejected;
    preview->is_cut |= loaded.rows + loaded.rejected >= SAMPLE_ROWS && strcmp(file->format, "parquet") == 0;
    struct remark *notes = arena_array(&scope->arena, struct remark,
                                       file->note_count + loaded.note_count + loaded.emptied_count);
    for (size_t i = 0; i < file->note_count; i++) {
        notes[preview->note_count++] = file->notes[i];
    }
    for (size_t i = 0; i < loaded.note_count; i++) {
        notes[preview->note_count++] = loaded.notes[i];
    }
    for (size_t i = 0; i < loaded.emptied_count; i++) {
        notes[preview->note_count++] = emptied_remark(&scope->arena, &loaded.emptied[i]);
    }
    preview->notes = notes;
    TRY(read_rows(scope, db, preview));
    TRY(suggest_types(scope, db, &preview->schema, &preview->suggestions));
    TRY(suggest_uses(scope, db, &preview->schema, !preview->is_cut, &preview->uses));
    read_rejects(scope, rejects, preview);
    find_lines(scope, file, loaded.layout, preview);
    return ERR_OK;
}

static enum err open_engine(struct scope *scope, const char *data, str temporary, struct db **ret_db)
{
    const char *directories[] = {data, NULL};
    struct db_options options = {.engine = DB_DUCKDB,
                                 .connections = 1,
                                 .threads = ENGINE_THREADS,
                                 .memory_bytes = ENGINE_MEMORY,
                                 .temporary_directory = temporary.p,
                                 .allowed_directories = directories};
    size_t own_count;
    size_t shared_count;
    const struct db_function *own = ingest_functions(&scope->arena, NULL, &own_count);
    const struct db_function *shared = records_functions(&shared_count);
    struct db_function *functions = arena_array(&scope->arena, struct db_function, own_count + shared_count);
    memcpy(functions, own, own_count * sizeof(*own));
    memcpy(functions + own_count, shared, shared_count * sizeof(*shared));
    options.functions = functions;
    options.function_count = own_count + shared_count;
    return db_open(scope, &options, ret_db);
}

static enum err look_at(struct scope *scope, const struct publish_options *options, const char *data,
                        struct readable_file *file, struct preview *preview)
{
    str spool = str_printf(&scope->arena, "%s/spool", data);
    str rejects = spool_name(&scope->arena, spool.p, "import");
    str temporary = spool_name(&scope->arena, spool.p, "engine");
    struct db *db = NULL;
    bool changed;
    preview->format = str_from(file->found);
    preview->is_cut = file->is_cut;
    if (strcmp(file->format, "parquet") != 0) {
        TRY(readable_check_encoding(scope, options, data, file, &changed));
    }
    TRY(open_engine(scope, data, temporary, &db));
    enum err result = load_sample(scope, db, options, file, rejects.p, preview);
    db_close(db);
    unlink(rejects.p);
    spool_remove(temporary.p);
    return result;
}

enum err ingest_preview(struct scope *scope, const struct publish_options *options, const char *data,
                        struct preview *ret_preview)
{
    struct publish_options sample = *options;
    struct field_wish *wishes = arena_array(&scope->arena, struct field_wish, options->wish_count);
    struct readable_file file = {0};
    *ret_preview = (struct preview){0};
    for (size_t i = 0; i < options->wish_count; i++) {
        wishes[i] = options->wishes[i];
        wishes[i].is_hidden = false;
        wishes[i].new_name = STR_NONE;
    }
    sample.wishes = wishes;
    sample.parts = &ret_preview->parts;
    sample.sample_rows = PREVIEW_SAMPLE;
    TRY(readable_open(scope, &sample, data, &file));
    enum err result = look_at(scope, &sample, data, &file, ret_preview);
    readable_close(&file);
    return result;
}
