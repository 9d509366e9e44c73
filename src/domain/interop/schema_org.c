/* A dataset as search engines read it: schema.org's Dataset (Google, "Dataset structured data"). */
#include "domain/interop/interop.h"
#include "domain/interop/place.h"
#include "platform/markup/sanitize.h"

#define DESCRIPTION_MOST 5000 /* bytes; search engines take descriptions of 50 to 5000 characters  \
                               */
#define VARIABLES_MOST 500

static void write_if(struct json_writer *json, str key, str text)
{
    if (text.n) {
        json_key_text(json, key, text);
    }
}

static void write_organization(struct json_writer *json, str key, str name)
{
    if (name.n) {
        json_key(json, key);
        json_object_begin(json);
        json_key_text(json, S("@type"), S("Organization"));
        json_key_text(json, S("name"), name);
        json_object_end(json);
    }
}

static void write_keywords(struct json_writer *json, const struct entry *entry)
{
    str text;
    json_key(json, S("keywords"));
    json_array_begin(json);
    for (size_t i = 0; (text = entry_item(entry, "default", "theme", i)).p; i++) {
        json_text(json, text);
    }
    for (size_t i = 0; (text = entry_item(entry, "default", "keyword", i)).p; i++) {
        json_text(json, text);
    }
    json_array_end(json);
}

static void write_coverage(struct json_writer *json, struct arena *arena, const struct entry *entry)
{
    str start = interop_day(entry_text(entry, "dcat", "temporal_coverage_start"));
    str end = interop_day(entry_text(entry, "dcat", "temporal_coverage_end"));
    if (start.n || end.n) {
        json_key_text(json, S("temporalCoverage"),
                      str_printf(arena, "%.*s/%.*s", STR_ARG(start.n ? start : S("..")),
                                 STR_ARG(end.n ? end : S(".."))));
    }
    str box = place_box(arena, entry_value(entry, "default", "bbox"));
    str place = entry_item(entry, "default", "territory", 0);
    place = place.n ? place : entry_text(entry, "dcat", "spatial");
    if (box.n == 0 && place.n == 0) {
        return;
    }
    json_key(json, S("spatialCoverage"));
    json_object_begin(json);
    json_key_text(json, S("@type"), S("Place"));
    write_if(json, S("name"), place);
    if (box.n) {
        json_key(json, S("geo"));
        json_object_begin(json);
        json_key_text(json, S("@type"), S("GeoShape"));
        json_key_text(json, S("box"), box);
        json_object_end(json);
    }
    json_object_end(json);
}

static void write_distributions(struct json_writer *json, struct arena *arena,
                                const struct interop_portal *portal, const struct entry *entry)
{
    size_t count;
    const struct format *formats = formats_all(&count);
    json_key(json, S("distribution"));
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        if (entry_has_export(entry, &formats[i])) {
            json_object_begin(json);
            json_key_text(json, S("@type"), S("DataDownload"));
            json_key_text(json, S("encodingFormat"), interop_media_type(&formats[i]));
            json_key_text(json, S("contentUrl"),
                          entry_export_address(arena, portal, entry, &formats[i], true));
            json_object_end(json);
        }
    }
    json_array_end(json);
}

static void write_variables(struct json_writer *json, const struct entry *entry)
{
    const struct schema *schema = &entry->dataset->schema;
    json_key(json, S("variableMeasured"));
    json_array_begin(json);
    for (size_t i = 0; i < schema->count && i < VARIABLES_MOST; i++) {
        const struct field *field = &schema->fields[i];
        json_object_begin(json);
        json_key_text(json, S("@type"), S("PropertyValue"));
        json_key_text(json, S("name"), field->label.n ? field->label : field->name);
        write_if(json, S("description"), field->description);
        write_if(json, S("unitText"), field->unit);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_source(struct json_writer *json, const struct interop_portal *portal,
                         const struct entry *entry)
{
    str license_url = entry_text(entry, "default", "license_url");
    str license = entry_text(entry, "default", "license");
    str publisher = entry_text(entry, "default", "publisher");
    str creator = entry_text(entry, "dcat", "creator");
    write_if(json, S("license"), interop_is_web_address(license_url) ? license_url : license);
    write_organization(json, S("creator"), creator.n ? creator : publisher);
    write_organization(json, S("publisher"), publisher);
    str references = entry_text(entry, "default", "references");
    if (interop_is_web_address(references)) {
        json_key_text(json, S("sameAs"), references);
    }
    json_key(json, S("includedInDataCatalog"));
    json_object_begin(json);
    json_key_text(json, S("@type"), S("DataCatalog"));
    json_key_text(json, S("name"), portal->name);
    json_key_text(json, S("url"), portal->catalogue);
    json_object_end(json);
}

static void write_dataset(struct json_writer *json, struct arena *arena,
                          const struct interop_portal *portal, const struct entry *entry)
{
    str description = markup_plain(arena, entry_description(entry), DESCRIPTION_MOST);
    json_object_begin(json);
    json_key_text(json, S("@context"), S("https://schema.org/"));
    json_key_text(json, S("@type"), S("Dataset"));
    json_key_text(json, S("@id"), entry->address);
    json_key_text(json, S("name"), entry_title(entry));
    json_key_text(json, S("description"), description);
    json_key_text(json, S("url"), entry->address);
    json_key_text(json, S("identifier"), entry->dataset->id);
    write_keywords(json, entry);
    write_if(json, S("inLanguage"), entry_text(entry, "default", "language"));
    json_key_bool(json, S("isAccessibleForFree"), !entry->dataset->is_restricted);
    write_source(json, portal, entry);
    write_if(json, S("dateCreated"), interop_instant(arena, entry_text(entry, "dcat", "created")));
    write_if(json, S("datePublished"), interop_instant(arena, entry_text(entry, "dcat", "issued")));
    write_if(json, S("dateModified"),
             interop_instant(arena, entry_text(entry, "default", "modified")));
    write_coverage(json, arena, entry);
    write_distributions(json, arena, portal, entry);
    write_variables(json, entry);
    json_object_end(json);
}

void schema_org_write(struct arena *arena, const struct interop_portal *portal,
                      const struct entry *entry, struct buf *out)
{
    struct buf text cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&text);
    write_dataset(&json, arena, portal, entry);
    for (size_t i = 0; i < text.n; i++) { /* outside texts JSON has none of these */
        char c = text.p[i];
        if (c == '<' || c == '>' || c == '&') {
            buf_printf(out, "\\u%04x", (unsigned)c);
        } else {
            buf_add_char(out, c);
        }
    }
}
