#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "domain/identity/access.h"
#include "domain/ingest/publish.h"
#include "main/commands.h"
#include "main/open.h"
#include "main/describe.h"
#include "main/people.h"
#include "main/progress.h"

typedef VEC(struct field_wish) wish_list;
typedef VEC(struct point_wish) point_list;

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

static enum err read_field_descriptions(struct scope *scope, const struct description *description,
                                        wish_list *wishes)
{
    for (size_t i = 0; i < description->field_count; i++) {
        const struct field_description *field = &description->fields[i];
        struct field_wish *wish = wish_for(scope, wishes, field->name);
        if (field->type.p) {
            TRY(set_type(scope, wish, field->type));
        }
        wish->label = field->label.p ? field->label : wish->label;
        wish->description = field->description.p ? field->description : wish->description;
        for (size_t j = 0; j < field->annotation_count; j++) {
            add_annotation(scope, wish, field->annotations[j].name, field->annotations[j].value);
        }
    }
    return ERR_OK;
}

static enum err read_wishes(struct scope *scope, const struct command_line *line, wish_list *wishes)
{
    const char *text;
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
        struct description description;
        TRY(read_description(scope, text, &description));
        TRY(read_field_descriptions(scope, &description, wishes));
        options->metadata = description.metadata;
    }
    TRY(read_wishes(scope, line, wishes));
    TRY(option_text(scope, line, "title", &text));
    options->title = str_from(text);
    TRY(option_text(scope, line, "format", &options->format));
    TRY(option_text(scope, line, "layer", &options->layer));
    TRY(option_text(scope, line, "sheet", &options->sheet));
    TRY(option_text(scope, line, "header-row", &text));
    options->header_row = SHEET_HEADER_FIND;
    if (text) {
        TRY(option_number(scope, line, "header-row", 0, 1048576, &options->header_row));
    }
    TRY(option_number(scope, line, "source-epsg", 0, 1000000, &options->source_epsg));
    TRY(option_text(scope, line, "on-error", &text));
    options->skip_bad_rows = str_eq(str_from(text), S("skip"));
    options->empty_bad_cells = str_eq(str_from(text), S("empty"));
    if (!options->skip_bad_rows && !options->empty_bad_cells && !str_eq(str_from(text), S("abort"))) {
        return fail(scope, ERR_USAGE, "--on-error: '%s' was given, abort, skip or empty is expected", text);
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
        printf("%.*s: %.*s\n", STR_ARG(options->dataset_id), STR_ARG(result->notes[i].text));
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
    struct publish_options options = {.path = line->arguments[0], .language = language_exact(S("en")), .progress = &progress};
    wish_list wishes = {0};
    point_list points = {0};
    struct catalog *catalog;
    TRY(read_options(scope, line, &options, &wishes));
    TRY(read_points(scope, line, &points));
    TRY(read_mode(scope, line, &options));
    options.wishes = wishes.items;
    options.wish_count = wishes.count;
    options.points = points.items;
    options.point_count = points.count;
    TRY(open_catalog(scope, line, &catalog));
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
