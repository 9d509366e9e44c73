/* parvis describe: shows a dataset, or changes what it says of itself. */
#include "main/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "domain/catalog/catalog.h"
#include "main/commands.h"
#include "main/open.h"
#include "main/people.h"

enum err read_description(struct scope *scope, const char *path, struct description *ret_description)
{
    str text;
    TRY(read_small_file(scope, path, LIMIT_JSON_BYTES, &text));
    TRY(metadata_read(scope, text, ret_description));
    for (size_t i = 0; i < ret_description->note_count; i++) {
        fprintf(stderr, "%s: %.*s\n", path, STR_ARG(ret_description->notes[i]));
    }
    return ERR_OK;
}

/* What is being described; both are changed in memory first. */
struct describing {
    struct scope *scope;
    const struct command_line *line;
    json_t *metadata;
    struct schema schema;
};

/* ---- fields ---- */

static enum err find_field(struct describing *describing, str name, struct field **ret_field)
{
    for (size_t i = 0; i < describing->schema.count; i++) {
        if (str_eq(describing->schema.fields[i].name, name)) {
            *ret_field = &describing->schema.fields[i];
            return ERR_OK;
        }
    }
    return fail(describing->scope, ERR_USAGE, "the dataset has no field '%.*s'", STR_ARG(name));
}

static enum err annotate(struct describing *describing, struct field *field, str annotation,
                         str value)
{
    struct field before = *field;
    TRY(field_annotate(describing->scope, field, annotation, value));
    if (before.id != field->id || !str_eq(before.multivalued, field->multivalued)) {
        return fail(describing->scope, ERR_USAGE,
                    "the annotation %.*s shapes the records; give it to import",
                    STR_ARG(annotation));
    }
    return ERR_OK;
}

/* FIELD=facet,sortable,unit=km */
static enum err read_annotations(struct describing *describing, str text)
{
    size_t equals = str_find_char(text, '=', 0);
    struct field *field;
    if (equals == SIZE_MAX || equals == 0) {
        return fail(describing->scope, ERR_USAGE,
                    "--annotate '%.*s': FIELD=ANNOTATION is expected", STR_ARG(text));
    }
    TRY(find_field(describing, str_slice(text, 0, equals), &field));
    str rest = str_slice(text, equals + 1, text.n);
    str part;
    while (str_split(&rest, ',', &part)) {
        size_t value = str_find_char(part, '=', 0);
        TRY(annotate(describing, field, str_slice(part, 0, value),
                     value == SIZE_MAX ? S("") : str_slice(part, value + 1, part.n)));
    }
    return ERR_OK;
}

/* Of fields that the dataset does not have nothing is taken: the file may speak of others. */
static enum err apply_field(struct describing *describing, const struct field_description *from)
{
    struct field *field;
    if (find_field(describing, from->name, &field) != ERR_OK) {
        fprintf(stderr, "%.*s, which the metadata name\n",
                STR_ARG(describing->scope->failure.message));
        scope_forgive(describing->scope);
        return ERR_OK;
    }
    field->label = from->label.p ? from->label : field->label;
    field->description = from->description.p ? from->description : field->description;
    for (size_t i = 0; i < from->annotation_count; i++) {
        TRY(annotate(describing, field, from->annotations[i].name, from->annotations[i].value));
    }
    return ERR_OK;
}

/* ---- options ---- */

static enum err split_pair(struct scope *scope, const char *option, const char *expected,
                           const char *text, str *ret_name, str *ret_value)
{
    str pair = str_from(text);
    size_t equals = str_find_char(pair, '=', 0);
    if (equals == SIZE_MAX || equals == 0) {
        return fail(scope, ERR_USAGE, "--%s '%s': %s is expected", option, text, expected);
    }
    *ret_name = str_slice(pair, 0, equals);
    *ret_value = str_slice(pair, equals + 1, pair.n);
    return ERR_OK;
}

/* NAME.label=TEXT, NAME.description=TEXT */
static enum err set_field(struct describing *describing, const char *option, str path, str value)
{
    struct field *field;
    bool is_label = str_ends(path, S(".label"));
    if (!is_label && !str_ends(path, S(".description"))) {
        return fail(describing->scope, ERR_USAGE,
                    "--%s '%.*s': NAME.label or NAME.description is expected", option,
                    STR_ARG(path));
    }
    size_t ending = is_label ? S(".label").n : S(".description").n;
    TRY(find_field(describing, str_slice(path, 0, path.n - ending), &field));
    *(is_label ? &field->label : &field->description) = value;
    return ERR_OK;
}

static enum err set_path(struct describing *describing, str lang, str path, str text)
{
    json_t *value cleanup_with(json_cleanup) = NULL;
    TRY(metadata_parse(describing->scope, path, text, &value));
    return metadata_set(describing->scope, describing->metadata, lang, path, value);
}

