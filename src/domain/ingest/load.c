/*
 * Types come from a sample of a CSV file and are then enforced by strict readers; if a later row
 * contradicts, all values are looked at once and the load is repeated with what fits them all. JSON
 * is looked at as a whole from the start.
 */
#include "domain/ingest/loading.h"
#include "domain/records/records.h"

static void set_running(struct loading *loading, const char *phase)
{
    struct ingest_progress *progress = loading->options->progress;
    if (progress) {
        atomic_store(&progress->rows, 0);
        atomic_store(&progress->phase, phase);
    }
}

/* Text files were measured when they were opened; the engine knows how many rows the others hold. */
static enum err expect_rows(struct loading *loading)
{
    struct ingest_progress *progress = loading->options->progress;
    if (!progress || str_eq(str_from(loading->options->format), S("csv"))) {
        return ERR_OK;
    }
    struct sql count = sql_in(&loading->scope->arena);
    cell rows;
    sql_text(&count, "select count(*) from ");
    sql_join(&count, &loading->source.relation);
    TRY(db_query_cell(loading->scope, loading->lease, &count, &rows));
    atomic_store(&progress->rows_expected, rows.number);
    return ERR_OK;
}

static enum err make_table(struct loading *loading, str kind, str name)
{
    struct sql sql = sql_in(&loading->scope->arena);
    str drop = str_printf(&loading->scope->arena, "drop table if exists %.*s", STR_ARG(name));
    TRY(db_script(loading->scope, loading->lease, drop.p));
    sql_text(&sql, "create ");
    sql_text_constant(&sql, kind);
    sql_name(&sql, name);
    sql_text(&sql, " (");
    add_definitions(loading, &sql);
    sql_text(&sql, ")");
    return db_execute(loading->scope, loading->lease, &sql);
}

/* insert into TABLE: the file's rows. */
static enum err insert_file(struct loading *loading, str table)
{
    struct scope *scope = loading->scope;
    struct sql sql = sql_in(&scope->arena);
    struct sql bad = sql_in(&scope->arena);
    set_running(loading, "reading");
    sql_text(&sql, "insert into ");
    sql_name(&sql, table);
    sql_text(&sql, " select *, ");
    add_made_columns(loading, &sql);
    sql_text(&sql, " from (select ");
    add_columns(loading, &sql);
    sql_text(&sql, " from ");
    sql_join(&sql, &loading->source.relation);
    if (loading->options->skip_bad_rows && !loading->options->empty_bad_cells && add_bad_rows(loading, &bad)) {
        sql_text(&sql, " where not (");
        sql_join(&sql, &bad);
        sql_text(&sql, ")");
    }
    sql_text(&sql, ")");
    return db_execute(scope, loading->lease, &sql);
}

static enum err fill(struct loading *loading)
{
    bool appends = loading->options->append_to != NULL || loading->options->joins;
    str table = appends ? S("added") : S("records");
    TRY(make_table(loading, appends ? S("temp table ") : S("table "), table));
    return insert_file(loading, table);
}

/* ---- appending ---- */

static enum err attach_old(struct loading *loading)
{
    struct sql sql = sql_in(&loading->scope->arena);
    sql_text(&sql, "attach ");
    sql_file_name(&sql, str_from(loading->options->append_to));
    sql_text(&sql, " as kept (read_only)");
    return db_execute(loading->scope, loading->lease, &sql);
}

/* The old records, but for those that a new one replaces. */
static enum err insert_old(struct loading *loading)
{
    struct scope *scope = loading->scope;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "insert into records select * from (select *, ");
    add_made_columns(loading, &sql);
    sql_text(&sql, " from (select ");
    for (size_t i = 0; i < loading->schema.count; i++) {
        str names[2];
        size_t count = column_names(sql.arena, &loading->schema.fields[i], names);
        for (size_t part = 0; part < count; part++) {
            sql_text_constant(&sql, i || part ? S(", ") : S(""));
            if (!loading->origins[i].is_old) {
                sql_text(&sql, "null as ");
            }
            sql_name(&sql, names[part]);
        }
    }
    sql_text_constant(&sql, loading->options->joins ? S(" from joined))") : S(" from kept.records))"));
    if (schema_has_id(&loading->schema)) {
        sql_text(&sql, " where \"_key\" not in (select \"_key\" from added)");
    }
    return db_execute(scope, loading->lease, &sql);
}

static enum err insert_added(struct loading *loading)
{
    struct sql added = sql_in(&loading->scope->arena);
    sql_text(&added, "insert into records select * from added");
    TRY(db_execute(loading->scope, loading->lease, &added));
    return db_script(loading->scope, loading->lease, "drop table added");
}

static enum err assemble(struct loading *loading)
{
    set_running(loading, "joining");
    TRY(attach_old(loading));
    TRY(make_table(loading, S("table "), S("records")));
    TRY(insert_old(loading));
    TRY(insert_added(loading));
    return db_script(loading->scope, loading->lease, "detach kept");
}

/* Where no field is new and no record can be replaced, the new ones just follow those of the files before. */
static enum err join(struct loading *loading)
{
    bool is_same = loading->schema.count == loading->options->append_schema->count;
    set_running(loading, "joining");
    if (is_same && !schema_has_id(&loading->schema)) {
        return insert_added(loading);
    }
    TRY(db_script(loading->scope, loading->lease, "alter table records rename to joined"));
    TRY(make_table(loading, S("table "), S("records")));
    TRY(insert_old(loading));
    TRY(insert_added(loading));
    return db_script(loading->scope, loading->lease, "drop table joined");
}

