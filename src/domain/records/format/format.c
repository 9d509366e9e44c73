#include "domain/records/format.h"

#include "domain/records/format/rendered.h"

static const struct format formats[] = {
#define FORMAT(name, extension, content_type, is_geographic, encoder)                              \
    {{name, sizeof(name) - 1},                                                                     \
     {extension, sizeof(extension) - 1},                                                           \
     {content_type, sizeof(content_type) - 1},                                                     \
     is_geographic,                                                                                \
     encoder},
#include "domain/records/formats.def"
#undef FORMAT
};

struct format_options format_options_default(void)
{
    return (struct format_options){.zone = zone_find(STR_NONE),
                                   .delimiter = ';',
                                   .list_separator = S(","),
                                   .with_bom = true,
                                   .compression = S("snappy")};
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

str format_heading(const struct output *output, const struct format_options *options)
{
    if (options->use_labels && output->field && output->field->label.n &&
        str_eq(output->name, output->field->name)) {
        return output->field->label;
    }
    return output->name;
}

struct writing writing_begin(struct arena *arena, const struct output *outputs, size_t output_count,
                             const struct format_options *options, struct buf *out)
{
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
    return (struct writing){.outputs = outputs,
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
