#include "base/utf8.h"
#include "domain/analytics/internal.h"

#define NAME_BYTES 80 /* of a host, page or language that is told apart */

/* A visit that is being classified. */
struct reading {
    struct classifier *classifier;
    const struct visit *visit;
    struct outcome *outcome;
    struct scope *scope;
    const struct dataset *dataset; /* NULL: none, or none that is there */
    struct agent agent;
};

#define BIT(measure) (1u << MEASURE_##measure)

static str text(const struct reading *reading, enum visit_text which)
{
    return visit_text_of(reading->visit, which);
}

static struct tally *add_tally(struct reading *reading, str dataset, enum dimension dimension, str value)
{
    struct outcome *outcome = reading->outcome;
    struct tally *tally = outcome->tally_count < OUTCOME_TALLIES
                            ? tallies_find(reading->classifier->tallies, dataset, dimension, value)
                            : NULL;
    if (tally) {
        outcome->tallies[outcome->tally_count++] = tally;
    }
    return tally;
}

/* For the portal, and for the dataset if there is one. */
static void add(struct reading *reading, enum dimension dimension, str value)
{
    add_tally(reading, S(""), dimension, value);
    if (reading->dataset) {
        add_tally(reading, reading->dataset->uid, dimension, value);
    }
}

static void add_totals(struct reading *reading)
{
    struct outcome *outcome = reading->outcome;
    outcome->totals[0] = add_tally(reading, S(""), DIMENSION_NONE, S(""));
    if (reading->dataset) {
        outcome->totals[1] = add_tally(reading, reading->dataset->uid, DIMENSION_NONE, S(""));
        add_tally(reading, S(""), DIMENSION_DATASET, reading->dataset->uid);
    }
}

/* ---- what stands in headers ---- */

static bool is_host(str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (!is_ascii_letter(c) && !is_ascii_digit(c) && !strchr(".-_", c)) {
            return false;
        }
    }
    return host.n > 0 && host.n <= NAME_BYTES;
}

static str without_port(str host)
{
    return str_slice(host, 0, str_find_char(host, ':', 0));
}

static bool is_own(const struct reading *reading, str host)
{
    return str_eq_nocase(host, without_port(text(reading, VISIT_HOST))) ||
           (reading->classifier->own_host.n && str_eq_nocase(host, reading->classifier->own_host));
}

/* The host that a referrer names, in small letters; STR_NONE: none, or one that is no name. */
static str referrer_of(struct reading *reading)
{
    str address = text(reading, VISIT_REFERRER);
    size_t scheme = url_scheme_length(address);
    str rest = str_slice(address, scheme, address.n);
    if (!(str_starts(address, S("http:")) || str_starts(address, S("https:"))) || !str_starts(rest, S("://"))) {
        return STR_NONE;
    }
    str host = without_port(url_authority(str_slice(rest, 3, rest.n)));
    if (!is_host(host)) {
        return STR_NONE;
    }
    host = str_lower_ascii(&reading->scope->arena, host);
    return str_starts(host, S("www.")) ? str_slice(host, 4, host.n) : host;
}

/* The primary subtag of the first language, as in "fr" of "fr-BE,fr;q=0.8". */
static str language_of(struct reading *reading)
{
    str given = str_trim(text(reading, VISIT_LANGUAGES));
    size_t n = 0;
    while (n < given.n && is_ascii_letter(given.p[n])) {
        n++;
    }
    bool is_tag = (n == 2 || n == 3) && (n == given.n || strchr("-,; ", given.p[n]));
    return is_tag ? str_lower_ascii(&reading->scope->arena, str_slice(given, 0, n)) : S("other");
}

static void add_country(struct reading *reading)
{
    char code[3];
    if (reading->classifier->countries) {
        countries_find(reading->classifier->countries, reading->visit->address, reading->visit->address_bytes, code);
        add(reading, DIMENSION_COUNTRY, str_from(code));
    }
}

/* The mark is made of what tells visitors apart, under the key of the day. Copies are wiped. */
static uint64_t mark_of(const struct reading *reading)
{
    char bytes[16 + 2 * VISIT_TEXT_BYTES + 2];
    const struct visit *visit = reading->visit;
    size_t address_bytes = visit->address_bytes == 16 ? 8 : visit->address_bytes; /* the network of an IPv6 address */
    str parts[] = {text(reading, VISIT_AGENT), text(reading, VISIT_HOST)};
    char *end = mempcpy(bytes, visit->address, address_bytes);
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        *end++ = 0;
        end = mempcpy(end, parts[i].p ? parts[i].p : "", parts[i].n);
    }
    uint64_t mark = fleeting_mark(reading->classifier->key, (str){bytes, (size_t)(end - bytes)});
    explicit_bzero(bytes, sizeof(bytes));
    return mark;
}