/* ---- the load ---- */

static enum err load(struct loading *loading, struct ingest_result *result)
{
    struct scope *scope = loading->scope;
    set_running(loading, "looking");
    if (loading->options->sample_rows) {
        loading->source.relation = loading->source.sample_relation;
    }
    TRY(expect_rows(loading));
    TRY(survey(loading, &loading->source.sample_relation));
    TRY(make_schema(loading));
    enum err filled = fill(loading);
    if (filled == ERR_DATA) {
        scope_forgive(scope); /* a later row contradicts the sample: look at all of them */
        set_running(loading, "looking");
        TRY(survey(loading, &loading->source.relation));
        TRY(make_schema(loading));
        filled = fill(loading);
    }
    TRY(explain_bad_row(loading, filled));
    if (loading->options->skip_bad_rows) {
        TRY(save_rejects(loading, &result->rejected));
    }
    if (loading->options->empty_bad_cells) {
        TRY(count_emptied(loading, result));
    }
    if (loading->options->append_to || loading->options->joins) {
        TRY(loading->options->joins ? join(loading) : assemble(loading));
    }
    struct sql count = sql_in(&scope->arena);
    sql_text(&count, "select count(*) from records");
    cell value;
    TRY(db_query_cell(scope, loading->lease, &count, &value));
    result->rows = value.number;
    result->schema = loading->schema;
    result->layout = layout_of(loading);
    result->notes = loading->notes.items;
    result->note_count = loading->notes.count;
    return ERR_OK;
}

/* The engine says when a file cannot be read by several threads; then one does. */
static enum err load_csv(struct loading *loading, struct ingest_result *result)
{
    struct scope *scope = loading->scope;
    TRY(source_open_csv(scope, loading->lease, loading->options, false, &loading->source));
    enum err loaded = load(loading, result);
    if (loaded == ERR_DATABASE && str_find(scope->failure.cause, S("parallel"), 0) != SIZE_MAX) {
        scope_forgive(scope);
        TRY(source_open_csv(scope, loading->lease, loading->options, true, &loading->source));
        loaded = load(loading, result);
    }
    return source_explain(scope, loading->options, loaded);
}

enum err ingest_load(struct scope *scope, struct db *db, const struct ingest_options *options,
                     struct ingest_result *ret_result)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct loading loading = {.scope = scope, .options = options};
    struct ingest_result result = {0};
    str format = str_from(options->format);
    TRY(db_lease(scope, db, &lease));
    loading.lease = lease;
    enum err outcome;
    if (str_eq(format, S("csv"))) {
        outcome = load_csv(&loading, &result);
    } else {
        outcome = str_eq(format, S("parquet"))
                      ? source_open_parquet(scope, lease, options, &loading.source)
                      : source_open_json(scope, lease, options, &loading.source);
        if (outcome == ERR_OK) {
            outcome = load(&loading, &result);
        }
    }
    TRY(outcome);
    *ret_result = result;
    return ERR_OK;
}

/* GeoJSON before RFC 7946 could name a reference system, in front of its features. */
static bool has_other_reference(str text)
{
    size_t crs = str_find(text, S("\"crs\""), 0);
    size_t features = str_find(text, S("\"features\""), 0);
    if (crs == SIZE_MAX || crs > features) {
        return false;
    }
    str named = str_slice(text, crs, features < crs + 300 ? features : crs + 300);
    return str_find(named, S("EPSG"), 0) != SIZE_MAX && str_find(named, S("4326"), 0) == SIZE_MAX;
}

const char *ingest_recognise(str start)
{
    str text = str_trim(start);
    if (str_starts(start, S("\xef\xbb\xbf"))) {
        text = str_trim(str_slice(start, 3, start.n));
    }
    if (str_starts(start, S("PAR1"))) {
        return "parquet";
    }
    if (str_starts(start, S("PK\x03\x04"))) {
        return "zip";
    }
    if (str_starts(start, S("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))) {
        return "ole"; /* files of Microsoft Office before 2007, and encrypted ones since */
    }
    if (str_starts(start, S("SQLite format 3\0"))) {
        return "gpkg";
    }
    if (str_starts(start, S("fgb\x03"))) {
        return "fgb";
    }
    if (str_starts(start, S("\0\0\x27\x0a"))) {
        return "shp";
    }
    if (text.n && text.p[0] == '<') {
        return str_find(text, S("<kml"), 0) != SIZE_MAX   ? "kml"
               : str_find(text, S("<gpx"), 0) != SIZE_MAX ? "gpx"
                                                          : NULL;
    }
    if (str_starts(start, S("\x89PNG")) ||
        str_starts(start, S("%PDF"))) {
        return NULL;
    }
    if (text.n && text.p[0] == '[') {
        return "json";
    }
    if (text.n && text.p[0] == '{') {
        if (str_find(text, S("\"Topology\""), 0) != SIZE_MAX) {
            return "topojson";
        }
        bool collection = str_find(text, S("\"FeatureCollection\""), 0) != SIZE_MAX;
        return !collection ? "jsonl" : has_other_reference(text) ? "geojson-crs" : "geojson";
    }
    return "csv";
}
