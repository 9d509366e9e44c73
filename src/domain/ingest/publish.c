#include "domain/ingest/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "domain/catalog/metadata_read.h"
#include "domain/ingest/changes.h"
#include "domain/ingest/kept_fields.h"
#include "domain/ingest/measure.h"
#include "domain/ingest/readable.h"
#include "domain/records/version.h"
#include "platform/i18n/explanation.h"

#define ATTEMPTS 5 /* when other imports of the dataset end just before */
#define NOTED_MOST 20 /* fields that the note of a version names */

/* ---- metadata ---- */

/* The title in place of the metadata's, and the instant that they give for modified, which is kept apart. */
static enum err check_metadata(struct scope *scope, const struct publish_options *options,
                               str *ret_metadata, usec *ret_modified)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    *ret_metadata = STR_NONE;
    *ret_modified = 0;
    if (!options->metadata.p && !options->title.p) {
        return ERR_OK;
    }
    str text = options->metadata.p ? options->metadata : S("{}");
    TRY(json_read(scope, ERR_METADATA, text, "metadata", &metadata));
    *ret_modified = metadata_take_modified(metadata);
    if (options->title.p) {
        json_t *values = json_object_get(metadata, "default");
        if (!json_is_object(values)) {
            values = json_object();
            json_object_set_new(metadata, "default", values);
        }
        json_object_set_new(values, "title",
                            json_stringn(options->title.p, options->title.n));
    }
    char *compact = json_dumps(metadata, JSON_COMPACT);
    *ret_metadata = str_copy(&scope->arena, str_from(compact));
    free(compact);
    return ERR_OK;
}

/* ---- publishing ---- */

struct steps {
    struct catalog *catalog;
    const struct publish_options *options;
    const char *data;
    struct readable_file file;
    const struct dataset *kept; /* has the records that are kept; NULL: none are */
    str kept_file;              /* where they are */
    str uid;
    int64_t number;
    str metadata;
    usec modified;
    str rejects_path;
};

static struct ingest_options ingest_options_of(struct scope *scope, const struct steps *steps,
                                               const struct publish_options *options,
                                               const struct readable_file *file)
{
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
                                    .skip_bad_rows = options->skip_bad_rows,
                                    .empty_bad_cells = options->empty_bad_cells,
                                    .rejects_path = steps->rejects_path.p,
                                    .progress = options->progress};
    if (steps->kept) {
        ingest.append_to = str_cz(&scope->arena, steps->kept_file);
        ingest.append_schema = &steps->kept->schema;
    }
    return ingest;
}

static void tell_phase(const struct steps *steps, const char *phase)
{
    if (steps->options->progress) {
        atomic_store(&steps->options->progress->phase, phase);
    }
}

/* ---- further files ---- */

/* Rows of another file that were left out follow those of the files before. */
static enum err add_rejects(struct scope *scope, const char *from, const char *to)
{
    char block[65536];
    FILE *in = fopen(from, "re");
    FILE *out = in ? fopen(to, "ae") : NULL;
    size_t n;
    bool written = in && out;
    while (written && (n = fread(block, 1, sizeof(block), in)) > 0) {
        written = fwrite(block, 1, n, out) == n;
    }
    written &= !out || fclose(out) == 0;
    if (in) {
        fclose(in);
    }
    unlink(from);
    return written ? ERR_OK : fail(scope, ERR_FILE, "%s: it cannot be written", to);
}

static enum err load_opened(struct scope *scope, struct steps *steps, struct db *db, const struct publish_options *options,
                            struct readable_file *file, struct ingest_result *all)
{
    bool changed;
    struct ingest_result loaded;
    if (strcmp(file->format, "parquet") != 0) {
        TRY(readable_check_encoding(scope, options, steps->data, file, &changed));
    }
    str rejects = str_printf(&scope->arena, "%.*s.more", STR_ARG(steps->rejects_path));
    struct ingest_options ingest = ingest_options_of(scope, steps, options, file);
    ingest.rejects_path = rejects.p;
    ingest.append_to = NULL;
    ingest.append_schema = &all->schema;
    ingest.joins = true;
    TRY(ingest_load(scope, db, &ingest, &loaded));
    if (loaded.rejected) {
        TRY(add_rejects(scope, rejects.p, steps->rejects_path.p));
    }
    all->schema = loaded.schema;
    all->rows = loaded.rows;
    all->rejected += loaded.rejected;
    emptied_add(&scope->arena, all, &loaded);
    return ERR_OK;
}

static enum err load_more(struct scope *scope, struct steps *steps, struct db *db, struct ingest_result *all)
{
    for (size_t i = 0; i < steps->options->more_count; i++) {
        struct publish_options options = *steps->options;
        struct readable_file file;
        options.path = steps->options->more[i].path;
        options.shown_name = steps->options->more[i].shown_name;
        tell_phase(steps, "opening");
        TRY(readable_open(scope, &options, steps->data, &file));
        enum err result = load_opened(scope, steps, db, &options, &file, all);
        readable_close(&file);
        TRY(result);
    }
    return ERR_OK;
}