/* fr:default.title=TEXT, fr:fields.NAME.label=TEXT */
static enum err set_in_language(struct describing *describing, const char *text)
{
    static const char expected[] = "LANGUAGE:template.name=VALUE or LANGUAGE:fields.NAME.label=TEXT";
    struct scope *scope = describing->scope;
    str path;
    str value;
    TRY(split_pair(scope, "set-language", expected, text, &path, &value));
    size_t colon = str_find_char(path, ':', 0);
    if (colon == SIZE_MAX) {
        return fail(scope, ERR_USAGE, "--set-language '%s': %s is expected", text, expected);
    }
    str lang = str_slice(path, 0, colon);
    path = str_slice(path, colon + 1, path.n);
    if (!str_starts(path, S("fields."))) {
        return set_path(describing, lang, path, value);
    }
    struct field *field;
    size_t dot = path.n;
    while (dot > 0 && path.p[dot - 1] != '.') {
        dot--;
    }
    size_t start = S("fields.").n;
    str name = dot > start ? str_slice(path, start, dot - 1) : S("");
    TRY(find_field(describing, name, &field));
    return metadata_set_field(scope, describing->metadata, lang, name,
                              str_slice(path, dot, path.n), value);
}

/* template.name, or LANGUAGE:template.name */
static enum err unset(struct describing *describing, str path)
{
    size_t colon = str_find_char(path, ':', 0);
    bool by_language = colon != SIZE_MAX && metadata_is_language(str_slice(path, 0, colon));
    return metadata_set(describing->scope, describing->metadata,
                        by_language ? str_slice(path, 0, colon) : S(""),
                        by_language ? str_slice(path, colon + 1, path.n) : path, NULL);
}

static enum err apply_file(struct describing *describing, const char *path)
{
    struct description description;
    TRY(read_description(describing->scope, path, &description));
    json_decref(describing->metadata);
    describing->metadata = NULL;
    TRY(json_read(describing->scope, ERR_METADATA, description.metadata, "metadata",
                  &describing->metadata));
    for (size_t i = 0; i < description.field_count; i++) {
        TRY(apply_field(describing, &description.fields[i]));
    }
    return ERR_OK;
}

static enum err apply_field_options(struct describing *describing)
{
    const struct command_line *line = describing->line;
    const char *text;
    str name;
    str value;
    for (size_t i = 0; (text = option_repeated(line, "annotate", i)); i++) {
        TRY(read_annotations(describing, str_from(text)));
    }
    for (size_t i = 0; (text = option_repeated(line, "label", i)); i++) {
        struct field *field;
        TRY(split_pair(describing->scope, "label", "FIELD=TEXT", text, &name, &value));
        TRY(find_field(describing, name, &field));
        field->label = value;
    }
    for (size_t i = 0; (text = option_repeated(line, "field", i)); i++) {
        TRY(split_pair(describing->scope, "field", "NAME.label=TEXT", text, &name, &value));
        TRY(set_field(describing, "field", name, value));
    }
    return ERR_OK;
}

static enum err apply_options(struct describing *describing)
{
    const struct command_line *line = describing->line;
    struct scope *scope = describing->scope;
    const char *text;
    str name;
    str value;
    TRY(option_text(scope, line, "metadata", &text));
    if (text) {
        TRY(apply_file(describing, text));
    }
    TRY(option_text(scope, line, "title", &text));
    if (text) {
        TRY(set_path(describing, S(""), S("default.title"), str_from(text)));
    }
    for (size_t i = 0; (text = option_repeated(line, "set", i)); i++) {
        TRY(split_pair(scope, "set", "template.name=VALUE", text, &name, &value));
        TRY(set_path(describing, S(""), name, value));
    }
    for (size_t i = 0; (text = option_repeated(line, "set-language", i)); i++) {
        TRY(set_in_language(describing, text));
    }
    for (size_t i = 0; (text = option_repeated(line, "unset", i)); i++) {
        TRY(unset(describing, str_from(text)));
    }
    return apply_field_options(describing);
}

/* ---- what changed ---- */

static void print_value(const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    printf("%s", text ? text : "nothing");
    free(text);
}

static size_t print_changes(struct scope *scope, str path, json_t *before, json_t *after);

static size_t print_member(struct scope *scope, str path, const char *name, json_t *before,
                           json_t *after)
{
    str inner = str_printf(&scope->arena, "%.*s%s%s", STR_ARG(path), path.n ? "." : "", name);
    return print_changes(scope, inner, json_object_get(before, name), json_object_get(after, name));
}

static size_t print_changes(struct scope *scope, str path, json_t *before, json_t *after)
{
    size_t count = 0;
    const char *name;
    json_t *value;
    if (json_equal(before, after)) {
        return 0;
    }
    if (!json_is_object(before) && !json_is_object(after)) {
        printf("%.*s: ", STR_ARG(path));
        print_value(before);
        printf(" -> ");
        print_value(after);
        printf("\n");
        return 1;
    }
    json_object_foreach(before, name, value) {
        count += print_member(scope, path, name, before, after);
    }
    json_object_foreach(after, name, value) {
        if (!json_object_get(before, name)) {
            count += print_member(scope, path, name, before, after);
        }
    }
    return count;
}

