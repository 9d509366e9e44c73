#include "web/front/vocabulary_label.h"

#include <stdio.h>

#define KEY_BYTES 100

enum message vocabulary_message(const struct vocabulary_term *term)
{
    char key[KEY_BYTES];
    bool is_frequency = term->in == VOCABULARY_FREQUENCY; /* whose messages are older than the other lists */
    str name = vocabulary_name(term->in);
    int n = snprintf(key, sizeof(key), "%s%.*s.%.*s", is_frequency ? "" : "vocabulary.", STR_ARG(name),
                     STR_ARG(term->code));
    return message_find((str){key, (size_t)n});
}

str vocabulary_label(language lang, const struct metadata_row *row, str value)
{
    bool is_closed;
    const struct vocabulary_term *term = vocabulary_find(vocabulary_of(row, &is_closed), value);
    return term ? message_plain(lang, vocabulary_message(term)) : value;
}
