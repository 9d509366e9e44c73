/* The columns of the table of records: which are shown, what they are sorted by, and the choice of them. */
#ifndef WEB_FRONT_TABLE_H
#define WEB_FRONT_TABLE_H

#include "web/front/dataset_page.h"

#define COLUMNS_DEFAULT 30 /* shown when the address names none */
#define COLUMNS_MOST 100   /* shown at once */
#define COLUMNS_TICKED 150 /* with more fields than this they are chosen by their names */

/* What the templates of the table show. */
struct table;

/**
 * Reads the page of the table that the address asks for; NULL: rows alone were asked for, and the answer is sent.
 * A visitor's fault is the page's. In the call's arena. Errors: ERR_PARAMETER (rows), those of reading.
 */
enum err table_show(struct dataset_page *page, const struct table **ret_table) must_check;

struct column_view {
    str name, title, unit, id;
    str address;   /* sorts by it; empty: it cannot be sorted */
    str order;     /* aria-sort: "ascending", "descending"; empty: neither */
    bool is_number;
};
extern const struct tpl_struct column_struct;

struct column_choice {
    str name, title;
    bool chosen;
};

struct table_columns {
    const struct field *const *fields;
    size_t count;
    str sort;             /* [-]FIELD by which records come; empty: as in the file */
    bool is_chosen;       /* by the address */
    bool has_more;        /* not all fields are shown */
};

/**
 * The columns that the address names (columns=a,b or repeated), else the dataset's own, else the first ones.
 * Errors: ERR_PARAMETER (no such field).
 */
enum err table_columns_read(struct dataset_page *page, struct table_columns *ret_columns) must_check;

/** Items of struct column_view. */
struct tpl_list table_columns_views(struct dataset_page *page, const struct table_columns *columns);

/** Items of struct column_choice: all fields. */
struct tpl_list table_columns_choices(struct dataset_page *page, const struct table_columns *columns);
extern const struct tpl_struct column_choice_struct;

/** Names of the columns from a place of all fields on, joined by commas; empty: there are none. */
str table_columns_names(struct dataset_page *page, size_t from);

/** Names of the columns that are shown, joined by commas. */
str table_columns_shown(struct dataset_page *page, const struct table_columns *columns);

#endif
