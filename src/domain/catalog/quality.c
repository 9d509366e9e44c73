#include "domain/catalog/quality.h"

#include "base/utf8.h"
#include "platform/markup/sanitize.h"

#define DESCRIPTION_LETTERS 100 /* shorter ones get half the points */
#define KEYWORDS_GOOD 2
#define PLAIN_BYTES 4000

#define TEXT_OF(text) {text, sizeof(text) - 1}

static const struct quality_row rows[] = {
#define QUALITY(name, key, weight, template_name, value)                                           \
    {TEXT_OF(key), weight, TEXT_OF(template_name), TEXT_OF(value)},
#include "domain/catalog/quality.def"
#undef QUALITY
};

const struct quality_row *quality_rows(void)
{
    return rows;
}

/* What is measured. */
struct measuring {
    struct arena *arena;
    const json_t *metadata;
    const struct schema *schema;
    struct quality *quality;
};

static const json_t *value_of(const struct measuring *measuring, const char *template_name, const char *name)
{
    return metadata_value(measuring->metadata, S(""), str_from(template_name), str_from(name));
}

static bool is_text(const json_t *value)
{
    return str_trim(json_read_text(value)).n > 0;
}

/* Texts of a list that say anything. */
static size_t count_texts(const json_t *value)
{
    size_t count = is_text(value);
    for (size_t i = 0; i < json_array_size(value); i++) {
        count += is_text(json_array_get(value, i));
    }
    return count;
}

static bool has_any(const struct measuring *measuring, const char *template_name, const char *name)
{
    return count_texts(value_of(measuring, template_name, name)) > 0;
}

/* ---- values ---- */

/* Share of its weight that a check gets, in halves. */
static int description_halves(const struct measuring *measuring)
{
    str html = json_read_text(value_of(measuring, "default", "description"));
    str plain = markup_plain(measuring->arena, html, PLAIN_BYTES);
    size_t letters = utf8_length(plain);
    return letters >= DESCRIPTION_LETTERS ? 2 : letters > 0 ? 1 : 0;
}

static int keyword_halves(const struct measuring *measuring)
{
    size_t count = count_texts(value_of(measuring, "default", "keyword"));
    return count >= KEYWORDS_GOOD ? 2 : (int)count;
}

/* The extent is computed from the records; it has no name that people search by. */
static int place_halves(const struct measuring *measuring)
{
    bool is_named = has_any(measuring, "dcat", "spatial") || has_any(measuring, "default", "territory") ||
                    has_any(measuring, "default", "geographic_reference");
    return is_named ? 2 : json_object_size(json_object_get(measuring->metadata, "extent")) > 0;
}

static int halves(const struct measuring *measuring, enum quality_check check)
{
    switch (check) {
    case QUALITY_DESCRIPTION:
        return description_halves(measuring);
    case QUALITY_KEYWORD:
        return keyword_halves(measuring);
    case QUALITY_FREQUENCY:
        return 2 * (has_any(measuring, "dcat", "accrualperiodicity") ||
                    has_any(measuring, "default", "update_frequency"));
    case QUALITY_CONTACT:
        return has_any(measuring, "dcat", "contact_email") ? 2 : has_any(measuring, "dcat", "contact_name");
    case QUALITY_ORIGIN:
        return 2 * (has_any(measuring, "dcat", "creator") || has_any(measuring, "default", "references"));
    case QUALITY_SPATIAL:
        return place_halves(measuring);
    case QUALITY_TEMPORAL:
        return 2 * (has_any(measuring, "dcat", "temporal_coverage_start") ||
                    has_any(measuring, "dcat", "temporal"));
    default:
        return 2 * has_any(measuring, rows[check].template_name.p, rows[check].name.p);
    }
}

/* ---- fields ---- */

static bool is_described(const struct field *field, enum quality_check check)
{
    return check == QUALITY_TEXTS ? str_trim(field->description).n > 0
                                  : str_trim(field->label).n > 0 && !str_eq(field->label, field->name);
}

static void measure_fields(const struct measuring *measuring, enum quality_check check)
{
    struct quality_result *result = &measuring->quality->results[check];
    size_t count = measuring->schema->count;
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &measuring->schema->fields[i];
        if (!is_described(field, check)) {
            result->field = result->missing++ ? result->field : field->name;
        }
    }
    result->applies = count > 0;
    result->points = count ? (int)((int64_t)rows[check].weight * ((int64_t)count - result->missing) / (int64_t)count) : 0;
}

/* ---- all ---- */

void quality_measure(struct arena *arena, const json_t *metadata, const struct schema *schema,
                     struct quality *ret_quality)
{
    const struct measuring measuring = {arena, metadata, schema, ret_quality};
    int points = 0;
    int most = 0;
    *ret_quality = (struct quality){0};
    for (int check = 0; check < QUALITY__COUNT; check++) {
        struct quality_result *result = &ret_quality->results[check];
        if (rows[check].template_name.n == 0) {
            measure_fields(&measuring, (enum quality_check)check);
        } else {
            result->applies = true;
            result->points = rows[check].weight * halves(&measuring, (enum quality_check)check) / 2;
        }
        if (result->applies) {
            points += result->points;
            most += rows[check].weight;
            ret_quality->missing_count += result->points < rows[check].weight;
        }
    }
    ret_quality->score = points * 100 / most;
}

enum err quality_of(struct scope *scope, const struct dataset *dataset, struct quality *ret_quality)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata.n ? dataset->metadata : S("{}"), "stored metadata",
                  &metadata));
    quality_measure(&scope->arena, metadata, &dataset->schema, ret_quality);
    return ERR_OK;
}
