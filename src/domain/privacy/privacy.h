/*
 * What the portal may set and load in a browser: the registry of cookies (cookies.def) and of external
 * services, the visitor's consent, and what follows from both. Knows neither HTTP nor HTML.
 * Source: cookies-and-privacy.md 2.5, 3, 6.
 */
#ifndef DOMAIN_PRIVACY_PRIVACY_H
#define DOMAIN_PRIVACY_PRIVACY_H

#include "domain/catalog/catalog.h"
#include "platform/crypto/crypto.h"
#include "platform/i18n/message.h"
#include "platform/i18n/translated.h"

/* ---- cookies ---- */

/* Why something is set or loaded. Only the first needs no consent. */
enum purpose {
    PURPOSE_NECESSARY,
    PURPOSE_STATISTICAL, /* measuring that is not anonymous beyond tracing; ours is, and sets nothing */
    PURPOSE_CONTENT,     /* content embedded from elsewhere: maps, videos */
    PURPOSE__COUNT
};

/* Who sets it: apart from why (two independent fields). */
enum party { PARTY_FIRST, PARTY_THIRD };

enum cookie_id {
#define COOKIE(id, name, purpose, http_only, same_site, max_age, set_by, key) COOKIE_##id,
#include "domain/privacy/cookies.def"
#undef COOKIE
    COOKIE__COUNT
};

struct cookie_entry {
    const char *name;
    enum purpose purpose;
    bool http_only;
    const char *same_site;
    int64_t max_age;         /* seconds; the most that a setter may give */
    enum message function;   /* e.g. "Authentication" */
    enum message purpose_text;
    enum message when;       /* when it is set */
    const char *set_by;      /* "server": by an answer of ours; "script": by a page's script */
};

const struct cookie_entry *cookie_entry(enum cookie_id id);

/** COOKIE__COUNT for a name that is not ours. */
enum cookie_id cookie_find(str name);

/** "necessary", "statistical", "content": names in JSON, forms and the database. */
const char *purpose_name(enum purpose purpose);
/** PURPOSE__COUNT for another name. */
enum purpose purpose_find(str name);
enum message purpose_title(enum purpose purpose);   /* message purpose.NAME.title */
enum message purpose_text(enum purpose purpose);    /* message purpose.NAME.text: one sentence */

/* ---- external services ---- */

/* What a page loads from a host; each is a directive of the Content-Security-Policy. */
enum load { LOAD_FRAME, LOAD_IMAGE, LOAD_SCRIPT, LOAD_STYLE, LOAD_FONT, LOAD_MEDIA, LOAD_CONNECT, LOAD__COUNT };

/** "frame", "image", "script", "style", "font", "media", "connect". */
const char *load_name(enum load load);
/** For people: message load.NAME. */
enum message load_title(enum load load);
enum message party_title(enum party party); /* party.first, party.third */

struct service_host {
    str origin;     /* "https://tiles.example.org"; its first label may be "*" */
    unsigned loads; /* bits 1 << enum load */
};

struct service_cookie {
    str name, lifetime;          /* lifetime as text, e.g. "13 months" */
    struct translated purpose;
    enum party party;            /* PARTY_FIRST: kept under the portal's own name, by the service's script */
    str path, domain;            /* of the first party's: where the script puts it; domain empty: this host alone */
};

struct service_embed {
    str id;                      /* [a-z0-9-], unique in the portal: its page is /embedded/ID */
    str address;                 /* https, of a declared LOAD_FRAME host */
    struct translated title;
    int64_t height;              /* pixels */
    bool on_home;                /* shown on the home page */
};

/* A map of tiles that people can choose in place of the portal's own, after consent. */
struct service_basemap {
    str tiles;                   /* https, of a declared LOAD_CONNECT host, with {z}, {x} and {y}; empty: there is none */
    struct translated title;
    str attribution;             /* who made it, as its licence wants it said */
    int64_t zoom_most;
};

/* What an administrator embeds from elsewhere. */
struct service {
    str id;                      /* [a-z0-9-]{1,40} */
    int number;                  /* 0 … 63: its bit in the visitor's choice; never used again for another */
    str name;
    str provider;                /* legal name */
    str location;                /* where the provider is, e.g. "Ireland" */
    str policy_url;
    enum purpose purpose;        /* never PURPOSE_NECESSARY: what the portal needs, it serves itself */
    struct translated description; /* why, one sentence */
    const struct service_host *hosts;
    size_t host_count;
    const struct service_cookie *cookies;
    size_t cookie_count;
    const struct service_embed *embeds;
    size_t embed_count;
    struct service_basemap basemap;
    str script;                  /* address of a script that each page loads after consent; may be empty */
};

#define SERVICES_MOST 64