static str source_name(struct scope *scope, const struct steps *steps)
{
    const char *first = readable_shown_path(steps->options);
    return steps->options->more_count
               ? str_printf(&scope->arena, "%s + %zu", first, steps->options->more_count)
               : str_from(first);
}

/* What is new, and which fields have cells that were left empty; not the values, which may be of a field that few may see. */
static str note_of(struct arena *arena, const struct publish_options *options, const struct ingest_result *loaded)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    if (loaded->emptied_count == 0) {
        return options->note;
    }
    for (size_t i = 0; i < loaded->emptied_count && i < NOTED_MOST; i++) {
        const struct emptied_field *field = &loaded->emptied[i];
        buf_printf(&out, "%s%.*s (%lld)", i ? ", " : "", STR_ARG(field->label), (long long)field->count);
    }
    buf_add(&out, loaded->emptied_count > NOTED_MOST ? S(", …") : S(""));
    str said = message_text(arena, options->language, MSG_NOTE_VERSION_EMPTIED,
                            SAYS(ARG_TEXT("fields", buf_str(&out))), 1);
    return str_printf(arena, "%.*s%s%.*s", STR_ARG(options->note), options->note.n ? "\n" : "", STR_ARG(said));
}

/* What the caller should be told, of the file and of the load. */
static void list_notes(struct scope *scope, const struct steps *steps, const struct ingest_result *loaded,
                       struct publish_result *result)
{
    size_t most = steps->file.note_count + loaded->note_count + loaded->emptied_count;
    struct remark *notes = arena_array(&scope->arena, struct remark, most);
    for (size_t i = 0; i < steps->file.note_count; i++) {
        notes[result->note_count++] = steps->file.notes[i];
    }
    for (size_t i = 0; i < loaded->note_count; i++) {
        notes[result->note_count++] = loaded->notes[i];
    }
    for (size_t i = 0; i < loaded->emptied_count; i++) {
        notes[result->note_count++] = emptied_remark(&scope->arena, &loaded->emptied[i]);
        result->emptied += loaded->emptied[i].count;
    }
    result->notes = notes;
}

static enum err build_version(struct scope *scope, struct steps *steps,
                              struct version_build *build, struct publish_result *ret_result)
{
    struct ingest_options ingest = ingest_options_of(scope, steps, steps->options, &steps->file);
    struct ingest_result loaded;
    TRY(ingest_load(scope, version_db(build), &ingest, &loaded));
    TRY(load_more(scope, steps, version_db(build), &loaded));
    if (steps->options->keeps_fields) {
        TRY(check_fields_kept(scope, steps->catalog, steps->options->dataset_id, &loaded.schema));
    }
    struct new_version version = {.dataset_id = steps->options->dataset_id,
                                  .uid = steps->uid,
                                  .number = steps->number,
                                  .records = loaded.rows,
                                  .schema = &loaded.schema,
                                  .source_name = source_name(scope, steps),
                                  .metadata = steps->metadata,
                                  .modified = steps->modified,
                                  .author = steps->options->author,
                                  .note = note_of(&scope->arena, steps->options, &loaded),
                                  .keep = steps->options->keep,
                                  .is_restricted = steps->options->is_restricted};
    TRY(measure_extents(scope, version_db(build), &loaded.schema, &version.extent));
    tell_phase(steps, "indexing");
    TRY(version_seal(scope, build, &loaded.schema, &version.bytes));
    const int64_t *dropped;
    size_t dropped_count;
    tell_phase(steps, "comparing");
    enum err result = changes_count(scope, steps->catalog, steps->options, &version);
    if (result == ERR_OK) {
        result = catalog_publish(scope, steps->catalog, &version, &dropped, &dropped_count);
    }
    if (result != ERR_OK) {
        version_delete(steps->data, steps->uid, steps->number);
        return result;
    }
    for (size_t i = 0; i < dropped_count; i++) {
        version_delete(steps->data, steps->uid, dropped[i]);
    }
    *ret_result = (struct publish_result){.version = steps->number,
                                          .rows = loaded.rows,
                                          .rejected = loaded.rejected,
                                          .rejects_path = steps->rejects_path,
                                          .fields = loaded.schema.count};
    list_notes(scope, steps, &loaded, ret_result);
    return ERR_OK;
}

static str directory_of(struct arena *arena, str path)
{
    char *absolute = realpath(str_cz(arena, path), NULL);
    str full = str_copy(arena, str_from(absolute ? absolute : "."));
    free(absolute);
    size_t slash = 0;
    for (size_t i = 0; i < full.n; i++) {
        slash = full.p[i] == '/' ? i : slash;
    }
    return str_copy(arena, slash ? str_slice(full, 0, slash) : S("/"));
}

static enum err begin_version(struct scope *scope, struct steps *steps,
                              struct version_build **ret_build)
{
    struct version_options version = {
        .store = catalog_store(steps->catalog),
        .uid = steps->uid,
        .number = steps->number,
        .memory_bytes = steps->options->memory_bytes,
        .threads = steps->options->threads,
        .source_directory = directory_of(&scope->arena, str_from(steps->file.path)).p,
    };
    version.functions = ingest_functions(&scope->arena, steps->options->progress,
                                         &version.function_count);
    return version_begin(scope, &version, ret_build);
}

