/*
 * Anonymous statistics (cookies-and-privacy.md 3.3 and 4; docs/decisions/0037-anonymous-statistics.md). A request leaves a
 * visit in memory, which one thread takes apart within a fraction of a second: what remains are sums, by the rows of
 * analytics.def and nothing else, and marks of visitors that are forgotten at midnight (UTC) with the key they were
 * made with. Addresses, user agents and marks are never written anywhere.
 */
#ifndef DOMAIN_ANALYTICS_ANALYTICS_H
#define DOMAIN_ANALYTICS_ANALYTICS_H

#include "domain/catalog/catalog.h"
#include "platform/i18n/message.h"

enum measure {
#define MEASURE(name, key, people) MEASURE_##name,
#include "domain/analytics/analytics.def"
    MEASURE__COUNT
};

enum dimension {
#define DIMENSION(name, key, most) DIMENSION_##name,
#include "domain/analytics/analytics.def"
    DIMENSION__COUNT
};

enum grain { GRAIN_HOUR, GRAIN_DAY, GRAIN_MONTH, GRAIN__COUNT };

const char *measure_key(enum measure measure);     /* "pageviews", as stored and in JSON */
const char *dimension_key(enum dimension dimension); /* "country"; empty: DIMENSION_NONE */
const char *grain_key(enum grain grain);           /* "hour", "day", "month" */
bool measure_find(str key, enum measure *ret_measure);
bool dimension_find(str key, enum dimension *ret_dimension);
enum message measure_title(enum measure measure);      /* message statistics.measure.KEY */
enum message dimension_title(enum dimension dimension); /* message statistics.dimension.KEY */
/** Whether analytics.def lets a measure be counted by a dimension. */
bool measure_has(enum measure measure, enum dimension dimension);
/** The measure that says from how many people or programs the figures of a measure come; MEASURE__COUNT: nobody's. */
enum measure measure_people(enum measure measure);

/** Hour, day or month since 1970 of an instant, and the first one of a day. */
int64_t period_of(enum grain grain, usec instant);
int64_t period_of_day(enum grain grain, int64_t day);
int64_t period_first_day(enum grain grain, int64_t at);
/** "2026-11-27T10:00Z", "2026-11-27", "2026-11". */
str period_text(struct arena *arena, enum grain grain, int64_t at);

/* Ids of the datasets that figures are published as begin with it: those of the API source monitoring. */
#define STATISTICS_DATASET "monitoring-"

/* ---- counting ---- */

/* What answers of a route count as. */
enum counted {
    COUNTED_NOT,
    COUNTED_PAGE,
    COUNTED_CALL,       /* of the API */
    COUNTED_EXPORT,     /* a call that downloads */
    COUNTED_TILE,
    COUNTED_EMBED,
    COUNTED_ATTACHMENT
};

/* A route, as far as it is counted. */
struct counted_route {
    enum counted kind;
    const char *name, *pattern;
    bool has_dataset; /* the first {} of the pattern is a dataset's id */
};

enum visit_access { VISIT_ANONYMOUS, VISIT_KEY, VISIT_SESSION };

/* Texts of a request, as sent; what is longer than VISIT_TEXT_BYTES is cut. */
enum visit_text {
    VISIT_DATASET, /* the first {} of the path */
    VISIT_DETAIL,  /* the second one */
    VISIT_QUERY,
    VISIT_AGENT,
    VISIT_REFERRER,
    VISIT_LANGUAGES,
    VISIT_HOST,
    VISIT__TEXTS
};
#define VISIT_TEXT_BYTES 1024

/* A request, on its way to the thread that counts. */
struct visit {
    uint32_t bytes_of_visit; /* all of it, a multiple of 8 */
    bool is_complete, from_store;
    usec duration;
    uint64_t bytes;
    int64_t records;
    uint64_t likeness; /* of what follows, once it is handed over */
    /* From here on it is equal in requests that count alike. */
    const struct counted_route *route;
    _Atomic int64_t key;  /* of the API, when access is VISIT_KEY */
    int32_t status;
    _Atomic uint8_t access;
    uint8_t address_bytes; /* 4, 16, or 0: not known */
    uint8_t address[16];
    uint16_t lengths[VISIT__TEXTS];
    char text[];
};

