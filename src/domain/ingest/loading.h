/* One load under way, shared by the files of this directory. Private to it. */
#ifndef DOMAIN_INGEST_LOADING_H
#define DOMAIN_INGEST_LOADING_H

#include "domain/ingest/source.h"

#define NO_COLUMN SIZE_MAX

struct layout;

/* Where the values of a field come from; parallel to the fields of the schema. */
struct origin {
    size_t column;              /* of the file; NO_COLUMN: made, or only in the old records */
    size_t latitude, longitude; /* columns a point is made of; NO_COLUMN: none */
    bool type_is_fixed;         /* asked for, or that of the old records: other values are bad */
    bool is_old;                /* the old records have it */
    bool is_hidden;             /* left out of the schema in the end */
    str date_format;            /* in which its column has dates; p == NULL: found out */
    str new_name;               /* p == NULL: the field keeps its name */
};

struct loading {
    struct scope *scope;
    struct db_lease *lease;
    const struct ingest_options *options;
    struct file_source source;
    struct schema schema;
    struct origin *origins;
    VEC(struct remark) notes;
};

/* ---- schema.c ---- */

/** Looks at the values of a relation: types they allow, how many differ. */
enum err survey(struct loading *loading, const struct sql *relation) must_check;

/** Whether texts of two numbers under this field name are taken for a place. */
bool name_suggests_point(str name);

/** Makes schema and origins of what the survey found and the caller asked for. */
enum err make_schema(struct loading *loading) must_check;

/* ---- choice.c ---- */

/** Gives fields the names that were asked for, and leaves out those that are hidden. Errors: ERR_METADATA. */
enum err choose_fields(struct loading *loading) must_check;

/* ---- value.c ---- */

/** Whether the file is read as JSON values rather than as text cells. */
bool is_json_source(const struct loading *loading);

/** Definitions of all columns for CREATE TABLE, "_key" included. */
void add_definitions(const struct loading *loading, struct sql *out);

/** Expressions of all columns over the file's relation, each with its name. */
void add_columns(const struct loading *loading, struct sql *out);

/**
 * What is made of columns that stand under their names: the boxes around shapes, and the record's key
 * as "_key".
 */
void add_made_columns(const struct loading *loading, struct sql *out);

/** Names of the engine's columns that hold a field's value: one, or longitude and latitude. Returns how many. */
size_t column_names(struct arena *arena, const struct field *field, str ret_names[2]);

/** The mask of a column's raw value. */
void add_value_mask(const struct loading *loading, const struct source_column *column,
                    struct sql *out);

/** function(value) */
void add_call(struct sql *out, const char *function, const struct sql *value);

/** mask(value) of a field, of what its reader reads: a JSON string of digits may be a number. */
void add_mask(const struct loading *loading, size_t field, struct sql *out);

/** is_formed(value) of a field whose dates have a form that was chosen. */
void add_form_check(const struct loading *loading, size_t field, struct sql *out);

/** Bits that mask must have one of to be read as the field's type; 0: everything is. */
int readable_mask(const struct loading *loading, size_t field);

/* ---- rejects.c ---- */

/** Appends mask(value) & bits = 0, of a field whose type is fixed; false, and nothing, for others. */
bool add_bad_condition(const struct loading *loading, size_t field, struct sql *out);

/** The number of a record, or of its row in a sheet. */
void add_number(const struct loading *loading, bool of_row, struct sql *out);

/* Where a record is, for programs, and in parts for people. */
struct place {
    str text, kind, number; /* kind: "row", "line" or "record" */
};

/** Where the record of this number is, in which value stands. */
struct place place_of(struct loading *loading, int64_t record, str value);

/** A value as people wrote it: texts of JSON and of workbooks come in quotation marks. Cut to what a message holds. */
str shown_value(const struct loading *loading, str value);

/** How records lie in the text file, in the scope's arena; NULL: lines say nothing of them. */
const struct layout *layout_of(struct loading *loading);

/** Appends the condition that a row of the relation is bad; false, and nothing, when none can be. */
bool add_bad_rows(const struct loading *loading, struct sql *out);

/** Replaces a reader's ERR_DATA by one that names file, line or record, column, value and type. */
enum err explain_bad_row(struct loading *loading, enum err result) must_check;

/** Writes left-out rows to the rejects file; ret_rejected is how many there were. */
enum err save_rejects(struct loading *loading, int64_t *ret_rejected) must_check;

/* ---- emptied.c ---- */

/** Counts the cells that were left empty because they did not fit, by field, with the first of them. */
enum err count_emptied(struct loading *loading, struct ingest_result *result) must_check;

/* ---- line.c ---- */

/* How records lie in a text file. */
struct layout {
    char quote;            /* 0: none */
    bool header;           /* the first record does not count */
    bool one_column;       /* CSV: an empty line is a record */
    int64_t skipped_lines; /* in front of the header */
};

/**
 * Line (from 1) on which the n-th record (from 1) of a text file begins, if value stands in that
 * record; 0 when that is not sure.
 */
int64_t find_line(const char *path, int64_t record, str value, const struct layout *layout);

#endif
