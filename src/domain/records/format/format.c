#include "domain/records/format.h"

#include "base/vec.h"
#include "domain/records/format/rendered.h"
#include "domain/records/spool.h"
#include "platform/gdal/gdal.h"

static const struct format formats[] = {
#define FORMAT(name, extension, content_type, flags, encoder, write_file, records_most)            \
    {{name, sizeof(name) - 1},                                                                     \
     {extension, sizeof(extension) - 1},                                                           \
     {content_type, sizeof(content_type) - 1},                                                     \
     flags,                                                                                        \
     encoder,                                                                                      \
     write_file,                                                                                   \
     records_most},
#include "domain/records/formats.def"
#undef FORMAT
};

struct format_options format_options_default(void)
{
    return (struct format_options){.zone = zone_find(STR_NONE),
                                   .delimiter = ';',
                                   .list_separator = S(","),
                                   .with_bom = true,
                                   .compression = S("snappy"),
                                   .epsg = 4326,
                                   .use_extension = true};
}

bool format_delimiter_find(str text, char *ret_delimiter)
{
    if (str_eq_nocase(text, S("tab")) || str_eq(text, S("\\t"))) {
        text = S("\t");
    }
    if (text.n != 1 || str_find_char(S(";,\t|"), text.p[0], 0) == SIZE_MAX) {
        return false;
    }
    *ret_delimiter = text.p[0];
    return true;
}

bool format_compression_find(str text, str *ret_compression)
{
    static const str compressions[] = {{"snappy", 6}, {"zstd", 4}};
    for (size_t i = 0; i < ARRAY_LENGTH(compressions); i++) {
        if (str_eq_nocase(text, compressions[i])) {
            *ret_compression = compressions[i];
            return true;
        }
    }
    return false;
}

const str *format_names_read(struct arena *arena, str text, size_t *ret_count)
{
    VEC(str) names = {0};
    str part;
    while (text.n && str_split(&text, ',', &part)) {
        part = str_trim(part);
        if (part.n) {
            vec_add(arena, &names, part);
        }
    }
    *ret_count = names.count;
    return names.items;
}

const struct format *formats_all(size_t *ret_count)
{
    *ret_count = ARRAY_LENGTH(formats);
    return formats;
}

const struct format *format_find(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) {
        if (str_eq(formats[i].name, name)) {
            return &formats[i];
        }
    }
    return NULL;
}

void format_prepare(const struct format *format, struct clauses *clauses)
{
    clauses->json_as_text = !(format->flags & FORMAT_JSON);
    clauses->shapes_as_wkb = format->flags & FORMAT_WKB;
}

size_t format_geometry(const struct output *outputs, size_t count)
{
    size_t point = NO_OUTPUT;
    for (size_t i = 0; i < count; i++) {
        const struct output *output = &outputs[i];
        if (output->form == OUTPUT_FIELD && output->field->type == FIELD_GEO_SHAPE) {
            return i;
        }
        if (output->form == OUTPUT_GEO_POINT && point == NO_OUTPUT) {
            point = i;
        }
    }
    return point;
}

enum err format_check(struct scope *scope, const struct format *format, const struct plan *plan,
                      const struct format_options *options)
{
    if (!(format->flags & FORMAT_GEOGRAPHIC)) {
        return ERR_OK;
    }
    if (format_geometry(plan->outputs, plan->output_count) == NO_OUTPUT) {
        return fail_parameter(scope, S("format"), format->name, MSG_FAULT_EXPECTS_FORMAT_WITHOUT_GEOMETRY);
    }
    if ((format->flags & FORMAT_DEGREES) && options->epsg != 4326) {
        return fail_in_words(
            scope, ERR_PARAMETER, MSG_FAULT_EXPORT_DEGREES,
            SAYS(argument_digits(&scope->arena, "value", options->epsg), ARG_TEXT("format", format->name)));
    }
    return gdal_start(scope);
}

enum err writing_start(const struct format_encoder *encoder, struct writing *writing)
{
    return encoder->begin ? encoder->begin(writing) : ERR_OK;
}

enum err writing_batch(const struct format_encoder *encoder, struct writing *writing,
                       const struct batch *batch)
{
    return encoder->batch(writing, batch);
}

enum err writing_end(const struct format_encoder *encoder, struct writing *writing)
{
    return encoder->end ? encoder->end(writing) : ERR_OK;
}

void writing_close(const struct format_encoder *encoder, struct writing *writing)
{
    if (encoder->close) {
        encoder->close(writing);
    }
}

str format_heading(const struct output *output, const struct format_options *options)
{
    if (options->use_labels && output->field && output->field->label.n &&
        str_eq(output->name, output->field->name)) {
        return output->field->label;
    }
    return output->name;
}

static bool is_taken(const str *names, size_t count, str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_nocase(names[i], name)) {
            return true;
        }
    }
    return false;
}

const str *format_headings(struct arena *arena, const struct output *outputs, size_t count,
                           const struct format_options *options)
{
    str *names = arena_array(arena, str, count + 1);
    for (size_t i = 0; i < count; i++) {
        str heading = format_heading(&outputs[i], options);
        names[i] = heading;
        for (size_t n = 2; is_taken(names, i, names[i]); n++) {
            names[i] = str_printf(arena, "%.*s (%zu)", STR_ARG(heading), n);
        }
    }
    return names;
}

struct writing writing_begin(struct scope *scope, const struct output *outputs, size_t output_count,
                             const struct format_options *options, struct buf *out)
{
    struct arena *arena = &scope->arena;
    struct rendered *rendered = arena_array(arena, struct rendered, output_count ? output_count : 1);
    struct buf key = {0};
    for (size_t i = 0; i < output_count; i++) {
        buf_clear(&key);
        buf_add(&key, i ? S(", ") : S("{"));
        json_escape(&key, outputs[i].name);
        buf_add(&key, S(": "));
        rendered[i].key = buf_copy(&key, arena);
    }
    buf_done(&key);
    return (struct writing){.scope = scope,
                            .outputs = outputs,
                            .output_count = output_count,
                            .options = *options,
                            .rendered = rendered,
                            .out = out};
}

void writing_view(struct writing *writing, const struct batch *batch)
{
    for (size_t i = 0; i < writing->output_count; i++) {
        rendered_view(&writing->rendered[i], &writing->outputs[i], batch);
    }
}
