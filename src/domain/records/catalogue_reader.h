/* The values of a facet of a source in a language, row by row. Private to this directory. */
#ifndef DOMAIN_RECORDS_CATALOGUE_READER_H
#define DOMAIN_RECORDS_CATALOGUE_READER_H

#include "base/bug.h"
#include "domain/records/catalogue_source.h"

struct value_reader {
    const struct value_column **columns; /* the first that has a value tells; the last has those in no language */
    size_t count;
    const struct value_texts *of; /* NULL: instants */
    size_t texts, sets;
};

/** Reader of a field of the source that is a facet. In the arena. */
struct value_reader value_reader_of(struct arena *arena, const struct catalogue_source *source,
                                    str lang, const struct field *field);

/** Code (catalogue_values.h) of a slot; 0: null. */
static inline uint32_t value_reader_code(const struct value_reader *reader, size_t slot)
{
    uint32_t code = 0;
    for (size_t i = 0; i < reader->count && !code; i++) {
        code = value_code(reader->columns[i], slot);
    }
    return code;
}

#endif