/* {"fields": {"NAME": {…}}} */
static enum err fields_by_name(struct scope *scope, const struct schema *schema, json_t **ret_fields)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_t *list cleanup_with(json_cleanup) = NULL;
    schema_write(&json, schema);
    TRY(json_read(scope, ERR_INTERNAL, buf_str(&out), "fields", &list));
    json_t *by_name = json_object();
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *field = json_array_get(list, i);
        json_object_set(by_name, json_string_value(json_object_get(field, "name")), field);
    }
    *ret_fields = json_pack("{s:o}", "fields", by_name);
    return ERR_OK;
}

static enum err print_all_changes(struct describing *describing, const struct dataset *dataset,
                                  str stored, size_t *ret_count)
{
    struct scope *scope = describing->scope;
    json_t *before cleanup_with(json_cleanup) = NULL;
    json_t *fields_before cleanup_with(json_cleanup) = NULL;
    json_t *fields_after cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, stored, "stored metadata", &before));
    TRY(fields_by_name(scope, &dataset->schema, &fields_before));
    TRY(fields_by_name(scope, &describing->schema, &fields_after));
    static const char *const made[] = {"attachments", "extent"};
    for (size_t i = 0; i < ARRAY_LENGTH(made); i++) {
        json_object_del(before, made[i]);
        json_object_del(describing->metadata, made[i]);
    }
    *ret_count = print_changes(scope, S(""), before, describing->metadata) +
                 print_changes(scope, S(""), fields_before, fields_after);
    return ERR_OK;
}

/* ---- the command ---- */

static enum err save(struct describing *describing, struct catalog *catalog,
                     const struct dataset *dataset, str stored)
{
    struct scope *scope = describing->scope;
    size_t count;
    TRY(print_all_changes(describing, dataset, stored, &count));
    if (count == 0) {
        printf("%.*s: nothing changes\n", STR_ARG(dataset->id));
        return ERR_OK;
    }
    char *compact = json_dumps(describing->metadata, JSON_COMPACT);
    str metadata = str_copy(&scope->arena, str_from(compact));
    free(compact);
    TRY(catalog_describe(scope, catalog, dataset->id, metadata, &describing->schema, 0));
    catalog_audit(scope, catalog, "dataset.describe", dataset->id, S(""));
    return ERR_OK;
}

static enum err change(struct scope *scope, const struct command_line *line,
                       struct catalog *catalog, const struct dataset *dataset)
{
    struct describing describing = {.scope = scope, .line = line};
    str stored;
    size_t count = dataset->schema.count;
    describing.schema = (struct schema){arena_array(&scope->arena, struct field, count), count};
    if (count) {
        memcpy(describing.schema.fields, dataset->schema.fields, count * sizeof(struct field));
    }
    TRY(catalog_metadata(scope, catalog, dataset->id, &stored));
    TRY(json_read(scope, ERR_DATABASE, stored, "stored metadata", &describing.metadata));
    enum err result = apply_options(&describing);
    if (result == ERR_OK) {
        result = save(&describing, catalog, dataset, stored);
    }
    json_decref(describing.metadata);
    return result;
}

static bool changes(const struct command_line *line)
{
    for (size_t i = 0; i < line->given_count; i++) {
        str name = str_from(line->given[i].row->name);
        if (!str_eq(name, S("show")) && !str_eq(name, S("data"))) {
            return true;
        }
    }
    return false;
}

static enum err show(struct scope *scope, struct catalog *catalog, str id)
{
    bool changed;
    TRY(catalog_refresh(scope, catalog, &changed));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    const struct dataset *dataset;
    enum err result = snapshot_load(scope, snapshot, id, &dataset);
    snapshot_unref(snapshot);
    TRY(result);
    if (!dataset) {
        return fail(scope, ERR_NO_DATASET, "The dataset %.*s is gone.", STR_ARG(id));
    }
    printf("%.*s\n", STR_ARG(dataset->document));
    return ERR_OK;
}

enum err command_describe(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    TRY(open_catalog(scope, line, &catalog));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    str id = str_from(line->arguments[0]);
    const struct dataset *dataset = NULL;
    enum err result = snapshot_load(scope, snapshot, id, &dataset);
    if (result == ERR_OK && !dataset) {
        result = dataset_absent(scope, id);
    }
    if (result == ERR_OK && changes(line)) {
        result = change(scope, line, catalog, dataset);
    }
    if (result == ERR_OK && (option_flag(line, "show") || !changes(line))) {
        result = show(scope, catalog, id);
    }
    snapshot_unref(snapshot);
    catalog_close(catalog);
    return result;
}
