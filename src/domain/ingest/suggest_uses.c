#include "domain/ingest/loading.h"
#include "domain/ingest/suggest.h"

#define FACET_VALUES_LEAST 2
#define FACET_VALUES_MOST 50
#define FACET_REPEATS 5     /* of a value, on average */
#define FACET_TEXT_MOST 60  /* characters of a value */
#define IDENTIFIER_RECORDS_LEAST 5
#define IDENTIFIER_TEXT_MOST 60

struct figures {
    int64_t distinct, filled, longest;
};

static bool is_looked_at(const struct field *field)
{
    return (field->type == FIELD_TEXT || field->type == FIELD_INT) && !field_is_list(field);
}

/* Words of names of such fields, in the languages of the portal. */
static bool is_word_of_identifiers(str word)
{
    static const char *const words[] = {
        "id",       "ids",      "identifier", "identifiant", "identificador", "identificatore", "kennung",  "kenmerk",
        "uid",      "uuid",     "guid",       "oid",         "fid",           "gid",            "objectid", "key",
        "cle",      "clé",      "clave",      "chiave",      "sleutel",       "schluessel",     "schlüssel", "code",
        "codigo",   "código",   "codice",     "kode",        "ref",           "reference",      "référence", "referencia",
        "riferimento", "nr",    "num",        "number",      "nummer",        "numero",         "numéro",   "número",
        "insee",    "siren",    "siret",      "iata",        "icao",          "nuts",           "isbn",     "issn",
        "ean",      "isin",     "doi"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (str_eq(word, str_from(words[i]))) {
            return true;
        }
    }
    return false;
}

/* Names are lower case (field.h), their words apart from each other by "_". */
static bool is_named_so(str name)
{
    while (name.n) {
        str word;
        str_split(&name, '_', &word);
        if (is_word_of_identifiers(word)) {
            return true;
        }
    }
    return false;
}

static bool may_identify(const struct figures *figures, int64_t records)
{
    return records >= IDENTIFIER_RECORDS_LEAST && figures->filled == records && figures->distinct == records &&
           figures->longest <= IDENTIFIER_TEXT_MOST;
}

static bool is_facet(const struct field *field, const struct figures *figures)
{
    return field->type == FIELD_TEXT && figures->distinct >= FACET_VALUES_LEAST && figures->distinct <= FACET_VALUES_MOST &&
           figures->filled >= figures->distinct * FACET_REPEATS && figures->longest <= FACET_TEXT_MOST;
}

static void add_figures(struct scope *scope, const struct field *field, struct sql *out)
{
    static const char *const parts[][2] = {{", count(distinct ", ")"}, {", count(", ")"}, {", max(length(", "::varchar))::bigint"}};
    str names[2];
    (void)column_names(&scope->arena, field, names);
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        sql_text_constant(out, str_from(parts[i][0]));
        sql_name(out, names[0]);
        sql_text_constant(out, str_from(parts[i][1]));
    }
}

static struct figures read_figures(const struct batch *row, size_t field)
{
    const struct column *columns = row->columns + 1 + 3 * field;
    return (struct figures){.distinct = column_cell(&columns[0], 0).number,
                            .filled = column_cell(&columns[1], 0).number,
                            .longest = column_cell(&columns[2], 0).number};
}

static void decide(const struct schema *schema, const size_t *fields, size_t count, const struct batch *row, bool is_whole,
                   bool *facets, struct use_suggestions *uses)
{
    int64_t records = column_cell(&row->columns[0], 0).number;
    bool is_named = false;
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &schema->fields[fields[i]];
        struct figures figures = read_figures(row, i);
        facets[fields[i]] = is_facet(field, &figures);
        if (is_named || !may_identify(&figures, records)) {
            continue;
        }
        is_named = is_named_so(field->name);
        if (is_named || (is_whole && fields[i] == 0)) {
            uses->identifier = fields[i];
        }
    }
}

enum err suggest_uses(struct scope *scope, struct db *db, const struct schema *schema, bool is_whole,
                      struct use_suggestions *ret_uses)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    bool *facets = arena_array(&scope->arena, bool, schema->count + 1);
    size_t fields[SUGGEST_FIELDS];
    size_t count = 0;
    struct sql sql = sql_in(&scope->arena);
    const struct batch *row;
    *ret_uses = (struct use_suggestions){facets, schema->count};
    sql_text(&sql, "select count(*)");
    for (size_t i = 0; i < schema->count && count < SUGGEST_FIELDS; i++) {
        if (is_looked_at(&schema->fields[i])) {
            add_figures(scope, &schema->fields[i], &sql);
            fields[count++] = i;
        }
    }
    sql_text(&sql, " from records");
    TRY(db_lease(scope, db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (row) {
        decide(schema, fields, count, row, is_whole, facets, ret_uses);
    }
    return ERR_OK;
}
