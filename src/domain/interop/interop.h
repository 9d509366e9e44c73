/*
 * The catalogue in the forms that other programs read: tables, feeds, and the vocabularies by which
 * portals are harvested and found (DCAT, Dublin Core, Project Open Data, schema.org).
 *
 * A form is a row of catalogue_formats.def with an encoder, which is given one dataset after the
 * other and appends to a buffer that the caller empties; nothing grows with the number of datasets.
 */
#ifndef DOMAIN_INTEROP_INTEROP_H
#define DOMAIN_INTEROP_INTEROP_H

#include "domain/catalog/dataset.h"
#include "domain/records/format.h"
#include "domain/records/spool.h"

/* What descriptions of datasets say of the portal. */
struct interop_portal {
    str address;   /* scheme and host, without trailing slash */
    str catalogue; /* of the page with all datasets */
    str name;
    str lang;   /* of its name */
    str values; /* language in which values of the metadata are wanted; empty: as they are */
};

struct catalogue_options {
    struct format_options
        cells; /* csv: its options; use_labels: labels of the metadata as headings */
    const struct format *const *exports; /* formats of records to describe as distributions */
    size_t export_count;
    bool labels_in_exports; /* their addresses ask for labels where columns have headings */
};

/* One dataset to describe; made by entry_open. */
struct entry {
    const struct dataset *dataset;
    json_t *document; /* dataset object (explore-api.md 5.1) */
    str text;         /* the same as bytes */
    str address;      /* of its page */
    str lang;         /* of title, description, themes and keywords; empty: not known */
};

/** Reads the dataset object in the portal's language, into the scope's arena. Undone by
 * entry_close. Errors: ERR_DATABASE. */
enum err entry_open(struct scope *scope, const struct interop_portal *portal,
                    const struct dataset *dataset, struct entry *ret_entry) must_check;
void entry_close(struct entry *entry);

/** A value of the metadata, or NULL when it is not set. Borrowed from the entry. */
const json_t *entry_value(const struct entry *entry, const char *template_name, const char *name);

/** The same as text; empty when it is not set or no text. */
str entry_text(const struct entry *entry, const char *template_name, const char *name);

/** Texts of a value: of a list its items that are texts, of a text itself. n-th, or p == NULL
 * behind the last. */
str entry_item(const struct entry *entry, const char *template_name, const char *name, size_t n);

/** Title, description: never empty; the id where there is none, and the title. */
str entry_title(const struct entry *entry);
str entry_description(const struct entry *entry);

/** Whether records can be exported in that format: there are any, and places when it needs them. */
bool entry_has_export(const struct entry *entry, const struct format *format);

/** Address of an export of the dataset's records; with_labels asks for labels where columns have
 * headings. */
str entry_export_address(struct arena *arena, const struct interop_portal *portal,
                         const struct entry *entry, const struct format *format, bool with_labels);

struct frequency {
    str code;     /* of http://publications.europa.eu/resource/authority/frequency/ */
    str interval; /* ISO 8601, as R/P1D; may be empty */
};

/** How often the data change, as far as the metadata say it in known words or by a known IRI; else
 * NULL. */
const struct frequency *entry_frequency(const struct entry *entry);

/* ---- values ---- */

/** Whether address may be shown as a link to a page: a valid IRI of http or https. */
bool interop_is_web_address(str address);

/** "mailto:ada@example.org" for a mail address, with or without its scheme; percent-coded. */
str interop_mail_address(struct arena *arena, str mail);

/** Reads a date or a time with at least its day; without a zone it is UTC. */
bool interop_read_instant(str text, usec *ret_instant);

/** The same as "2026-02-03T10:11:12+00:00"; empty when text is no such date. */
str interop_instant(struct arena *arena, str text);

/** The day with which a date begins, "2026-02-03"; empty when text is no such date. */
str interop_day(str text);

/** "text/csv": the format's content type without parameters. */
str interop_media_type(const struct format *format);

/* ---- exports of the catalogue ---- */

struct catalogue_writing {
    struct scope *scope;
    struct interop_portal portal;
    struct catalogue_options options;
    const struct schema *columns; /* what the catalogue has values of ("template.name"); borrowed */
    str self;                     /* address of the export */
    struct buf *out;              /* borrowed */
    uint64_t datasets;            /* written so far */
    const char *spool_directory;  /* for the formats that are files */
    struct spool *file;           /* of those: gets the file at the end */
    void *state;                  /* the encoder's own, in the scope's arena */
};

/*
 * begin, then a call a dataset, then end; close in any case, also after a failure or without
 * begin's success. Members that do nothing are NULL. Arena memory of a dataset's call is reclaimed
 * after it.
 */
struct catalogue_encoder {
    enum err (*begin)(struct catalogue_writing *writing);
    enum err (*dataset)(struct catalogue_writing *writing, const struct entry *entry);
    enum err (*end)(struct catalogue_writing *writing);
    void (*close)(struct catalogue_writing *writing); /* frees state */
};

enum catalogue_format_flag {
    CATALOGUE_SELECTS = 1,
    CATALOGUE_FILE = 2 /* written whole as a file (writing.file) before it is sent */
};

struct catalogue_format {
    str name;
    str profile; /* of DCAT-AP, as "ch"; empty: the format is always offered */
    str file_name, content_type;
    unsigned flags; /* of enum catalogue_format_flag */
    const struct catalogue_encoder *encoder;
};

/** All formats in the order of the list. */
const struct catalogue_format *catalogue_formats_all(size_t *ret_count);

/** Format of that name, in which "-" may stand for "_"; NULL: there is none. */
const struct catalogue_format *catalogue_format_find(str name);

extern const struct catalogue_encoder catalogue_csv, catalogue_json, catalogue_xlsx, catalogue_rss,
    catalogue_data_json, catalogue_dcat_xml, catalogue_dcat_turtle, catalogue_dublin_core;

/* ---- one dataset ---- */

/**
 * Appends the dataset as an object of schema.org (Dataset) in JSON-LD. The characters < > & are
 * escaped, so that it may stand inside a <script> element.
 */
void schema_org_write(struct arena *arena, const struct interop_portal *portal,
                      const struct entry *entry, struct buf *out);

#endif