/* The declared services and the revision of what visitors are asked. Immutable, counted. */
struct registry {
    const struct service *services; /* by id */
    size_t service_count;
    int64_t revision;            /* raised by changes that need new consent; 1 at first */
    usec changed;                /* when that revision began */
    str revision_hash;           /* hex SHA-256 of the declaration frozen with that revision */
    str hash;                    /* hex SHA-256 of the declaration: the ETag */
    str declaration;             /* JSON of everything (see docs), made once */
};

struct privacy;

struct privacy_options {
    int64_t consent_seconds;     /* lifetime of a choice; 0: that of cookies.def, 180 days */
    str controller;              /* who runs the portal: name and address on the policy and in receipts */
    str public_url;
    bool is_https;               /* the portal is reached over HTTPS: cookies are Secure */
};

/** Makes the tables where they are missing, in a transaction. */
enum err privacy_make_tables(struct scope *scope, struct db_lease *lease) must_check;

/** Their names, in the order of their references. */
const struct stored_table *privacy_tables(size_t *ret_count);

/** Makes tables where missing and reads the registry. receipt_seed: Ed25519 seed of receipts. Undone by privacy_close. */
enum err privacy_open(struct scope *scope, struct catalog *catalog, const struct privacy_options *options,
                      const uint8_t receipt_seed[SECRET_BYTES], struct privacy **ret_privacy) must_check;
void privacy_close(struct privacy *privacy);

/** Who runs the portal, as set; empty: nobody was named. */
str privacy_controller(const struct privacy *privacy);

/** Reads the services again when another process changed them. Called with the catalogue's refresh. */
enum err privacy_refresh(struct scope *scope, struct privacy *privacy) must_check;

/** The current registry; undone by registry_unref. Any thread. */
const struct registry *privacy_registry(struct privacy *privacy);
void registry_unref(const struct registry *registry);

/** NULL: none of that id. */
const struct service *registry_service(const struct registry *registry, str id);
const struct service_embed *registry_embed(const struct registry *registry, str id,
                                           const struct service **ret_service);

/**
 * The declared cookie of a service's script that a cookie of the portal's own name is; NULL: none.
 * Names of our own are never one.
 */
const struct service_cookie *registry_cookie(const struct registry *registry, str name,
                                             const struct service **ret_service);

/** Whether anything at all needs consent: without, there is no banner. */
bool registry_needs_consent(const struct registry *registry);

/**
 * Declares or replaces a service from JSON (docs/privacy.md). A new service, host, cookie, purpose or
 * script raises the revision; a change of words alone does not. Errors: ERR_METADATA (what, where), ERR_CONFLICT (64 are declared).
 */
enum err service_put(struct scope *scope, struct privacy *privacy, str json, str *ret_id) must_check;
/**
 * What service_put would do: the service as it would be, and whether visitors would be asked again.
 * Errors: as service_put, but for the number of services.
 */
enum err service_preview(struct scope *scope, struct privacy *privacy, str json,
                         struct service *ret_service, bool *ret_asks_again) must_check;
/** Removes a service; its number is kept for it and never given to another. Errors: ERR_NO_SERVICE. */
enum err service_remove(struct scope *scope, struct privacy *privacy, str id) must_check;

/** Its declaration as JSON on several lines, fit for service_put again. */
str service_document(struct arena *arena, const struct service *service);

/* ---- revisions: what visitors were asked, frozen ---- */

/* Where a revision's frozen text is published, its number behind it; receipts name it. */
#define REVISION_PATH "/cookies/revisions/"

struct revision {
    int64_t number;
    usec began;
    str hash;         /* of declaration */
    str declaration;  /* JSON as it was; empty in lists */
};

/** Latest first, without their declarations. */
enum err revision_list(struct scope *scope, struct privacy *privacy, const struct revision **ret_rows,
                       size_t *ret_count) must_check;

/** One revision, whole. Errors: ERR_NO_SERVICE (no such revision). */
enum err revision_find(struct scope *scope, struct privacy *privacy, int64_t number,
                       struct revision *ret_revision) must_check;

/* One difference between two revisions, for people. */
struct revision_change {
    enum revision_change_kind { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED } kind;
    str service;      /* name; of "banner": of the language */
    str what;         /* "service", "name", "provider", "location", "policy_url", "description", "purpose",
                         "hosts", "cookies", "script", "banner" */
    str before, after;
};
/** What changed from one revision to the next. Errors: ERR_NO_SERVICE (no such revision). */
enum err revision_compare(struct scope *scope, struct privacy *privacy, int64_t from, int64_t to,
                          const struct revision_change **ret_changes, size_t *ret_count) must_check;

/* ---- consent ---- */