/* ---- kinds ---- */

static bool is_person_by(enum dimension dimension)
{
    return measure_has(MEASURE_VISITORS, dimension);
}

static void mark_tallies(struct reading *reading, bool is_person)
{
    struct outcome *outcome = reading->outcome;
    for (int i = 0; i < outcome->tally_count; i++) {
        struct tally *tally = outcome->tallies[i];
        if (is_person && is_person_by(tally->dimension)) {
            tally_add_person(reading->classifier->tallies, tally, outcome->mark);
        } else if (measure_has(MEASURE_CALLERS, tally->dimension)) {
            tally_add_caller(reading->classifier->tallies, tally, outcome->mark);
        }
    }
}

/* The pattern of the route, with the dataset's id in its place. */
static str page_of(struct reading *reading)
{
    str pattern = str_from(reading->visit->route->pattern);
    size_t brace = str_find(pattern, S("{}"), 0);
    if (!reading->dataset || brace == SIZE_MAX) {
        return pattern;
    }
    return str_printf(&reading->scope->arena, "%.*s%.*s%.*s", STR_ARG(str_slice(pattern, 0, brace)),
                      STR_ARG(reading->dataset->id), STR_ARG(str_slice(pattern, brace + 2, pattern.n)));
}

static void add_search(struct reading *reading, const struct asked *asked)
{
    if (asked->term.p) {
        reading->outcome->measures |= BIT(SEARCHES);
        if (asked->term.n) {
            add(reading, DIMENSION_TERM, asked->term);
        }
    }
}

static void add_fields(struct reading *reading, const struct asked *asked)
{
    if (asked->field_count) {
        reading->outcome->measures |= BIT(FILTERS);
    }
    for (size_t i = 0; i < asked->field_count && reading->dataset; i++) {
        add_tally(reading, reading->dataset->uid, DIMENSION_FIELD, asked->fields[i]);
    }
}

static void read_asked(struct reading *reading, struct asked *ret)
{
    const struct dataset *loaded = NULL;
    if (reading->dataset && text(reading, VISIT_QUERY).n) {
        const struct snapshot *snapshot = catalog_snapshot(reading->classifier->catalog);
        if (snapshot_load(reading->scope, snapshot, reading->dataset->uid, &loaded) != ERR_OK) {
            scope_forgive(reading->scope); /* then its filters are not counted */
        }
        snapshot_unref(snapshot);
    }
    query_read(reading->scope, reading->visit, loaded ? &loaded->schema : NULL, ret);
}

static void read_view(struct reading *reading)
{
    struct outcome *outcome = reading->outcome;
    struct asked asked;
    str referrer = referrer_of(reading);
    outcome->measures = BIT(PAGEVIEWS);
    outcome->is_view = true;
    add(reading, DIMENSION_PAGE, page_of(reading));
    if (!referrer.p) {
        add(reading, DIMENSION_REFERRER, S("direct"));
    } else if (!is_own(reading, referrer)) {
        add(reading, DIMENSION_REFERRER, referrer);
    }
    add_country(reading);
    add(reading, DIMENSION_DEVICE, str_from(reading->agent.device));
    add(reading, DIMENSION_BROWSER, str_from(reading->agent.browser));
    add(reading, DIMENSION_SYSTEM, str_from(reading->agent.system));
    add(reading, DIMENSION_LANGUAGE, language_of(reading));
    read_asked(reading, &asked);
    if (reading->classifier->has_campaigns && asked.campaign.n) {
        add(reading, DIMENSION_CAMPAIGN, asked.campaign);
    }
    add_search(reading, &asked);
    add_fields(reading, &asked);
    mark_tallies(reading, true);
}

static void read_embed(struct reading *reading)
{
    str referrer = referrer_of(reading);
    reading->outcome->measures = BIT(EMBEDS);
    if (referrer.p && !is_own(reading, referrer)) {
        add(reading, DIMENSION_HOST, referrer);
    }
    for (int i = 0; i < reading->outcome->tally_count; i++) {
        struct tally *tally = reading->outcome->tallies[i];
        if (tally->dimension == DIMENSION_HOST) {
            tally_add_person(reading->classifier->tallies, tally, reading->outcome->mark);
        }
    }
}

/* Who calls: a page of ours, that of another site, or a program. */
static str source_of(struct reading *reading)
{
    str referrer = referrer_of(reading);
    return !referrer.p ? S("program") : is_own(reading, referrer) ? S("page") : S("site");
}

