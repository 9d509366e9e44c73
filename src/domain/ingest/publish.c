#include "domain/ingest/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "domain/records/version.h"
#include "platform/text/decode.h"

#define START_BYTES 65536

/* A file the engine can read, perhaps a spooled copy that goes when we are done. */
struct readable_file {
    str path;
    const char *format;
    bool spooled;
};

static enum err file_error(struct scope *scope, const char *path, const char *what)
{
    return fail(scope, ERR_FILE, "%s: %s (%s)", path, what, strerror(errno));
}

static const char *format_of_name(str name)
{
    static const struct {
        const char *suffix;
        const char *format;
    } rows[] = {{".geojson", "geojson"}, {".jsonl", "jsonl"}, {".ndjson", "jsonl"},
                {".json", "json"},       {".parquet", "parquet"}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (str_ends(name, str_from(rows[i].suffix))) {
            return rows[i].format;
        }
    }
    return "csv";
}

static enum err write_all(struct scope *scope, int file, str bytes, str path)
{
    while (bytes.n) {
        ssize_t n = write(file, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return file_error(scope, path.p, "it cannot be written");
        }
        bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
    return ERR_OK;
}

/* Copies input as UTF-8; start was read from it already. */
static enum err copy_decoded(struct scope *scope, int input, const char *name, str start,
                             size_t mark, enum encoding encoding, int output, str path)
{
    struct decoder *decoder = encoding == ENCODING_UTF8 ? NULL : decoder_open(encoding);
    struct buf decoded = {0};
    char *block = arena_alloc(&scope->arena, START_BYTES);
    str bytes = str_slice(start, mark, start.n);
    enum err result = ERR_OK;
    for (bool last = false; result == ERR_OK;) {
        buf_clear(&decoded);
        if (decoder) {
            result = decoder_feed(scope, decoder, bytes, last, &decoded);
        }
        if (result == ERR_OK) {
            result = write_all(scope, output, decoder ? buf_str(&decoded) : bytes, path);
        }
        if (last || result != ERR_OK) {
            break;
        }
        ssize_t n = read(input, block, START_BYTES);
        if (n < 0) {
            result = file_error(scope, name, "it cannot be read");
        }
        last = n <= 0;
        bytes = (str){block, n > 0 ? (size_t)n : 0};
    }
    decoder_close(decoder);
    buf_done(&decoded);
    return result;
}

static enum err read_start(struct scope *scope, int input, const char *name, str *ret_start)
{
    char *block = arena_alloc(&scope->arena, START_BYTES);
    size_t filled = 0;
    while (filled < START_BYTES) {
        ssize_t n = read(input, block + filled, START_BYTES - filled);
        if (n < 0) {
            return file_error(scope, name, "it cannot be read");
        }
        if (n == 0) {
            break;
        }
        filled += (size_t)n;
    }
    if (filled == 0) {
        return fail(scope, ERR_DATA, "%s: the file is empty", name);
    }
    *ret_start = (str){block, filled};
    return ERR_OK;
}

static enum err spool(struct scope *scope, const struct publish_options *options, const char *data,
                      int input, str start, size_t mark, enum encoding encoding, str *ret_path)
{
    str path = str_printf(&scope->arena, "%s/spool/import-%d-%lld", data, (int)getpid(),
                          (long long)clock_monotonic());
    int output = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (output < 0) {
        return file_error(scope, path.p, "it cannot be made");
    }
    enum err result =
        copy_decoded(scope, input, options->path, start, mark, encoding, output, path);
    close(output);
    if (result != ERR_OK) {
        unlink(path.p);
        return result;
    }
    *ret_path = path;
    return ERR_OK;
}

static enum err make_readable(struct scope *scope, const struct publish_options *options,
                              const char *data, struct readable_file *ret)
{
    bool from_stdin = strcmp(options->path, "-") == 0;
    int input = from_stdin ? STDIN_FILENO : open(options->path, O_RDONLY | O_CLOEXEC);
    if (input < 0) {
        return file_error(scope, options->path, "it cannot be opened");
    }
    str start;
    enum err result = read_start(scope, input, options->path, &start);
    str name = str_from(options->path);
    bool compressed = !from_stdin && (str_ends(name, S(".gz")) || str_ends(name, S(".zst")));
    if (result == ERR_OK && compressed) {
        str inner = str_slice(name, 0, name.n - (str_ends(name, S(".gz")) ? 3 : 4));
        *ret = (struct readable_file){
            name, options->format ? options->format : format_of_name(inner), false};
    } else if (result == ERR_OK) {
        size_t mark;
        enum encoding encoding = encoding_recognise(start, &mark);
        const char *format = options->format ? options->format : ingest_recognise(name, start);
        if (format && strcmp(format, "tsv") == 0) {
            format = "csv";
        }
        bool parquet = format && strcmp(format, "parquet") == 0;
        *ret = (struct readable_file){name, format, false};
        if (!format) {
            result = fail(scope, ERR_DATA,
                          "%s: this is not CSV, JSON, GeoJSON or Parquet; convert it first",
                          options->path);
        } else if (from_stdin || (!parquet && encoding != ENCODING_UTF8)) {
            result = spool(scope, options, data, input, start, parquet ? 0 : mark,
                           parquet ? ENCODING_UTF8 : encoding, &ret->path);
            ret->spooled = true;
        }
    }
    if (!from_stdin) {
        close(input);
    }
    return result;
}

/* ---- metadata ---- */

static enum err check_metadata(struct scope *scope, const struct publish_options *options,
                               str *ret_metadata)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    *ret_metadata = STR_NONE;
    if (!options->metadata.p && !options->title.p) {
        return ERR_OK;
    }
    str text = options->metadata.p ? options->metadata : S("{}");
    TRY(json_read(scope, ERR_METADATA, text, "metadata", &metadata));
    if (!json_is_object(metadata)) {
        return fail(scope, ERR_METADATA, "metadata: an object of templates is expected");
    }
    json_object_del(metadata, "fields");
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
    str uid;
    int64_t number;
    str metadata;
    str rejects_path;
};

