/* Records of two versions that are alike, where no field identifies them; and where two texts differ. */
#ifndef WEB_BACK_VERSIONS_PAIRS_H
#define WEB_BACK_VERSIONS_PAIRS_H

#include "base/json_read.h"
#include "domain/catalog/field.h"

/**
 * Of removed and added records, those that are most likely one record that was changed: at least half of the values
 * are the same, and no other record is as much alike. Returns for each removed one the place of the added one,
 * SIZE_MAX for none, in the arena.
 */
size_t *pair_records(struct arena *arena, const struct schema *schema, const json_t *removed, const json_t *added);

/* A text in three parts: what stands before and behind the other text's difference, too, shortened. */
struct text_parts {
    str start, middle, end;
};

/** What is the same at both ends of two texts, in whole words; all is middle where too little is. */
void split_texts(struct arena *arena, str before, str after, struct text_parts *ret_before,
                 struct text_parts *ret_after);

#endif
