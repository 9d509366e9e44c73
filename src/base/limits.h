/*
 * Every limit that bounds what a client or a file can make the program do: name, value, reason.
 * Limits an operator may change are settings (platform/config/settings.def), not rows here.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define LIMIT_ARENA_BYTES (256u << 20)     /* one unit of work; above it the request is refused */
#define LIMIT_JSON_DEPTH 64                /* nesting of JSON read or written */
#define LIMIT_JSON_BYTES (16u << 20)       /* metadata files and request bodies */
#define LIMIT_CLAUSE_BYTES (16u << 10)     /* text of one ODSQL clause */
#define LIMIT_CLAUSE_NODES 4096            /* nodes of one ODSQL clause's tree */
#define LIMIT_CLAUSE_DEPTH 64              /* nesting of one ODSQL clause */
#define LIMIT_LIST_ITEMS 1000              /* literals in one IN list, items in one clause list */
#define LIMIT_SEARCH_WORDS 16              /* words of one full-text query */
#define LIMIT_QUERY_PARAMETERS 200         /* parameters of one query string */
#define LIMIT_QUERY_BYTES (64u << 10)      /* query string */
#define LIMIT_FORM_ITEMS 1000              /* fields of one form */
#define LIMIT_FORM_BYTES (256u << 10)      /* body of a form without files */
#define LIMIT_BODIES_BYTES (256u << 20)    /* all request bodies in memory at once; above it 503 */
#define LIMIT_COOKIES 200                  /* cookies read of one request; later ones are not seen */
#define LIMIT_PATH_BYTES 4096              /* path of a URL */
#define LIMIT_REFINES 100                  /* refine + exclude parameters */
#define LIMIT_FACETS 50                    /* facets asked in one request */
#define LIMIT_FIELDS 1000                  /* fields of one dataset */
#define LIMIT_NAME_BYTES 100               /* dataset ids, field names */
#define LIMIT_RECORD_BYTES (32u << 20)     /* one record of an imported file */
#define LIMIT_LINE_BYTES (4 << 20)          /* one line of an imported CSV file */
#define LIMIT_PAGE_ROWS 100                /* Explore API: limit without group_by */
#define LIMIT_PAGE_ROWS_DEFAULT 10         /* the same, where the question names no limit */
#define LIMIT_PAGE_WINDOW 10000            /* Explore API: offset + limit without group_by */
#define LIMIT_GROUP_ROWS 20000             /* Explore API: limit, offset + limit with group_by */
#define LIMIT_ANSWER_BYTES (64u << 20)     /* an answer built in memory: records, groups, datasets */
#define LIMIT_SPOOL_BYTES ((uint64_t)16 << 30) /* one export written to disk before it is sent */
#define LIMIT_ARCHIVE_ENTRIES 10000        /* of a ZIP archive that is imported */
#define LIMIT_ARCHIVE_BYTES ((uint64_t)4 << 30)    /* of such an archive, unpacked */
#define LIMIT_CELL_BYTES (1u << 20)        /* a text in a workbook that is imported; Excel has 32767 letters */
#define LIMIT_SHARED_STRINGS_BYTES (512u << 20) /* texts that cells of a workbook share, held in memory */
#define LIMIT_DOCUMENT_BYTES ((uint64_t)256 << 20) /* KML, GPX, TopoJSON: their readers hold them in memory */
#define LIMIT_FACET_VALUES 100             /* Explore API: default values per facet */
#define LIMIT_TILE_ZOOM 22                 /* of vector tiles: units of a millimetre or two */
#define LIMIT_TILE_POINTS 1000             /* shown one by one in one tile; more are counted in cells */
#define LIMIT_TILE_SHAPES 5000             /* drawn in one tile */
#define LIMIT_TILE_BYTES (2u << 20)        /* of a tile; a shape that passes it is the last */
#define LIMIT_TILE_PROPERTIES 8            /* fields that a tile carries along */
#define LIMIT_TILE_INDEX_POINTS 2000000    /* of a map that are held in memory for its tiles */
#define LIMIT_TILE_INDEX_TEXTS (64u << 20) /* bytes that their different texts take */
#define LIMIT_FACET_LEVELS 32              /* levels of a hierarchical facet value; deeper ones stay joined */

#endif