struct analytics;

struct analytics_options {
    struct catalog *catalog; /* borrowed */
    usec (*clock)(void);     /* clock_wall, or another one for tests */
    const char *geoip;       /* file of IPv4 ranges and countries, beside it one of IPv6; NULL: none */
    str own_host;            /* of the public URL: referrers from there are none; may be empty */
    int threshold_public, threshold_inside;
    int days_of_hours, months_of_days; /* how long they are kept */
    const uint8_t *first_key; /* of SECRET_BYTES, for tests; NULL: drawn, as are those of all days after */
    bool has_campaigns;      /* utm_campaign in addresses is read */
    bool is_public;          /* /analytics and the source monitoring are for everybody */
};

/** Makes the table where it is missing, in a transaction. */
enum err analytics_make_tables(struct scope *scope, struct db_lease *lease) must_check;
const struct stored_table *analytics_tables(size_t *ret_count);

/** Reads the countries and starts counting. Undone by analytics_close. Errors: ERR_FILE, ERR_DATA (geoip). */
enum err analytics_open(struct scope *scope, const struct analytics_options *options,
                        struct analytics **ret_analytics) must_check;

/** Writes what was counted, forgets the rest and frees. No thread counts any more. Accepts NULL. */
void analytics_close(struct analytics *analytics);

const struct analytics_options *analytics_settings(const struct analytics *analytics);

/** A visit in the arena, with its texts copied. Takes well under a microsecond. */
struct visit *visit_make(struct arena *arena, const struct counted_route *route, const uint8_t *address,
                         size_t address_bytes, const str texts[VISIT__TEXTS]);

/**
 * Hands a visit whose amounts are set to the thread that counts, by a queue of the calling thread without locks. When that
 * is full it is lost, and counted as such. Its route must stay until analytics_flush.
 */
void analytics_count(struct analytics *analytics, struct visit *visit);

/** Waits until all that was handed over before is counted, and was tried to be written. */
void analytics_flush(struct analytics *analytics);

/* ---- facts of now ---- */

struct analytics_facts {
    int64_t live;        /* visitors of the last five minutes, on all nodes */
    usec key_changed;    /* when the youngest key of all nodes was drawn */
    usec rolled;         /* when old rows were last deleted; 0: not yet */
    int64_t rolled_rows; /* … and how many */
    bool has_countries;
};
enum err analytics_facts(struct scope *scope, struct analytics *analytics, struct analytics_facts *ret_facts) must_check;

/* ---- retention ---- */

struct roll_up {
    int64_t hours, days, merged; /* rows deleted, and rows of months that went into "other" */
};

/** Deletes hours and days that are older than is kept, and merges small cells of closed months. */
enum err analytics_roll_up(struct scope *scope, struct catalog *catalog, const struct analytics_options *options,
                           struct roll_up *ret_result) must_check;

/**
 * The first day (since 1970) of which there are figures, 0: none, and the first one that was not yet published as records
 * of datasets, 0: all; the second notes the latter.
 */
enum err analytics_published(struct scope *scope, struct catalog *catalog, int64_t *ret_first, int64_t *ret_next) must_check;
enum err analytics_note_published(struct scope *scope, struct catalog *catalog, int64_t next) must_check;

/**
 * What the uses of the catalogue's datasets were last made for, as who makes them numbers it; 0: they never were, -1: for
 * figures that were purged since. The second notes it.
 */
enum err analytics_uses_made(struct scope *scope, struct catalog *catalog, int64_t *ret_for) must_check;
enum err analytics_note_uses(struct scope *scope, struct catalog *catalog, int64_t made_for) must_check;

/** Deletes figures of API keys, for a copy that has none: their numbers will be given to others. */
enum err analytics_forget_keys(struct scope *scope, struct db_lease *lease) must_check;

/** Deletes all figures before a day (since 1970), or all. *ret_rows: how many. */
enum err analytics_purge(struct scope *scope, struct catalog *catalog, int64_t before_day, int64_t *ret_rows) must_check;

#endif
