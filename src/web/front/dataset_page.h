/*
 * The pages of a dataset: what its tabs share. A tab opens a dataset_page, reads what it shows under the
 * page's clauses, and has it sent inside the common frame: title, tabs, filters (filter.h).
 */
#ifndef WEB_FRONT_DATASET_PAGE_H
#define WEB_FRONT_DATASET_PAGE_H

#include "platform/text/zone.h"
#include "web/front/condition_form.h"
#include "web/front/facets.h"
#include "web/front/value.h"
#include "web/shell/fault_text.h"

#define DATASET_PATH S("/explore/dataset/")

enum dataset_tab { TAB_INFORMATION, TAB_TABLE, TAB_MAP, TAB_ANALYZE, TAB_EXPORT, TAB_API, TAB__COUNT };

struct dataset_page {
    struct call *call;
    enum dataset_tab tab;
    const struct dataset *dataset; /* as the one who asks may see it, in the version that the address names */
    const struct dataset *current; /* in its current version */
    int64_t version;               /* that the address names; 0: none, it is the current one */
    const struct schema *schema;   /* with labels in his language */
    json_t *metadata;              /* parsed (catalog/metadata.h) */
    str lang;                      /* for values of the metadata */
    const struct zone *zone;       /* in which times are shown: the dataset's */
    str title, description;        /* of the dataset, without markup; never empty, perhaps empty */
    str path;                      /* of this tab, or of the embed */
    bool is_embed;                 /* in a frame of another site: records and the portal are for tabs of their own */
    str extra;                     /* further parameters of links within this tab, "a=b"; set by the tab */
    struct selection selection;    /* of who asks; kept on links */
    struct filter filter;
    struct clauses clauses;        /* of the filter, without select, group_by, limit and offset */
    struct records_lease lease;    /* when has_records */
    bool has_records;
    bool has_places;               /* a geo field */
    int64_t total;                 /* records that the filter leaves; 0 with a fault */
    str fault;                     /* what is wrong with the filter, for people; empty: nothing */
    struct fault_place place;      /* of fault */
    struct condition_input condition; /* a condition that the form sends */
    str leads_to;                  /* the address with that condition, to which the visitor is sent; empty: stay */
    struct tpl_list kept;          /* struct hidden_field, dataset_page_keep */
};

/**
 * Opens the page of the dataset that the address names, and counts what its filter leaves. A filter
 * that is wrong is no error here: fault says so, and the tab shows no records. ret_page is to be closed
 * in any case (cleanup_with(dataset_page_close)), a zeroed one too.
 * Errors: ERR_NO_DATASET; ERR_NO_ROUTE (the dataset has no such tab); those of reading.
 */
enum err dataset_page_open(struct call *call, enum dataset_tab tab, struct dataset_page *ret_page) must_check;
void dataset_page_close(struct dataset_page *page);

/**
 * Whether an error of reading is the visitor's fault (of the filter, or of a parameter): it is then
 * kept as the page's fault, and forgiven.
 */
bool dataset_page_excuse(struct dataset_page *page, enum err error);

/** Has the links and forms of the page keep a parameter of this tab's own, when the address has it. */
void dataset_page_keep(struct dataset_page *page, str name);

/** Adds a parameter to an address, with ? or &. In the call's arena. */
str dataset_address_with(const struct dataset_page *page, str address, str name, str value);

/** What dataset_page_keep has kept, as a query without its "?"; empty: nothing. */
str dataset_kept_query(const struct dataset_page *page);

/** Metadata value in the visitor's language; NULL: not set. Borrowed. */
json_t *dataset_page_value(const struct dataset_page *page, const char *template_name, const char *name);

/** The same as text; empty: not set, or no text. */
str dataset_page_text(const struct dataset_page *page, const char *template_name, const char *name);

/** Paths of a tab, and of what frames of other sites show of it (TAB_TABLE, TAB_MAP, TAB_ANALYZE). In the call's arena. */
str dataset_tab_path(const struct dataset_page *page, enum dataset_tab tab);
str dataset_embed_path(const struct dataset_page *page, enum dataset_tab tab);

/** Path of the dataset's pages: "/explore/dataset/ID/", with the version if the address names one. In the call's arena. */
str dataset_base_path(const struct dataset_page *page);

/** Path of a version's page, which stays. In the call's arena. */
str dataset_version_path(const struct dataset_page *page, int64_t version);

/** This page's own address with its filter and what it keeps; numbers above 1 are those of a page of records. */
str dataset_page_address(struct dataset_page *page, int64_t number);

/**
 * Hidden fields of a form with one field of its own: the filter without a part, and what else the page keeps. Items of
 * struct hidden_field.
 */
struct tpl_list dataset_page_hidden(struct dataset_page *page, enum filter_kind left_out, str own);

/** Address of a tab of this dataset with the page's filter. In the call's arena. */
str dataset_tab_address(const struct dataset_page *page, enum dataset_tab tab);

/** "https://portal/api/explore/v2.1/catalog/datasets/ID" + path, in the call's arena. */
str dataset_api_address(const struct dataset_page *page, str path);

/** The page's filter as parameters of the API, percent-coded: "where=…&refine=…". In the call's arena. */
str dataset_api_query(const struct dataset_page *page);

/** The same without the filter: the version, where the address names one; else empty. */
str dataset_api_version(const struct dataset_page *page);

/** The limit= with which one question to the API gives all records of the filter; 0: it does without, or too many. */
int64_t dataset_api_limit(const struct dataset_page *page);

/** What facets and chips need to know of this page; shown: values of a facet at most. */
struct facet_context dataset_facet_context(struct dataset_page *page);

/* What a tab shows inside the frame. */
struct dataset_body {
    const struct tpl_binding *binding;
    const void *data;
    const char *scripts[PAGE_SCRIPTS_MOST]; /* filters.js comes by itself, when there is room */
    enum message title;   /* of the tab, behind the dataset's */
    bool has_filters;     /* filters stand beside it */
    bool is_live;         /* what is shown follows while somebody types words: the whole body may be replaced */
    bool is_indexed;
    int status;           /* 0: 200, or 400 where the filter is wrong */
    struct html head;
    const char *trusted_types; /* as of struct page */
};

/** Sends the page, or the visitor to leads_to. Errors: those of counting facets. */
enum err dataset_page_send(struct dataset_page *page, const struct dataset_body *body) must_check;

extern const struct tpl_binding dataset_frame_template;

#endif
