/* What is looked through of a dataset, as tokens (search.h). Private to this directory. */
#ifndef DOMAIN_CATALOG_SEARCH_TEXT_H
#define DOMAIN_CATALOG_SEARCH_TEXT_H

#include "base/buf.h"
#include "domain/catalog/field.h"

/* In the order of the index's columns and of enum search_part. */
enum { PART_TITLE, PART_KEYWORD, PART_PUBLISHER, PART_LABELS, PART_OTHER, PART_DESCRIPTION, PART__COUNT };

struct search_text {
    struct buf parts[PART__COUNT]; /* tokens separated by blanks; to be freed by search_text_done */
};

/** Collects the texts of a dataset. */
void search_text_make(struct scope *scope, str id, const struct schema *schema,
                      const json_t *metadata, struct search_text *ret_text);
void search_text_done(struct search_text *text);

/** A text of HTML without its tags; references become the letters they stand for, some without accents. */
str search_plain(struct arena *arena, str html);

#endif
