#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "domain/identity/access.h"
#include "domain/ingest/publish.h"
#include "main/commands.h"
#include "main/people.h"
#include "main/progress.h"

typedef VEC(struct field_wish) wish_list;
typedef VEC(struct point_wish) point_list;

static enum err read_file(struct scope *scope, const char *path, str *ret_text)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return fail(scope, ERR_FILE, "%s: the file cannot be opened", path);
    }
    char *text = arena_alloc(&scope->arena, LIMIT_JSON_BYTES + 1);
    *ret_text = (str){text, fread(text, 1, LIMIT_JSON_BYTES + 1, file)};
    fclose(file);
    return ERR_OK;
}

static struct field_wish *wish_for(struct scope *scope, wish_list *wishes, str name)
{
    for (size_t i = 0; i < wishes->count; i++) {
        if (str_eq(wishes->items[i].name, name)) {
            return &wishes->items[i];
        }
    }
    vec_add(&scope->arena, wishes, (struct field_wish){.name = name});
    return &wishes->items[wishes->count - 1];
}

static enum err set_type(struct scope *scope, struct field_wish *wish, str type)
{
    if (!field_type_find(type, &wish->type)) {
        return fail(scope, ERR_USAGE,
                    "field %.*s: the type '%.*s' is not known; text, int, double, boolean, date, "
                    "datetime, geo_point_2d, geo_shape and json_blob are",
                    STR_ARG(wish->name), STR_ARG(type));
    }
    wish->has_type = true;
    return ERR_OK;
}

static void add_annotation(struct scope *scope, struct field_wish *wish, str annotation, str value)
{
    vec_add(&scope->arena, &wish->annotations, (struct annotation_wish){annotation, value});
}

/* FIELD=facet,sortable,unit=km */
static enum err read_annotations(struct scope *scope, wish_list *wishes, str text)
{
    size_t equals = str_find_char(text, '=', 0);
    if (equals == SIZE_MAX || equals == 0) {
        return fail(scope, ERR_USAGE, "--annotate '%.*s': FIELD=ANNOTATION is expected",
                    STR_ARG(text));
    }
    struct field_wish *wish = wish_for(scope, wishes, str_slice(text, 0, equals));
    wish->must_exist = true;
    str rest = str_slice(text, equals + 1, text.n);
    str part;
    while (str_split(&rest, ',', &part)) {
        size_t value = str_find_char(part, '=', 0);
        add_annotation(scope, wish, str_slice(part, 0, value),
                       value == SIZE_MAX ? S("") : str_slice(part, value + 1, part.n));
    }
    return ERR_OK;
}

static enum err read_field_metadata(struct scope *scope, wish_list *wishes, json_t *fields)
{
    const char *name;
    json_t *field;
    json_object_foreach(fields, name, field) {
        struct field_wish *wish = wish_for(scope, wishes, str_copy(&scope->arena, str_from(name)));
        str type = json_read_text(json_object_get(field, "type"));
        str label = json_read_text(json_object_get(field, "label"));
        str description = json_read_text(json_object_get(field, "description"));
        if (type.p) {
            TRY(set_type(scope, wish, type));
        }
        wish->label = label.p ? str_copy(&scope->arena, label) : wish->label;
        wish->description = description.p ? str_copy(&scope->arena, description)
                                          : wish->description;
        const char *annotation;
        json_t *value;
        json_object_foreach(json_object_get(field, "annotations"), annotation, value) {
            str text = json_is_true(value)    ? S("true")
                       : json_is_false(value) ? S("false")
                       : json_is_integer(value)
                           ? str_printf(&scope->arena, "%lld",
                                        (long long)json_integer_value(value))
                           : str_copy(&scope->arena, json_read_text(value));
            add_annotation(scope, wish, str_copy(&scope->arena, str_from(annotation)), text);
        }
    }
    return ERR_OK;
}