static void add_access(struct reading *reading)
{
    static const char *const names[] = {"anonymous", "key", "session"};
    const struct visit *visit = reading->visit;
    add(reading, DIMENSION_ACCESS, str_from(names[visit->access]));
    if (visit->access == VISIT_KEY) {
        add_tally(reading, S(""), DIMENSION_KEY,
                 str_printf(&reading->scope->arena, "%lld", (long long)visit->key));
    }
}

static uint64_t file_of(const struct reading *reading)
{
    uint64_t hash = reading->outcome->mark;
    for (enum visit_text i = VISIT_DATASET; i <= VISIT_QUERY; i++) {
        hash = hash * UINT64_C(0x9e3779b97f4a7c15) + str_hash(text(reading, i));
    }
    return hash ? hash : 1;
}

static void read_download(struct reading *reading)
{
    const struct counted_route *route = reading->visit->route;
    bool is_attachment = route->kind == COUNTED_ATTACHMENT;
    if (reading->visit->status != 200 && reading->visit->status != 206) {
        return;
    }
    reading->outcome->file = file_of(reading);
    reading->outcome->measures |= is_attachment ? BIT(ATTACHMENTS) : BIT(DOWNLOADS);
    str format = text(reading, route->has_dataset ? VISIT_DETAIL : VISIT_DATASET);
    if (!is_attachment && format.n <= 16) {
        add(reading, DIMENSION_FORMAT, str_lower_ascii(&reading->scope->arena, format));
    }
}

static str endpoint_of(const struct counted_route *route)
{
    str name = str_from(route->name);
    return str_starts(name, S("api.")) ? str_slice(name, 4, name.n) : name;
}

static void read_call(struct reading *reading)
{
    struct outcome *outcome = reading->outcome;
    const struct counted_route *route = reading->visit->route;
    struct asked asked;
    outcome->measures = BIT(CALLS) | BIT(RECORDS) | BIT(BYTES) | BIT(CACHE_HITS) | BIT(ANSWERS);
    add(reading, DIMENSION_ENDPOINT, endpoint_of(route));
    add(reading, DIMENSION_SOURCE, source_of(reading));
    add_access(reading);
    add_country(reading);
    read_asked(reading, &asked);
    add_fields(reading, &asked);
    if (route->kind != COUNTED_CALL) {
        read_download(reading);
    }
    mark_tallies(reading, false);
}

static void read_robot(struct reading *reading)
{
    reading->outcome->measures = BIT(BOTS);
    add_tally(reading, S(""), DIMENSION_FAMILY, str_from(reading->agent.family ? reading->agent.family : "program"));
}

/* Libraries are the audience of the API, and robots where pages are concerned. */
static bool is_robot(const struct reading *reading, bool is_for_people)
{
    const struct agent *agent = &reading->agent;
    return is_for_people ? !agent->is_browser : agent->family && !agent->is_library;
}

static void read_error(struct reading *reading)
{
    reading->outcome->measures |= BIT(ERRORS);
    add(reading, DIMENSION_STATUS, str_printf(&reading->scope->arena, "%d", (int)reading->visit->status));
}

static void read_visit(struct reading *reading)
{
    const struct visit *visit = reading->visit;
    enum counted kind = visit->route->kind;
    bool is_for_people = kind == COUNTED_PAGE || kind == COUNTED_EMBED;
    bool is_good = visit->status == 200 || visit->status == 206 || visit->status == 304;
    add_totals(reading);
    if (is_robot(reading, is_for_people)) {
        read_robot(reading);
        return;
    }
    reading->outcome->mark = mark_of(reading);
    if (kind == COUNTED_TILE) {
        reading->outcome->measures = BIT(TILES);
    } else if (!is_for_people) {
        read_call(reading);
    } else if (is_good) {
        (kind == COUNTED_PAGE ? read_view : read_embed)(reading);
    }
    if (visit->status >= 400) {
        read_error(reading);
    }
}

void classify(struct classifier *classifier, const struct visit *visit, struct outcome *ret_outcome)
{
    struct scope scope;
    const struct snapshot *snapshot = NULL;
    struct reading reading = {.classifier = classifier, .visit = visit, .outcome = ret_outcome, .scope = &scope};
    scope_open(&scope);
    if (visit->route->has_dataset && classifier->catalog) {
        str id;
        snapshot = catalog_snapshot(classifier->catalog);
        if (url_decode(&scope.arena, visit_text_of(visit, VISIT_DATASET), false, &id)) {
            reading.dataset = snapshot_find(snapshot, id);
        }
    }
    reading.agent = agent_read(classifier->agents, visit_text_of(visit, VISIT_AGENT));
    read_visit(&reading);
    snapshot_unref(snapshot);
    scope_close(&scope);
}
