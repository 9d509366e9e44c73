/*
 * Parameters of the Explore API v2.1 (explore-api.md 2.2): text of the query string in, clauses and
 * typed values out. Unknown parameters are ignored; an empty value counts as absent.
 */
#ifndef WEB_API_PARAMS_H
#define WEB_API_PARAMS_H

#include "domain/interop/interop.h"
#include "web/shell/call.h"

/* What kind of answer the parameters are for; it decides on limits and defaults. */
enum params_kind {
    PARAMS_PAGE,   /* limit 10, at most 100 (20000 with group_by), offset */
    PARAMS_EXPORT, /* everything unless limit says less, offset */
    PARAMS_WHOLE   /* no limit, offset, order_by or group_by: one record, facets, lists */
};

struct params {
    struct clauses clauses;
    const struct zone *zone;
    str lang;             /* Content-Language; "en" by default */
    bool include_links;
    bool include_app_metas;
    const str *facets;    /* values of facet */
    size_t facet_count;
    str field;             /* of a tile; empty: any */
    const str *properties; /* values of property */
    size_t property_count;
};

/**
 * Reads the parameters of a call. They live in the call's arena.
 * Errors: ERR_PARAMETER with the texts of explore-api.md 1.3; ERR_TOO_LARGE (LIMIT_CLAUSE_BYTES,
 * LIMIT_REFINES, LIMIT_FACETS).
 */
enum err params_read(struct call *call, enum params_kind kind, struct params *ret_params) must_check;

/** The version that is asked for by its number; 0: the current one. Errors: ERR_PARAMETER. */
enum err params_read_version(struct call *call, int64_t *ret_version) must_check;

/* Parameters of exports (explore-api.md 2.9). */
struct export_params {
    struct format_options options;
    bool is_compressed;
};

/** Reads the options of an export besides its clauses. Errors: ERR_PARAMETER. */
enum err params_read_export(struct call *call, const struct params *params,
                            struct export_params *ret_export) must_check;

/** Reads include_exports and use_labels_in_exports. Errors: ERR_PARAMETER. */
enum err params_read_distributions(struct call *call, struct catalogue_options *ret_options) must_check;

/** "Invalid value for … API parameter: … was found but … is expected." Returns ERR_PARAMETER. */
enum err params_refuse(struct call *call, str name, str value, str expected);

/** The same where one of some names is expected, with blanks between them. */
enum err params_refuse_all_but(struct call *call, str name, str value, str names);

/** Appends what makes answers to these parameters differ besides the plan's canonical text. */
void params_identify(const struct params *params, struct buf *identity);

#endif