struct consent {
    bool chosen;            /* a valid choice for the current revision; all else is then false or 0 */
    bool outdated;          /* a choice was there, of an earlier revision: ask again and say what changed */
    int64_t revision;       /* of the choice, also when outdated */
    unsigned purposes;      /* bits 1 << enum purpose accepted as a whole */
    uint64_t services;      /* bits 1 << service.number accepted */
    int64_t day;            /* days since 1970 of the choice */
    bool objects;           /* does not want visits to be counted; apart from all else, also when nothing is chosen */
    bool signal;            /* Sec-GPC or DNT: a refusal as long as nothing was chosen */
};

/**
 * Reads the cookie's value (STR_NONE: absent). Garbage, a future day, an unknown revision and an age beyond
 * the lifetime count as no choice. gpc and dnt: values of the headers Sec-GPC and DNT; only "1" counts.
 */
struct consent consent_read(const struct privacy *privacy, const struct registry *registry, str cookie,
                            str gpc, str dnt, usec now);

/**
 * Value of cookies_preferences: v1.REVISION.PURPOSES.SERVICES.DAY, under 60 bytes, no identifier. Who objects to being
 * counted has ".n" behind it; with REVISION 0, when there is no choice besides.
 */
str consent_write(struct arena *arena, const struct consent *consent);

/** Whether a value of cookies_preferences objects to being counted; it need not be valid otherwise. Fast. */
bool consent_objects(str cookie);

/** Whether something of a service may be loaded. Absence never means yes. */
bool consent_allows(const struct consent *consent, const struct service *service);

/** The choice "all" and the choice "nothing but necessary", of today. */
struct consent consent_all(const struct registry *registry, usec now);
struct consent consent_none(const struct registry *registry, usec now);

int64_t consent_lifetime(const struct privacy *privacy); /* seconds */

enum consent_way { WAY_BANNER, WAY_PAGE, WAY_PLACEHOLDER, WAY__COUNT };

/** "banner", "page", "placeholder". */
const char *consent_way_name(enum consent_way way);

/** Adds one to the count of such choices of the day: revision, language, way, purposes; nothing else is kept. */
void consent_count(struct scope *scope, struct privacy *privacy, const struct consent *consent,
                   language lang, enum consent_way way);

struct consent_figure {
    str day;          /* YYYY-MM-DD */
    int64_t revision;
    str language;
    enum consent_way way;
    unsigned purposes;
    int64_t count;
};
enum err consent_figures(struct scope *scope, struct privacy *privacy, const struct consent_figure **ret_rows,
                         size_t *ret_count) must_check;

/* ---- receipts (cookies-and-privacy.md 3.6) ---- */

/**
 * Signed JSON statement of a choice: controller, time, revision, language, each purpose and service with
 * yes or no, address of the frozen text, key id, signature. id: random, shown this once; empty: a statement without.
 */
str receipt_make(struct scope *scope, const struct privacy *privacy, const struct registry *registry,
                 const struct consent *consent, language lang, str id);

/** Checks a receipt against a public key. Errors: ERR_DATA (what is wrong). *ret_summary: its contents, for people. */
enum err receipt_verify(struct scope *scope, const uint8_t key[PUBLIC_KEY_BYTES], str json, str *ret_summary) must_check;
void receipt_public_key(const struct privacy *privacy, uint8_t ret_key[PUBLIC_KEY_BYTES]);

/** How receipts name a key: the first 16 hex digits of its SHA-256. */
str receipt_key_id(struct arena *arena, const uint8_t key[PUBLIC_KEY_BYTES]);

/* ---- what follows ---- */

/**
 * The Content-Security-Policy of a page: 'self' for all, what the visitor accepted, and for once also one
 * service (NULL: none). nonce: of the page's own inline elements, empty: none are there.
 * frame_ancestors: "'none'", "'self'" or a list of origins. trusted_types: names of the policies by which scripts
 * of the page may make addresses of scripts, separated by blanks; empty: none may.
 */
str content_security_policy(struct arena *arena, const struct registry *registry,
                            const struct consent *consent, const struct service *once, str nonce,
                            str frame_ancestors, str trusted_types, bool is_https);

/** /.well-known/gpc.json: true only when nothing third-party is loaded without consent; derived from the registry. */
str gpc_statement(struct arena *arena, const struct registry *registry);

/* ---- cookies that are not ours ---- */

/** Counts a request cookie whose name is not declared, by name only; bounded. */
void privacy_notice_unknown(struct privacy *privacy, str name);

struct unknown_cookie {
    str name;
    int64_t count;
    usec first, last;
};
enum err privacy_unknown_cookies(struct scope *scope, struct privacy *privacy,
                                 const struct unknown_cookie **ret_rows, size_t *ret_count) must_check;

/** Writes counts kept in memory. Call once a minute and before closing. */
void privacy_upkeep(struct scope *scope, struct privacy *privacy);

#endif
