/*
 * Sitemaps (sitemaps.org 0.9): an index that names one file of pages and files of datasets, in the order of their
 * ids. Each address has those of the other languages beside it.
 */
#ifndef WEB_FRONT_SITEMAP_H
#define WEB_FRONT_SITEMAP_H

#include "domain/catalog/dataset.h"
#include "domain/site/site.h"

#define SITEMAP_DATASETS_MOST 5000 /* a file; with the links of six languages some 5 MB. 50,000 and 50 MB are allowed */

struct sitemap {
    str address;                            /* of the portal, without trailing slash */
    const struct dataset *const *datasets;  /* that everybody may see; borrowed */
    size_t count;
    size_t most; /* datasets a file */
    const struct site *site; /* its languages and pages of content; NULL: all languages, no pages */
};

/** How many files of datasets there are. */
size_t sitemap_files(const struct sitemap *sitemap);

/** The datasets of a file, from 1: *ret_first and *ret_end are places. False: there is no such file. */
bool sitemap_range(const struct sitemap *sitemap, size_t number, size_t *ret_first, size_t *ret_end);

/** Appends the index, and the file of pages. */
void sitemap_write_index(struct buf *out, const struct sitemap *sitemap);
void sitemap_write_pages(struct buf *out, const struct sitemap *sitemap);

/* A file of datasets, in pieces. */
void sitemap_begin(struct buf *out);
void sitemap_add_dataset(struct buf *out, const struct sitemap *sitemap, const struct dataset *dataset);
void sitemap_end(struct buf *out);

#endif
