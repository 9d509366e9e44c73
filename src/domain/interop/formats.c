/* The table of formats, and the formats that are short. */
#include "domain/interop/interop.h"

static const struct catalogue_format formats[] = {
#define CATALOGUE_FORMAT(name, profile, file_name, content_type, flags, encoder)                   \
    {{name, sizeof(name) - 1},                                                                     \
     {profile, sizeof(profile) - 1},                                                               \
     {file_name, sizeof(file_name) - 1},                                                           \
     {content_type, sizeof(content_type) - 1},                                                     \
     flags,                                                                                        \
     encoder},
#include "domain/interop/catalogue_formats.def"
#undef CATALOGUE_FORMAT
};

const struct catalogue_format *catalogue_formats_all(size_t *ret_count)
{
    *ret_count = ARRAY_LENGTH(formats);
    return formats;
}

static bool is_name(str name, str text)
{
    if (name.n != text.n) {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] != (text.p[i] == '-' ? '_' : text.p[i])) {
            return false;
        }
    }
    return true;
}

const struct catalogue_format *catalogue_format_find(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) {
        if (is_name(formats[i].name, name)) {
            return &formats[i];
        }
    }
    return NULL;
}

/* ---- json: an array of dataset objects ---- */

static enum err json_begin(struct catalogue_writing *writing)
{
    buf_add_char(writing->out, '[');
    return ERR_OK;
}

static enum err json_dataset(struct catalogue_writing *writing, const struct entry *entry)
{
    buf_add(writing->out, writing->datasets ? S(",") : S(""));
    buf_add(writing->out, entry->text);
    return ERR_OK;
}

static enum err json_end(struct catalogue_writing *writing)
{
    buf_add_char(writing->out, ']');
    return ERR_OK;
}

const struct catalogue_encoder catalogue_json = {
    .begin = json_begin, .dataset = json_dataset, .end = json_end};
