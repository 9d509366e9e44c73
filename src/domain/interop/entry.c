/* What the encoders ask of a dataset. */
#include "domain/interop/interop.h"

/* The language that was asked for, where there are values in it, else the metadata's own. */
static enum err find_language(struct scope *scope, const struct interop_portal *portal,
                              struct entry *entry)
{
    str lang;
    for (size_t i = 0; (lang = entry_item(entry, "default", "metadata_languages", i)).p; i++) {
        if (str_eq(lang, portal->values)) {
            entry->lang = lang;
            return ERR_OK;
        }
    }
    return dataset_language(scope, entry->dataset, &entry->lang);
}

enum err entry_open(struct scope *scope, const struct interop_portal *portal,
                    const struct dataset *dataset, struct entry *ret_entry)
{
    struct entry entry = {.dataset = dataset};
    TRY(dataset_document_in(scope, dataset, portal->values, false, &entry.text));
    TRY(json_read(scope, ERR_DATABASE, entry.text, "dataset object", &entry.document));
    enum err result = find_language(scope, portal, &entry);
    if (result != ERR_OK) {
        entry_close(&entry);
        return result;
    }
    entry.address = str_printf(&scope->arena, "%.*s/explore/dataset/%.*s/",
                               STR_ARG(portal->address), STR_ARG(dataset->id));
    *ret_entry = entry;
    return ERR_OK;
}

void entry_close(struct entry *entry)
{
    json_decref(entry->document);
    entry->document = NULL;
}

const json_t *entry_value(const struct entry *entry, const char *template_name, const char *name)
{
    json_t *metas = json_object_get(entry->document, "metas");
    json_t *value = json_object_get(json_object_get(metas, template_name), name);
    return json_is_null(value) ? NULL : value;
}

str entry_text(const struct entry *entry, const char *template_name, const char *name)
{
    return json_read_text(entry_value(entry, template_name, name));
}

str entry_item(const struct entry *entry, const char *template_name, const char *name, size_t n)
{
    const json_t *value = entry_value(entry, template_name, name);
    if (json_is_string(value)) {
        str text = json_read_text(value);
        return n == 0 && text.n ? text : STR_NONE;
    }
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        str text = json_read_text(json_array_get(value, i));
        if (text.n && found++ == n) {
            return text;
        }
    }
    return STR_NONE;
}

str entry_title(const struct entry *entry)
{
    str title = entry_text(entry, "default", "title");
    return title.n ? title : entry->dataset->id;
}

str entry_description(const struct entry *entry)
{
    str description = entry_text(entry, "default", "description");
    return description.n ? description : entry_title(entry);
}

bool entry_has_export(const struct entry *entry, const struct format *format)
{
    if (entry->dataset->version == 0) {
        return false;
    }
    if (!(format->flags & FORMAT_GEOGRAPHIC)) {
        return true;
    }
    const struct schema *schema = &entry->dataset->schema;
    for (size_t i = 0; i < schema->count; i++) {
        enum field_type type = schema->fields[i].type;
        if (type == FIELD_GEO_POINT || type == FIELD_GEO_SHAPE) {
            return true;
        }
    }
    return false;
}

str entry_export_address(struct arena *arena, const struct interop_portal *portal,
                         const struct entry *entry, const struct format *format, bool with_labels)
{
    bool has_headings = str_eq(format->name, S("csv")) || str_eq(format->name, S("xlsx"));
    return str_printf(arena, "%.*s/api/explore/v2.1/catalog/datasets/%.*s/exports/%.*s%s",
                      STR_ARG(portal->address), STR_ARG(entry->dataset->id), STR_ARG(format->name),
                      with_labels && has_headings ? "?use_labels=true" : "");
}

/* ---- how often ---- */

static const struct {
    struct frequency frequency;
    str words;
} frequencies[] = {
#define FREQUENCY(message, code, interval, words)                                                        \
    {{{code, sizeof(code) - 1}, {interval, sizeof(interval) - 1}}, {words, sizeof(words) - 1}},
#include "domain/catalog/frequency.def"
#undef FREQUENCY
};

static bool is_among(str words, str text)
{
    str word;
    while (str_split(&words, '|', &word)) {
        if (str_eq_nocase(word, text)) {
            return true;
        }
    }
    return false;
}

/* Of an IRI its last step: ".../frequency/WEEKLY", "http://purl.org/cld/freq/weekly". */
static str last_step(str text)
{
    static const char *const vocabularies[] = {
        "http://publications.europa.eu/resource/authority/frequency/",
        "https://publications.europa.eu/resource/authority/frequency/",
        "http://purl.org/cld/freq/"};
    for (size_t i = 0; i < ARRAY_LENGTH(vocabularies); i++) {
        if (str_starts(text, str_from(vocabularies[i]))) {
            return str_slice(text, strlen(vocabularies[i]), text.n);
        }
    }
    return text;
}

static const struct frequency *find_frequency(str text)
{
    str word = last_step(str_trim(text));
    for (size_t i = 0; i < ARRAY_LENGTH(frequencies) && word.n; i++) {
        if (str_eq_nocase(frequencies[i].frequency.code, word) ||
            is_among(frequencies[i].words, word)) {
            return &frequencies[i].frequency;
        }
    }
    return NULL;
}

const struct frequency *entry_frequency(const struct entry *entry)
{
    const struct frequency *found = find_frequency(entry_text(entry, "dcat", "accrualperiodicity"));
    return found ? found : find_frequency(entry_text(entry, "default", "update_frequency"));
}