static enum err read_wishes(struct scope *scope, const struct command_line *line, str metadata,
                            wish_list *wishes)
{
    json_t *document cleanup_with(json_cleanup) = NULL;
    const char *text;
    if (metadata.p) {
        TRY(json_read(scope, ERR_METADATA, metadata, "metadata file", &document));
        TRY(read_field_metadata(scope, wishes, json_object_get(document, "fields")));
    }
    for (size_t i = 0; (text = option_repeated(line, "type", i)); i++) {
        str pair = str_from(text);
        size_t equals = str_find_char(pair, '=', 0);
        if (equals == SIZE_MAX) {
            return fail(scope, ERR_USAGE, "--type '%s': FIELD=TYPE is expected", text);
        }
        struct field_wish *wish = wish_for(scope, wishes, str_slice(pair, 0, equals));
        wish->must_exist = true;
        TRY(set_type(scope, wish, str_slice(pair, equals + 1, pair.n)));
    }
    for (size_t i = 0; (text = option_repeated(line, "annotate", i)); i++) {
        TRY(read_annotations(scope, wishes, str_from(text)));
    }
    return ERR_OK;
}

static enum err read_options(struct scope *scope, const struct command_line *line,
                             struct publish_options *options, wish_list *wishes)
{
    const char *text;
    int64_t number;
    TRY(option_text(scope, line, "id", &text));
    if (!text) {
        return fail(scope, ERR_USAGE, "--id is missing: the dataset id, as in --id communes");
    }
    options->dataset_id = str_from(text);
    TRY(option_text(scope, line, "metadata", &text));
    if (text) {
        TRY(read_file(scope, text, &options->metadata));
    }
    TRY(read_wishes(scope, line, options->metadata, wishes));
    TRY(option_text(scope, line, "title", &text));
    options->title = str_from(text);
    TRY(option_text(scope, line, "format", &options->format));
    TRY(option_text(scope, line, "layer", &options->layer));
    TRY(option_number(scope, line, "source-epsg", 0, 1000000, &options->source_epsg));
    TRY(option_text(scope, line, "on-error", &text));
    options->skip_bad_rows = str_eq(str_from(text), S("skip"));
    if (!options->skip_bad_rows && !str_eq(str_from(text), S("abort"))) {
        return fail(scope, ERR_USAGE, "--on-error: '%s' was given, abort or skip is expected", text);
    }
    TRY(option_number(scope, line, "keep", 1, 10000, &number));
    options->keep = (int)number;
    TRY(option_number(scope, line, "memory", 64 << 20, INT64_MAX, &number));
    options->memory_bytes = (uint64_t)number;
    TRY(option_number(scope, line, "threads", 0, 1024, &number));
    options->threads = (int)number;
    return ERR_OK;
}

/* NAME=LATITUDE,LONGITUDE */
static enum err read_points(struct scope *scope, const struct command_line *line,
                            point_list *points)
{
    const char *text;
    for (size_t i = 0; (text = option_repeated(line, "geo-point", i)); i++) {
        str rest = str_from(text);
        struct point_wish point = {0};
        bool good = str_split(&rest, '=', &point.name) && rest.p &&
                    str_split(&rest, ',', &point.latitude) && rest.p &&
                    str_split(&rest, ',', &point.longitude) && !rest.p;
        if (!good || !point.name.n || !point.latitude.n || !point.longitude.n) {
            return fail(scope, ERR_USAGE,
                        "--geo-point '%s': NAME=LATITUDE,LONGITUDE is expected, with the names of "
                        "two columns", text);
        }
        vec_add(&scope->arena, points, point);
    }
    return ERR_OK;
}

static enum err read_mode(struct scope *scope, const struct command_line *line,
                          struct publish_options *options)
{
    options->appends = option_flag(line, "append");
    options->is_restricted = option_flag(line, "restricted");
    if (options->appends && option_flag(line, "replace")) {
        return fail(scope, ERR_USAGE, "--append and --replace cannot both be given");
    }
    return ERR_OK;
}

