#include "domain/catalog/vocabulary.h"

#define TEXT_OF(text) {text, sizeof(text) - 1}

static const struct vocabulary_term terms[] = {
#define TERM(in, code, value) {VOCABULARY_##in, TEXT_OF(code), TEXT_OF(value)},
#include "domain/catalog/vocabulary.def"
#undef TERM
#define FREQUENCY(code, eu_code, interval, words)                                                  \
    {VOCABULARY_FREQUENCY, TEXT_OF(code),                                                          \
     TEXT_OF("http://publications.europa.eu/resource/authority/frequency/" eu_code)},
#include "domain/catalog/frequency.def"
#undef FREQUENCY
};

static const char *const names[VOCABULARY__COUNT] = {
    [VOCABULARY_NONE] = "",
    [VOCABULARY_THEME] = "theme",
    [VOCABULARY_PUBLISHER] = "publisher",
    [VOCABULARY_KEYWORD] = "keyword",
    [VOCABULARY_LICENSE] = "license",
    [VOCABULARY_DATA_THEME] = "data_theme",
    [VOCABULARY_ACCESS_RIGHT] = "access_right",
    [VOCABULARY_FREQUENCY] = "frequency",
    [VOCABULARY_PUBLISHER_TYPE] = "publisher_type",
    [VOCABULARY_INSPIRE_THEME] = "inspire_theme",
    [VOCABULARY_LANGUAGE] = "language",
    [VOCABULARY_COUNTRY] = "country",
    [VOCABULARY_TIMEZONE] = "timezone",
    [VOCABULARY_FIELD] = "field",
    [VOCABULARY_DIRECTION] = "direction"};

/* Which rows have one. */
static const struct {
    str template_name, name;
    enum vocabulary vocabulary;
    bool is_closed;
} uses[] = {
    {S("default"), S("theme"), VOCABULARY_THEME, false},
    {S("default"), S("keyword"), VOCABULARY_KEYWORD, false},
    {S("default"), S("license"), VOCABULARY_LICENSE, false},
    {S("default"), S("language"), VOCABULARY_LANGUAGE, true},
    {S("default"), S("timezone"), VOCABULARY_TIMEZONE, false},
    {S("default"), S("territory"), VOCABULARY_COUNTRY, false},
    {S("default"), S("publisher"), VOCABULARY_PUBLISHER, false},
    {S("default"), S("update_frequency"), VOCABULARY_FREQUENCY, true},
    {S("dcat"), S("accrualperiodicity"), VOCABULARY_FREQUENCY, true},
    {S("dcat"), S("publisher_type"), VOCABULARY_PUBLISHER_TYPE, true},
    {S("dcat"), S("accessRights"), VOCABULARY_ACCESS_RIGHT, true},
    {S("dcat"), S("spatial"), VOCABULARY_COUNTRY, false},
    {S("inspire"), S("theme"), VOCABULARY_INSPIRE_THEME, true},
    {S("visualization"), S("table_fields"), VOCABULARY_FIELD, false},
    {S("visualization"), S("table_default_sort_field"), VOCABULARY_FIELD, true},
    {S("visualization"), S("table_default_sort_direction"), VOCABULARY_DIRECTION, true},
    {S("visualization"), S("map_tooltip_title"), VOCABULARY_FIELD, true},
    {S("internal"), S("metadata_source_language"), VOCABULARY_LANGUAGE, true},
};

const struct vocabulary_term *vocabulary_terms(size_t *ret_count)
{
    *ret_count = ARRAY_LENGTH(terms);
    return terms;
}

static str without_scheme(str address)
{
    str secure = S("https://");
    str plain = S("http://");
    return str_starts(address, secure)  ? str_slice(address, secure.n, address.n)
           : str_starts(address, plain) ? str_slice(address, plain.n, address.n)
                                        : address;
}

const struct vocabulary_term *vocabulary_find(enum vocabulary in, str value)
{
    for (size_t i = 0; i < ARRAY_LENGTH(terms); i++) {
        if (terms[i].in == in && str_eq(without_scheme(terms[i].value), without_scheme(value))) {
            return &terms[i];
        }
    }
    return NULL;
}

str vocabulary_name(enum vocabulary vocabulary)
{
    return str_from(names[vocabulary]);
}

enum vocabulary vocabulary_own(str name)
{
    for (int i = VOCABULARY_THEME; i <= VOCABULARY_LICENSE; i++) {
        if (str_eq(str_from(names[i]), name)) {
            return (enum vocabulary)i;
        }
    }
    return VOCABULARY_NONE;
}

enum vocabulary vocabulary_of(const struct metadata_row *row, bool *ret_is_closed)
{
    for (size_t i = 0; i < ARRAY_LENGTH(uses); i++) {
        if (str_eq(uses[i].template_name, row->in->name) && str_eq(uses[i].name, row->name)) {
            *ret_is_closed = uses[i].is_closed;
            return uses[i].vocabulary;
        }
    }
    *ret_is_closed = false;
    return VOCABULARY_NONE;
}

const struct vocabulary_entry *vocabulary_licenses(size_t *ret_count)
{
    static const struct vocabulary_entry licenses[] = {
#define LICENCE(id, the_name, the_address) {.value = TEXT_OF(the_name), .address = TEXT_OF(the_address)},
#include "domain/catalog/licence.def"
#undef LICENCE
    };
    *ret_count = ARRAY_LENGTH(licenses);
    return licenses;
}