/* Another import may have ended between the look into the catalogue and the lock: looks again. */
static enum err lock_version(struct scope *scope, struct steps *steps,
                             struct version_build **ret_build)
{
    str id = steps->options->dataset_id;
    for (int i = 0; i < ATTEMPTS; i++) {
        int64_t last_version;
        int64_t last_now;
        str uid_now;
        TRY(catalog_identify(scope, steps->catalog, id, &steps->uid, &last_version));
        steps->number = last_version + 1;
        TRY(begin_version(scope, steps, ret_build));
        TRY(catalog_identify(scope, steps->catalog, id, &uid_now, &last_now));
        bool is_new = last_version == 0 && last_now == 0; /* then the uid is a fresh one each time */
        if (steps->options->dataset_uid.n && !str_eq(uid_now, steps->options->dataset_uid)) {
            return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_DATASET_RENAMED, SAYS(ARG_TEXT("dataset", id)));
        }
        if (last_now == last_version && (is_new || str_eq(uid_now, steps->uid))) {
            return ERR_OK;
        }
        version_end(*ret_build);
        *ret_build = NULL;
    }
    return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_DATASET_BUSY, NULL);
}

static enum err find_kept(struct scope *scope, struct steps *steps)
{
    bool changed;
    TRY(catalog_refresh(scope, steps->catalog, &changed));
    const struct dataset *dataset = NULL;
    const struct snapshot *snapshot = catalog_snapshot(steps->catalog);
    enum err result = snapshot_load(scope, snapshot, steps->options->dataset_id, &dataset);
    snapshot_unref(snapshot);
    steps->kept = dataset && dataset->version > 0 ? dataset : NULL;
    return result;
}

static enum err publish_readable(struct scope *scope, struct steps *steps,
                                 struct publish_result *ret_result)
{
    struct version_build *build cleanup_with(version_cleanup) = NULL;
    TRY(lock_version(scope, steps, &build));
    if (steps->options->appends) {
        TRY(find_kept(scope, steps));
    }
    if (steps->kept) {
        steps->kept_file = steps->kept->version_file;
    }
    if (steps->kept && catalog_store(steps->catalog)->url) {
        TRY(version_fetch(scope, build, &steps->kept->schema, steps->kept->uid, steps->kept->version, &steps->kept_file));
    }
    steps->rejects_path = str_printf(
        &scope->arena, "%s.rejects.jsonl",
        catalog_version_path(&scope->arena, steps->data, steps->uid, steps->number).p);
    return build_version(scope, steps, build, ret_result);
}

/* The start of a file may be ASCII where the rest is not UTF-8. */
static bool is_encoding_fault(const struct scope *scope, enum err result)
{
    str cause = scope->failure.cause;
    return result == ERR_DATA && (str_find(cause, S("not utf-8 encoded"), 0) != SIZE_MAX ||
                                  str_find(cause, S("invalid UTF-8"), 0) != SIZE_MAX);
}

static enum err publish_opened(struct scope *scope, struct steps *steps,
                               struct publish_result *ret_result)
{
    bool changed;
    if (steps->options->skip_bad_rows && strcmp(steps->file.format, "parquet") != 0) {
        /* Such rows would be left out as bad ones. */
        TRY(readable_check_encoding(scope, steps->options, steps->data, &steps->file, &changed));
    }
    enum err result = publish_readable(scope, steps, ret_result);
    if (!is_encoding_fault(scope, result)) {
        return result;
    }
    struct failure failure = scope->failure;
    scope_forgive(scope);
    TRY(readable_check_encoding(scope, steps->options, steps->data, &steps->file, &changed));
    if (changed) {
        return publish_readable(scope, steps, ret_result);
    }
    scope->failure = failure;
    return result;
}

enum err publish_file(struct scope *scope, struct catalog *catalog,
                      const struct publish_options *options, struct publish_result *ret_result)
{
    struct steps steps = {.catalog = catalog,
                          .options = options,
                          .data = catalog_data_directory(catalog)};
    TRY(catalog_check_id(scope, options->dataset_id));
    TRY(check_metadata(scope, options, &steps.metadata, &steps.modified));
    tell_phase(&steps, "opening");
    TRY(readable_open(scope, options, steps.data, &steps.file));
    if (options->progress) {
        atomic_store(&options->progress->file_bytes, steps.file.bytes);
        atomic_store(&options->progress->rows_expected, steps.file.rows_expected);
    }
    enum err result = publish_opened(scope, &steps, ret_result);
    readable_close(&steps.file);
    return result;
}

static bool is_known(void *user, str uid, int64_t number)
{
    struct scope scope;
    bool known = true;
    scope_open(&scope);
    if (catalog_has_version(&scope, user, uid, number, &known) != ERR_OK) {
        known = true; /* nothing is deleted on a doubt */
    }
    scope_close(&scope);
    return known;
}

size_t publish_remove_debris(struct scope *scope, struct catalog *catalog)
{
    return version_remove_debris(scope, catalog_data_directory(catalog), is_known, catalog);
}