static void print_result(const struct publish_options *options,
                         const struct publish_result *result, usec duration)
{
    printf("%.*s: version %lld, %lld records, %zu fields, %.1f s\n",
           STR_ARG(options->dataset_id), (long long)result->version, (long long)result->rows,
           result->fields, (double)duration / 1e6);
    for (size_t i = 0; i < result->note_count; i++) {
        printf("%.*s: %.*s\n", STR_ARG(options->dataset_id), STR_ARG(result->notes[i]));
    }
    if (result->rejected) {
        printf("%.*s: %lld rows were left out; they are in %.*s\n", STR_ARG(options->dataset_id),
               (long long)result->rejected, STR_ARG(result->rejects_path));
    }
}

/* Says which rules of access the new version does not fit. */
static enum err print_faults(struct scope *scope, struct access *access, str dataset)
{
    const struct access_rule *rules;
    size_t count;
    TRY(access_list(scope, access, dataset, &rules, &count));
    for (size_t i = 0; i < count; i++) {
        if (rules[i].fault.n) {
            printf("%.*s: the rule of access for %s%s%.*s gives nothing now: %.*s See parvis access "
                   "%.*s.\n", STR_ARG(dataset), access_subject_name(rules[i].kind), rules[i].name.n ? " " : "",
                   STR_ARG(rules[i].name), STR_ARG(rules[i].fault), STR_ARG(dataset));
        }
    }
    return ERR_OK;
}

static void check_access(struct scope *scope, struct catalog *catalog, str dataset)
{
    struct access *access = access_open(catalog, NULL);
    log_set_level(LOG_ERROR); /* it is printed */
    if (print_faults(scope, access, dataset) != ERR_OK) {
        printf("%.*s: its rules of access could not be checked: %.*s\n", STR_ARG(dataset),
               STR_ARG(scope->failure.message));
        scope_forgive(scope); /* the version is published all the same */
    }
    access_close(access);
}

enum err command_import(struct scope *scope, const struct command_line *line)
{
    struct ingest_progress progress = {0};
    struct publish_options options = {.path = line->arguments[0], .progress = &progress};
    wish_list wishes = {0};
    point_list points = {0};
    const char *data;
    struct catalog *catalog;
    TRY(read_options(scope, line, &options, &wishes));
    TRY(read_points(scope, line, &points));
    TRY(read_mode(scope, line, &options));
    options.wishes = wishes.items;
    options.wish_count = wishes.count;
    options.points = points.items;
    options.point_count = points.count;
    TRY(option_text(scope, line, "data", &data));
    TRY(catalog_open(scope, data, &catalog));
    struct publish_result result;
    usec started = clock_monotonic();
    struct progress_bar *bar = progress_bar_start(&progress);
    enum err outcome = publish_file(scope, catalog, &options, &result);
    progress_bar_stop(bar);
    if (outcome == ERR_OK) {
        print_result(&options, &result, clock_monotonic() - started);
        check_access(scope, catalog, options.dataset_id);
        catalog_audit(scope, catalog, "dataset.publish", options.dataset_id,
                      str_printf(&scope->arena, "version %lld, %lld records",
                                 (long long)result.version, (long long)result.rows));
    }
    catalog_close(catalog);
    return outcome;
}

/* ---- describe ---- */