static enum err build_version(struct scope *scope, struct steps *steps,
                              struct version_build *build, struct publish_result *ret_result)
{
    struct ingest_options ingest = {.path = str_cz(&scope->arena, steps->file.path),
                                    .format = steps->file.format,
                                    .wishes = steps->options->wishes,
                                    .wish_count = steps->options->wish_count,
                                    .skip_bad_rows = steps->options->skip_bad_rows,
                                    .rejects_path = steps->rejects_path.p};
    struct ingest_result loaded;
    TRY(ingest_load(scope, version_db(build), &ingest, &loaded));
    struct new_version version = {.dataset_id = steps->options->dataset_id,
                                  .uid = steps->uid,
                                  .number = steps->number,
                                  .records = loaded.rows,
                                  .schema = &loaded.schema,
                                  .source_name = str_from(steps->options->path),
                                  .metadata = steps->metadata,
                                  .keep = steps->options->keep};
    TRY(version_seal(scope, build, &loaded.schema, &version.bytes));
    const int64_t *dropped;
    size_t dropped_count;
    enum err result =
        catalog_publish(scope, steps->catalog, &version, &dropped, &dropped_count);
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

static enum err publish_readable(struct scope *scope, struct steps *steps,
                                 struct publish_result *ret_result)
{
    struct version_build *build cleanup_with(version_cleanup) = NULL;
    struct version_options version = {
        .data_directory = steps->data,
        .memory_bytes = steps->options->memory_bytes,
        .threads = steps->options->threads,
        .source_directory = directory_of(&scope->arena, steps->file.path).p,
    };
    int64_t last_version;
    TRY(catalog_identify(scope, steps->catalog, steps->options->dataset_id, &steps->uid,
                         &last_version));
    version.functions = ingest_functions(&version.function_count);
    version.uid = steps->uid;
    version.number = steps->number = last_version + 1;
    TRY(version_begin(scope, &version, &build));
    steps->rejects_path = str_printf(
        &scope->arena, "%s.rejects.jsonl",
        catalog_version_path(&scope->arena, steps->data, steps->uid, steps->number).p);
    return build_version(scope, steps, build, ret_result);
}

enum err publish_file(struct scope *scope, struct catalog *catalog,
                      const struct publish_options *options, struct publish_result *ret_result)
{
    struct steps steps = {.catalog = catalog,
                          .options = options,
                          .data = catalog_data_directory(catalog)};
    TRY(catalog_check_id(scope, options->dataset_id));
    TRY(check_metadata(scope, options, &steps.metadata));
    TRY(make_readable(scope, options, steps.data, &steps.file));
    enum err result = publish_readable(scope, &steps, ret_result);
    if (steps.file.spooled) {
        unlink(str_cz(&scope->arena, steps.file.path));
    }
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
