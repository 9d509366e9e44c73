/* The catalogue in the schema of Project Open Data 1.1, as data.gov and others harvest it. */
#include "domain/interop/interop.h"
#include "domain/interop/place.h"
#include "platform/markup/sanitize.h"

static enum err data_begin(struct catalogue_writing *writing)
{
    struct buf *out = writing->out;
    buf_add(out, S("{\"@context\": "
                   "\"https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld\", \"@id\": "));
    json_escape(out, writing->self);
    buf_add(out,
            S(", \"@type\": \"dcat:Catalog\", "
              "\"conformsTo\": \"https://project-open-data.cio.gov/v1.1/schema\", "
              "\"describedBy\": \"https://project-open-data.cio.gov/v1.1/schema/catalog.json\", "
              "\"dataset\": ["));
    return ERR_OK;
}

static void write_if(struct json_writer *json, str key, str text)
{
    if (text.n) {
        json_key_text(json, key, text);
    }
}

static void write_web_address(struct json_writer *json, str key, str address)
{
    if (interop_is_web_address(address)) {
        json_key_text(json, key, address);
    }
}

static void write_texts(struct json_writer *json, const struct entry *entry, const char *name)
{
    str text;
    for (size_t i = 0; (text = entry_item(entry, "default", name, i)).p; i++) {
        json_text(json, text);
    }
}

/* The schema wants at least one keyword: themes, else the kind of thing it is. */
static void write_keywords(struct json_writer *json, const struct entry *entry)
{
    bool has_keywords = entry_item(entry, "default", "keyword", 0).p != NULL;
    bool has_themes = entry_item(entry, "default", "theme", 0).p != NULL;
    json_key(json, S("keyword"));
    json_array_begin(json);
    write_texts(json, entry, has_keywords ? "keyword" : "theme");
    if (!has_keywords && !has_themes) {
        json_text(json, S("dataset"));
    }
    json_array_end(json);
    if (has_themes) {
        json_key(json, S("theme"));
        json_array_begin(json);
        write_texts(json, entry, "theme");
        json_array_end(json);
    }
}

static void write_people(struct json_writer *json, struct arena *arena,
                         const struct interop_portal *portal, const struct entry *entry)
{
    str publisher = entry_text(entry, "default", "publisher");
    str name = entry_text(entry, "dcat", "contact_name");
    str mail = entry_text(entry, "dcat", "contact_email");
    publisher = publisher.n ? publisher : portal->name;
    json_key(json, S("publisher"));
    json_object_begin(json);
    json_key_text(json, S("@type"), S("org:Organization"));
    json_key_text(json, S("name"), publisher);
    json_object_end(json);
    json_key(json, S("contactPoint"));
    json_object_begin(json);
    json_key_text(json, S("@type"), S("vcard:Contact"));
    json_key_text(json, S("fn"), name.n ? name : publisher);
    if (mail.n) {
        json_key_text(json, S("hasEmail"), interop_mail_address(arena, mail));
    }
    json_object_end(json);
}

static void write_coverage(struct json_writer *json, struct arena *arena, const struct entry *entry)
{
    str start = interop_day(entry_text(entry, "dcat", "temporal_coverage_start"));
    str end = interop_day(entry_text(entry, "dcat", "temporal_coverage_end"));
    str bounds = place_bounds(arena, entry_value(entry, "default", "bbox"));
    if (start.n && end.n) {
        json_key_text(json, S("temporal"),
                      str_printf(arena, "%.*s/%.*s", STR_ARG(start), STR_ARG(end)));
    }
    str spatial = entry_text(entry, "dcat", "spatial");
    write_if(json, S("spatial"), bounds.n ? bounds : spatial);
    const struct frequency *frequency = entry_frequency(entry);
    if (frequency) {
        write_if(json, S("accrualPeriodicity"), frequency->interval);
    }
    str spoken = entry_text(entry, "default", "language");
    if (spoken.n) {
        json_key(json, S("language"));
        json_array_begin(json);
        json_text(json, spoken);
        json_array_end(json);
    }
}

static void write_distributions(struct json_writer *json, const struct catalogue_writing *writing,
                                const struct entry *entry)
{
    const struct catalogue_options *options = &writing->options;
    json_key(json, S("distribution"));
    json_array_begin(json);
    for (size_t i = 0; i < options->export_count; i++) {
        const struct format *format = options->exports[i];
        if (entry_has_export(entry, format)) {
            json_object_begin(json);
            json_key_text(json, S("@type"), S("dcat:Distribution"));
            json_key_text(json, S("downloadURL"),
                          entry_export_address(&writing->scope->arena, &writing->portal, entry,
                                               format, options->labels_in_exports));
            json_key_text(json, S("mediaType"), interop_media_type(format));
            json_key_text(json, S("format"), format->name);
            json_key_text(json, S("title"),
                          str_printf(&writing->scope->arena, "%.*s.%.*s",
                                     STR_ARG(entry->dataset->id), STR_ARG(format->extension)));
            json_object_end(json);
        }
    }
    json_array_end(json);
}

static enum err data_dataset(struct catalogue_writing *writing, const struct entry *entry)
{
    struct arena *arena = &writing->scope->arena;
    struct json_writer json = json_writer_to(writing->out);
    buf_add(writing->out, writing->datasets ? S(", ") : S(""));
    json_object_begin(&json);
    json_key_text(&json, S("@type"), S("dcat:Dataset"));
    json_key_text(&json, S("identifier"), entry->address);
    json_key_text(&json, S("title"), entry_title(entry));
    json_key_text(&json, S("description"), markup_plain(arena, entry_description(entry), SIZE_MAX));
    json_key_text(&json, S("landingPage"), entry->address);
    write_keywords(&json, entry);
    write_if(&json, S("issued"), interop_instant(arena, entry_text(entry, "dcat", "issued")));
    write_if(&json, S("modified"),
             interop_instant(arena, entry_text(entry, "default", "modified")));
    write_people(&json, arena, &writing->portal, entry);
    json_key_text(&json, S("accessLevel"),
                  entry->dataset->is_restricted ? S("restricted public") : S("public"));
    write_if(&json, S("rights"), entry_text(entry, "dcat", "accessRights"));
    write_web_address(&json, S("license"), entry_text(entry, "default", "license_url"));
    write_coverage(&json, arena, entry);
    str references = entry_text(entry, "default", "references");
    if (interop_is_web_address(references)) {
        json_key(&json, S("references"));
        json_array_begin(&json);
        json_text(&json, references);
        json_array_end(&json);
    }
    write_distributions(&json, writing, entry);
    json_object_end(&json);
    return ERR_OK;
}

static enum err data_end(struct catalogue_writing *writing)
{
    buf_add(writing->out, S("]}"));
    return ERR_OK;
}

const struct catalogue_encoder catalogue_data_json = {
    .begin = data_begin, .dataset = data_dataset, .end = data_end};