static enum err change_fields(struct scope *scope, const struct command_line *line,
                              struct schema *schema, bool *ret_changed)
{
    wish_list wishes = {0};
    const char *text;
    for (size_t i = 0; (text = option_repeated(line, "annotate", i)); i++) {
        TRY(read_annotations(scope, &wishes, str_from(text)));
    }
    for (size_t i = 0; (text = option_repeated(line, "label", i)); i++) {
        str pair = str_from(text);
        size_t equals = str_find_char(pair, '=', 0);
        if (equals == SIZE_MAX) {
            return fail(scope, ERR_USAGE, "--label '%s': FIELD=TEXT is expected", text);
        }
        wish_for(scope, &wishes, str_slice(pair, 0, equals))->label =
            str_slice(pair, equals + 1, pair.n);
    }
    for (size_t i = 0; i < wishes.count; i++) {
        const struct field_wish *wish = &wishes.items[i];
        struct field *field = NULL;
        for (size_t j = 0; j < schema->count; j++) {
            field = str_eq(schema->fields[j].name, wish->name) ? &schema->fields[j] : field;
        }
        if (!field) {
            return fail(scope, ERR_USAGE, "the dataset has no field '%.*s'", STR_ARG(wish->name));
        }
        field->label = wish->label.p ? wish->label : field->label;
        for (size_t j = 0; j < wish->annotations.count; j++) {
            str annotation = wish->annotations.items[j].annotation;
            if (str_eq(annotation, S("id")) || str_eq(annotation, S("multivalued"))) {
                return fail(scope, ERR_USAGE,
                            "the annotation %.*s shapes the records; give it to import",
                            STR_ARG(annotation));
            }
            TRY(field_annotate(scope, field, annotation, wish->annotations.items[j].value));
        }
    }
    *ret_changed = wishes.count > 0;
    return ERR_OK;
}

static enum err change_metadata(struct scope *scope, const struct command_line *line,
                                str *metadata, bool *changed)
{
    const char *title;
    const char *path;
    json_t *document cleanup_with(json_cleanup) = NULL;
    TRY(option_text(scope, line, "title", &title));
    TRY(option_text(scope, line, "metadata", &path));
    if (path) {
        TRY(read_file(scope, path, metadata));
    }
    TRY(json_read(scope, ERR_METADATA, *metadata, "metadata", &document));
    if (!json_is_object(document)) {
        return fail(scope, ERR_METADATA, "metadata: an object of templates is expected");
    }
    json_object_del(document, "fields");
    if (title) {
        json_t *values = json_object_get(document, "default");
        if (!json_is_object(values)) {
            values = json_object();
            json_object_set_new(document, "default", values);
        }
        json_object_set_new(values, "title", json_string(title));
    }
    char *compact = json_dumps(document, JSON_COMPACT);
    *metadata = str_copy(&scope->arena, str_from(compact));
    free(compact);
    *changed |= title || path;
    return ERR_OK;
}

static enum err describe(struct scope *scope, const struct command_line *line,
                         struct catalog *catalog, const struct dataset *dataset)
{
    struct schema schema = {
        arena_array(&scope->arena, struct field, dataset->schema.count), dataset->schema.count};
    memcpy(schema.fields, dataset->schema.fields, schema.count * sizeof(struct field));
    bool changed;
    str metadata;
    TRY(change_fields(scope, line, &schema, &changed));
    TRY(catalog_metadata(scope, catalog, dataset->id, &metadata));
    TRY(change_metadata(scope, line, &metadata, &changed));
    if (changed) {
        TRY(catalog_describe(scope, catalog, dataset->id, metadata, &schema));
        catalog_audit(scope, catalog, "dataset.describe", dataset->id, S(""));
        return ERR_OK;
    }
    printf("%.*s\n", STR_ARG(dataset->document));
    return ERR_OK;
}

enum err command_describe(struct scope *scope, const struct command_line *line)
{
    const char *data;
    struct catalog *catalog;
    TRY(option_text(scope, line, "data", &data));
    TRY(catalog_open(scope, data, &catalog));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    str id = str_from(line->arguments[0]);
    const struct dataset *dataset = snapshot_find(snapshot, id);
    enum err result = dataset ? describe(scope, line, catalog, dataset)
                              : fail(scope, ERR_NO_DATASET,
                                     "The requested dataset %.*s does not exist.", STR_ARG(id));
    snapshot_unref(snapshot);
    catalog_close(catalog);
    return result;
}
